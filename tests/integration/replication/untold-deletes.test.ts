// Deletes of which nobody told: only a comparison may act on them, and until it does the copy is as old as they are.
import { expect, test } from 'vitest'
import { oldestSeconds } from '../../../server/db/deciding/freshness.ts'
import { markObjects } from '../../../server/db/queue/dirty-objects.ts'
import { sweepStore } from '../../../server/db/queue/sweeps.ts'
import { StorageError } from '../../../server/storage/storage-error.ts'
import { eventually } from '../../support/eventually.ts'
import { minios } from '../../support/minios.ts'
import type { MoverFleet } from '../../support/mover-fleet.ts'

const stores = minios('hpc', 'edge')

/** Whole looks there are another mover's, which takes its time. */
const holdTasks = (fleet: MoverFleet, ...at: string[]) =>
  fleet.pool.query(
    `UPDATE replica_task SET lease_owner = gen_random_uuid(), lease_until = now() + interval '1 h',
       not_before = now() + interval '1 h' WHERE storage_id = ANY($1::uuid[])`,
    [at.map(fleet.storeId)],
  )
/** They are not any more; one that was asked for meanwhile is due. */
const letTasks = (fleet: MoverFleet) =>
  fleet.pool.query('UPDATE replica_task SET lease_owner = NULL, lease_until = NULL')

test('what the look at a master let pass stays so while its copy cannot be reached, though the record is made true meanwhile', async () => {
  const fleet = await stores.fleet()
  const bucket = 'brake-passed'
  const id = await fleet.bucket(bucket, 'hpc')
  for (const key of ['a', 'b', 'c']) await fleet.put('hpc', bucket, key, key)
  const mover = fleet.startMover()
  await fleet.task(id, 'hpc', 'master_sweep')
  await fleet.replica(id, 'edge')
  await fleet.settled(id, 'edge')
  await mover.stop()
  await fleet.store('hpc').delete(bucket, 'a')
  fleet.startMover({
    storageFor: async (storageId) => {
      if (storageId === fleet.storeId('edge')) throw new StorageError('unreachable', 'edge is away')
      return fleet.storageFor(storageId)
    },
  })
  await fleet.task(id, 'hpc', 'master_sweep')
  const marked = async () =>
    (
      await fleet.pool.query<{ at: string; mayDelete: boolean }>(
        'SELECT storage_id AS at, may_delete AS "mayDelete" FROM dirty_object WHERE bucket_id = $1',
        [id],
      )
    ).rows
  const edge = fleet.storeId('edge')
  await eventually('the copy was told', async () => (await marked()).some(({ at }) => at === edge))
  await eventually('only the copy waits', async () => (await marked()).length === 1)
  const recorded = 'SELECT 1 FROM object_record WHERE bucket_id = $1 AND key = $2'
  expect((await fleet.pool.query(recorded, [id, 'a'])).rowCount).toBe(0)
  expect(await marked()).toEqual([{ at: edge, mayDelete: true }])
})

test.each([
  { wellSecondsAgo: 5, is: 'as old as that' },
  { wellSecondsAgo: 'not-known' as const, is: 'as old as the last whole look' },
])('a delete that was lost while the store was away, which was well $wellSecondsAgo s before, is $is', async (seen) => {
  const fleet = await stores.fleet()
  const bucket = `lost-with-its-store-${seen.wellSecondsAgo}`
  const id = await fleet.bucket(bucket, 'hpc')
  for (const key of ['a', 'b', 'c']) await fleet.put('hpc', bucket, key, key)
  const mover = fleet.startMover()
  await fleet.task(id, 'hpc', 'master_sweep')
  await fleet.replica(id, 'edge')
  await fleet.settled(id, 'edge')
  await mover.stop()
  await fleet.pool.query(
    `UPDATE bucket SET created_at = now() - interval '2 h', master_swept_at = now() - interval '1 h' WHERE id = $1`,
    [id],
  )
  await fleet.pool.query(`UPDATE replica SET verified_at = now() - interval '1 h' WHERE bucket_id = $1`, [id])
  await fleet.store('hpc').delete(bucket, 'a')
  await fleet.pool.transaction((tx) => sweepStore(tx, fleet.storeId('hpc'), seen.wellSecondsAgo))
  fleet.startMover({
    storageFor: async (storageId) => {
      if (storageId === fleet.storeId('edge')) throw new StorageError('unreachable', 'edge is away')
      return fleet.storageFor(storageId)
    },
  })
  const age = await eventually('the copy is told', async () => {
    const { rows } = await fleet.pool.query<{ s: number }>(
      `SELECT extract(epoch FROM now() - since)::float8 AS s FROM dirty_object
       WHERE bucket_id = $1 AND storage_id = $2 AND key = 'a'`,
      [id, fleet.storeId('edge')],
    )
    return rows[0]?.s
  })
  const [least, most] = seen.wellSecondsAgo === 'not-known' ? [3_590, 3_660] : [seen.wellSecondsAgo, 60]
  expect(age).toBeGreaterThan(least)
  expect(age).toBeLessThan(most)
})

