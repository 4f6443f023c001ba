import { expect, test } from 'vitest'
import { claimTasks } from '../../../../server/db/queue/claim-tasks.ts'
import { findFillable, markHeld } from '../../../../server/db/queue/held-objects.ts'
import type { CopyId } from '../../../../server/domain/replica/copy-id.ts'
import { freshPool } from '../../../support/fresh-pool.ts'
import { fleet } from '../../../support/world/fleet.ts'
import { anyRoom, owner } from './claimed-sweep.ts'

test('what other copies can fill is found among however many first copies that wait for their master, page by page', async () => {
  const pool = await freshPool()
  const world = fleet(pool)
  const [hpc, edge, cloud] = [await world.cluster('hpc'), await world.cluster('edge'), await world.cluster('cloud')]
  await pool.query(
    `WITH b AS (INSERT INTO bucket (id, name, state, master_storage_id, master_bucket_name)
       SELECT gen_random_uuid(), 'b' || i, 'active', $1::uuid, 'b' || i FROM generate_series(1, 2500) i RETURNING id, name),
     r AS (INSERT INTO replica (id, bucket_id, storage_id, bucket_name, wanted, generation, epoch, observed)
       SELECT gen_random_uuid(), id, s, name, true, 1, 1, CASE WHEN s = $2 AND name IN ('b7', 'b1700') THEN 'complete' ELSE 'absent' END
       FROM b CROSS JOIN unnest(ARRAY[$2::uuid, $3]) AS s)
     INSERT INTO replica_task (bucket_id, storage_id, kind) SELECT id, $3::uuid, 'first_sync' FROM b`,
    [hpc.store.id, edge.store.id, cloud.store.id],
  )
  const found: string[] = []
  let pages = 0
  for (let after: CopyId | null | undefined; after !== null; pages++) {
    const brokenMasters = [hpc.store.id]
    const { fillable, last } = await findFillable(pool, brokenMasters, after ?? null)
    const claims = await claimTasks(pool, { owner, seconds: 30 }, { ...anyRoom, brokenMasters, fillable })
    found.push(...claims.map(({ bucketId }) => bucketId))
    after = last
  }
  const { rows } = await pool.query<{ name: string }>('SELECT name FROM bucket WHERE id = ANY($1) ORDER BY name', [
    found,
  ])
  expect({ names: rows.map(({ name }) => name), pages }).toEqual({ names: ['b1700', 'b7'], pages: 3 })
})

test('found is what is due, nobody works on, waits for such a master, and a copy on another store can fill', async () => {
  const pool = await freshPool()
  const world = fleet(pool)
  const [hpc, edge, cloud] = [await world.cluster('hpc'), await world.cluster('edge'), await world.cluster('cloud')]
  const later = new Date(Date.now() + 3_600_000)
  const task = { masterStorageId: hpc.store.id }
  const leased = { ...task, leaseOwner: owner, leaseUntil: later }
  const copyOf = async (name: string, held: 'complete' | 'syncing', own: 'complete' | 'absent' = 'absent') => {
    const bucket = await hpc.store.bucket(name)
    await bucket.replica(edge.store, { observed: held })
    return bucket.replica(cloud.store, { observed: own })
  }
  await (await copyOf('found', 'complete')).task('first_sync', task)
  await (await copyOf('left-by-its-mover', 'complete')).task('first_sync', { ...leased, leaseUntil: new Date(0) })
  await (await copyOf('held-by-nobody', 'syncing', 'complete')).task('first_sync', task)
  await (await copyOf('worked-on', 'complete')).task('first_sync', leased)
  await (await copyOf('due-later', 'complete')).task('first_sync', { ...task, notBefore: later })
  await (await copyOf('of-another-kind', 'complete')).task('sweep', task)
  await (await copyOf('of-another-master', 'complete')).task('first_sync', { masterStorageId: edge.store.id })
  const { fillable, last } = await findFillable(pool, [hpc.store.id], null)
  const ids = fillable.map(({ bucketId }) => bucketId)
  const { rows } = await pool.query<{ name: string }>('SELECT name FROM bucket WHERE id = ANY($1) ORDER BY name', [ids])
  expect({ names: rows.map(({ name }) => name), last }).toEqual({ names: ['found', 'left-by-its-mover'], last: null })
})

test('a page may end between two copies of one bucket', async () => {
  const pool = await freshPool()
  const world = fleet(pool)
  const [hpc, edge] = [await world.cluster('hpc'), await world.cluster('edge')]
  const stores = [await world.cluster('cloud'), await world.cluster('lake')].map(({ store }) => store)
  const bucket = await hpc.store.bucket('photos')
  await bucket.replica(edge.store)
  for (const store of stores)
    await (await bucket.replica(store, { observed: 'absent' })).task('first_sync', { masterStorageId: hpc.store.id })
  const [first, second] = stores.map(({ id }) => id).toSorted()
  const after = (storageId: string) => findFillable(pool, [hpc.store.id], { bucketId: bucket.id, storageId })
  expect((await after(first ?? '')).fillable).toEqual([{ bucketId: bucket.id, storageId: second }])
  expect((await after(second ?? '')).fillable).toEqual([])
})

test('for a first copy is marked what another one holds as the master had it last, and this one was not given yet', async () => {
  const pool = await freshPool()
  const world = fleet(pool)
  const [hpc, edge, cloud] = [await world.cluster('hpc'), await world.cluster('edge'), await world.cluster('cloud')]
  const bucket = await hpc.store.bucket('photos')
  const [held, filled] = [await bucket.replica(edge.store), await bucket.replica(cloud.store, { observed: 'syncing' })]
  const keys = ['held', 'waiting', 'given', 'older', 'being-written', 'unknown-to-all'] as const
  for (const key of keys) await bucket.record(key, { size: 2, etag: 'now' })
  for (const key of ['held', 'waiting', 'given']) await held.object(key, { sourceEtag: 'now' })
  await held.object('older', { sourceEtag: 'before' })
  await held.object('being-written', { sourceEtag: 'now', state: 'writing' })
  await held.object('gone-at-the-master', { sourceEtag: 'now' })
  await filled.object('given', { sourceEtag: 'now' })
  await filled.waits('waiting')
  const found = await markHeld(pool, { bucketId: bucket.id, storageId: cloud.store.id }, new AbortController().signal)
  expect(found).toEqual({ objects: 2, bytes: 4 })
  const { rows } = await pool.query<object>(
    'SELECT key, initial FROM dirty_object WHERE storage_id = $1 ORDER BY key',
    [cloud.store.id],
  )
  expect(rows).toEqual([
    { key: 'held', initial: true },
    { key: 'waiting', initial: false },
  ])
})
