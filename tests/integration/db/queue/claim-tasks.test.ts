import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { claimTasks } from '../../../../server/db/queue/claim-tasks.ts'
import { findFillable } from '../../../../server/db/queue/held-objects.ts'
import { freshPool } from '../../../support/fresh-pool.ts'
import { fleet } from '../../../support/world/fleet.ts'
import { anyRoom, claimedSweep, owner } from './claimed-sweep.ts'

test('a task is claimed by nobody else while its lease lasts', async () => {
  const { pool, claimAs } = await claimedSweep()
  await expect(claimAs(randomUUID())).rejects.toThrow('nothing to claim')
  await pool.query(`UPDATE replica_task SET lease_until = now() - interval '1 ms'`)
  await claimAs(randomUUID())
})

test('while a master does not answer nothing is compared with it, but a first copy of what another whole copy holds begins', async () => {
  const pool = await freshPool()
  const world = fleet(pool)
  const [hpc, edge, cloud] = [await world.cluster('hpc'), await world.cluster('edge'), await world.cluster('cloud')]
  const [held, alone] = [await hpc.store.bucket('held'), await hpc.store.bucket('alone')]
  await (await held.replica(edge.store)).task('sweep')
  for (const bucket of [held, alone])
    await (await bucket.replica(cloud.store, { observed: 'absent' })).task('first_sync')
  const claimed = async (brokenMasters: string[]) => {
    const { fillable } = await findFillable(pool, brokenMasters, null)
    const claims = await claimTasks(pool, { owner, seconds: 30 }, { ...anyRoom, brokenMasters, fillable })
    return claims.map(({ kind, bucketId }) => [kind, bucketId])
  }
  expect(await claimed([hpc.store.id])).toEqual([['first_sync', held.id]])
  expect(await claimed([])).toHaveLength(2)
})

test.for([
  ['has become another kind of work', 'evict', ['held', 'other']],
  ['waits for a master that answers again', 'first_sync', ['held', 'other']],
  ['has a priority of its own', 'first_sync', ['held', 'other']],
] as const)(
  'of first copies that were found before, one that %s takes the place of no other',
  async ([what, kind, names]) => {
    const pool = await freshPool()
    const world = fleet(pool)
    const [hpc, edge, cloud] = [await world.cluster('hpc'), await world.cluster('edge'), await world.cluster('cloud')]
    const buckets = [await hpc.store.bucket('held'), await hpc.store.bucket('other')]
    for (const bucket of buckets) {
      await bucket.replica(edge.store)
      await (await bucket.replica(cloud.store, { observed: 'absent' })).task(kind, { masterStorageId: hpc.store.id })
    }
    if (what.includes('priority')) await world.policy(buckets[0]?.id ?? null, 'replication_priority', 5)
    const fillable = buckets.map(({ id }) => ({ bucketId: id, storageId: cloud.store.id }))
    const brokenMasters = what.includes('answers') ? [] : [hpc.store.id]
    const room = { ...anyRoom, otherwise: 2, brokenMasters, fillable }
    const claimed = (await claimTasks(pool, { owner, seconds: 30 }, room)).map(({ bucketId }) => bucketId)
    expect(buckets.filter(({ id }) => claimed.includes(id)).map(({ name }) => name)).toEqual(names)
  },
)

test.for(['bucket', 'link', 'window'] as const)(
  'work on the content of a copy is not begun while its %s holds it, and what takes copies away or looks at masters is',
  async (held) => {
    const pool = await freshPool()
    const world = fleet(pool)
    const [hpc, edge] = [await world.cluster('hpc'), await world.cluster('edge')]
    const bucket = await hpc.store.bucket('photos')
    await bucket.task('master_sweep')
    const replica = await bucket.replica(edge.store)
    await replica.task('sweep')
    const claimed = async () =>
      (await claimTasks(pool, { owner, seconds: 0 }, anyRoom)).map(({ kind }) => kind).toSorted()
    expect(await claimed()).toEqual(['master_sweep', 'sweep'])
    switch (held) {
      case 'bucket':
        await pool.query(`INSERT INTO bucket_pause (bucket_id, actor) VALUES ($1, 'somebody')`, [bucket.id])
        break
      case 'link':
        await pool.query(`INSERT INTO link_pause (from_storage_id, to_storage_id, actor) VALUES ($1, $2, 'somebody')`, [
          hpc.store.id,
          edge.store.id,
        ])
        break
      case 'window':
        await pool.query(
          `INSERT INTO closed_window (storage_id, closes_at, opens_at) VALUES ($1, now(), now() + interval '1 h')`,
          [edge.store.id],
        )
    }
    for (const kind of ['sweep', 'first_sync']) {
      await pool.query('UPDATE replica_task SET kind = $1 WHERE storage_id = $2', [kind, edge.store.id])
      expect(await claimed()).toEqual(['master_sweep'])
    }
    for (const kind of ['evict', 'release']) {
      await pool.query('UPDATE replica_task SET kind = $1 WHERE storage_id = $2', [kind, edge.store.id])
      expect(await claimed()).toEqual([kind, 'master_sweep'].toSorted())
    }
  },
)