test('a copy that has what the master deleted, though nobody told, grows older until a comparison ends it', async () => {
  const fleet = await stores.fleet()
  const bucket = 'untold-age'
  const id = await fleet.bucket(bucket, 'hpc')
  for (const key of ['a', 'b', 'c']) await fleet.put('hpc', bucket, key, key)
  fleet.startMover()
  await fleet.task(id, 'hpc', 'master_sweep')
  await fleet.replica(id, 'edge')
  await fleet.settled(id, 'edge')
  const atEdge = `bucket_id = '${id}' AND storage_id = '${fleet.storeId('edge')}'`
  await holdTasks(fleet, 'hpc', 'edge') // a look at the master would have the copy act
  const lookedFor = async () =>
    (await fleet.pool.query<{ n: number }>(`SELECT generation AS n FROM replica_task WHERE ${atEdge}`)).rows[0]?.n ?? 0
  const before = await lookedFor()
  await fleet.store('hpc').delete(bucket, 'a')
  await fleet.pool.query(
    `INSERT INTO dirty_object (bucket_id, storage_id, key, since)
     VALUES ('${id}', '${fleet.storeId('edge')}', 'a', now() - interval '40 s')`,
  )
  fleet.pool.wake('object')
  const age = async () =>
    (
      await fleet.pool.query<{ s: number | null }>(
        `SELECT ${oldestSeconds} AS s FROM replica r JOIN bucket b ON b.id = r.bucket_id WHERE b.id = $1`,
        [id],
      )
    ).rows[0]?.s
  await eventually('it was looked at twice', async () => (await lookedFor()) > before + 1)
  expect(await age()).toBeGreaterThan(40)
  expect(await fleet.text('edge', bucket, 'a')).toBe('a')
  // The brake holds it: the age is the brake's then.
  await fleet.policy(id, 'delete_brake', { objects: 0, percent: 0 })
  await fleet.task(id, 'edge', 'sweep')
  await letTasks(fleet)
  await eventually('it is told', async () => (await fleet.causes(id, 'edge'))[0]?.code === 'DELETES_BRAKED')
  await fleet.idle()
  expect(await fleet.waiting(id)).toBe(0)
  expect(await age()).toBeGreaterThan(40)
  await fleet.sweep(id, 'edge', { allowDeletes: true })
  await fleet.idle()
  expect(await age()).toBeNull()
  expect(await fleet.text('edge', bucket, 'a')).toBeNull()
})

test('what came back while it waited for a comparison waits no longer than for that', async () => {
  const fleet = await stores.fleet()
  const bucket = 'came-back'
  const id = await fleet.bucket(bucket, 'hpc')
  for (const key of ['a', 'b', 'c']) await fleet.put('hpc', bucket, key, key)
  fleet.startMover({ times: { untold: 3_600_000 } })
  await fleet.task(id, 'hpc', 'master_sweep')
  await fleet.replica(id, 'edge')
  await fleet.settled(id, 'edge')
  const atEdge = `bucket_id = '${id}' AND storage_id = '${fleet.storeId('edge')}'`
  await holdTasks(fleet, 'hpc', 'edge') // no look at the master tells of it either
  await fleet.store('hpc').delete(bucket, 'a')
  await markObjects(fleet.pool, [{ bucketId: id, key: 'a', removed: false }])
  const isLeft = `SELECT 1 FROM dirty_object WHERE ${atEdge} AND lease_owner IS NULL AND not_before > now()`
  const left = async () => (await fleet.waiting(id)) === 1 && (await fleet.pool.query(isLeft)).rowCount === 1
  await eventually('it is left, and recorded', left)
  await fleet.put('hpc', bucket, 'a', 'a') // nobody tells
  await fleet.task(id, 'edge', 'sweep')
  await letTasks(fleet)
  await fleet.settled(id, 'edge')
  expect(await fleet.differences(id, bucket, 'hpc', 'edge')).toEqual([])
})
