// Movers go round the copies with keys that wait, a page of them at a time.
import { expect, test } from 'vitest'
import type { Pool } from '../../../../server/db/core/pool.ts'
import { markObjects } from '../../../../server/db/queue/dirty-objects.ts'
import { isOfMaster } from '../../../../server/domain/links/link.ts'
import { createPairScan } from '../../../../server/replication/claims/pair-scan.ts'
import { freshPool } from '../../../support/fresh-pool.ts'
import { pagesTouched } from '../../../support/pages-touched.ts'
import { fleet } from '../../../support/world/fleet.ts'

/** Copies on edge, each with one key that waits, as for a master that is away. Ids of their buckets, in the order of the round. */
async function waiting(pool: Pool, count: number): Promise<string[]> {
  const world = fleet(pool)
  const [hpc, edge] = [await world.cluster('hpc'), await world.cluster('edge')]
  await pool.query(
    `WITH b AS (INSERT INTO bucket (id, name, state, master_storage_id, master_bucket_name)
       SELECT gen_random_uuid(), 'b' || i, 'active', $1, 'b' || i FROM generate_series(1, $3::int) i RETURNING id),
     r AS (INSERT INTO replica (id, bucket_id, storage_id, bucket_name, wanted, generation, epoch, observed)
       SELECT gen_random_uuid(), id, $2::uuid, 'b', true, 1, 1, 'complete' FROM b)
     INSERT INTO dirty_object (bucket_id, storage_id, key, not_before) SELECT id, $2::uuid, 'k', now() + interval '1 h' FROM b`,
    [hpc.store.id, edge.store.id, count],
  )
  await pool.query('ANALYZE')
  return (await pool.query<{ id: string }>('SELECT id FROM bucket ORDER BY id')).rows.map(({ id }) => id)
}

test('what has just changed waits for no page, however many copies wait there', async () => {
  const pool = await freshPool()
  const last = (await waiting(pool, 450)).at(-1) ?? ''
  const scan = createPairScan(5)
  const due = async () => {
    const { pairs, more } = await scan(pool)
    const copies = pairs.filter((pair) => !isOfMaster(pair))
    return { due: copies.filter((pair) => pair.due).map(({ bucketId }) => bucketId), of: copies.length, more }
  }
  expect(await due()).toEqual({ due: [], of: 200, more: true })
  await markObjects(pool, [{ bucketId: last, key: 'young', removed: false }])
  expect(await due(), 'of another page').toMatchObject({ due: [last], more: true })
  expect((await due()).due, 'of its own, once').toEqual([last])
  expect((await due()).due, 'of the first once more').toEqual([last])
  await pool.query(`UPDATE dirty_object SET not_before = now() - interval '6 s' WHERE key = 'young'`)
  expect((await due()).due, 'it is not young any more').toEqual([])
})

test('what has just changed is found however much a first sync finds right after it', async () => {
  const pool = await freshPool()
  const [first = '', ...others] = await waiting(pool, 450)
  const last = others.at(-1) ?? ''
  const scan = createPairScan(5)
  await scan(pool)
  await markObjects(pool, [{ bucketId: last, key: 'young', removed: false }])
  await pool.query(
    `INSERT INTO dirty_object (bucket_id, storage_id, key, initial)
     SELECT r.bucket_id, r.storage_id, 'bulk' || i, true FROM replica r, generate_series(1, 1000) i WHERE r.bucket_id = $1`,
    [first],
  )
  const { pairs } = await scan(pool)
  expect(pairs.filter((pair) => pair.due && !pair.bulk && !isOfMaster(pair)).map(({ bucketId }) => bucketId)).toContain(
    last,
  )
})

test('what has just changed is found by an index, however many keys wait', async () => {
  const pages: number[] = []
  for (const count of [250, 2500]) {
    const pool = await freshPool()
    const [first = ''] = await waiting(pool, count)
    await markObjects(pool, [{ bucketId: first, key: 'young', removed: false }])
    const scan = createPairScan(5)
    await pool.transaction(async (tx) => {
      const before = await pagesTouched(tx)
      await scan(tx)
      pages.push((await pagesTouched(tx)) - before)
    })
  }
  const [few = 0, many = 0] = pages
  expect(many).toBeLessThan(2 * few)
})
