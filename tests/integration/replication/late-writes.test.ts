// A write that was cut off may land when nobody waits for it any more.
import { expect, test } from 'vitest'
import type { StorageDriver } from '../../../server/storage/storage-driver.ts'
import { StorageError } from '../../../server/storage/storage-error.ts'
import { eventually } from '../../support/eventually.ts'
import { minios } from '../../support/minios.ts'
import { withCalls } from '../../support/with-calls.ts'

const stores = minios('hpc', 'edge')

test('a write that lands after its object was deleted at the master is taken away: what is deleted does not come back', async () => {
  const fleet = await stores.fleet()
  const bucket = 'landed-late'
  const id = await fleet.bucket(bucket, 'hpc')
  let land: (() => Promise<unknown>) | null = null
  let cuts = true
  const late = (driver: StorageDriver): Partial<StorageDriver> => ({
    async put(name, key, { signal: _, ...options }) {
      if (!cuts || key !== 'late') return driver.put(name, key, options)
      land = () => driver.put(name, key, options)
      throw new StorageError('unreachable', 'The connection was cut')
    },
  })
  const mover = fleet.startMover({
    storageFor: withCalls(fleet, 'edge', late),
    times: { lateWrite: 4_000, sweepMinS: 600 },
  })
  await fleet.replica(id, 'edge')
  await fleet.settled(id, 'edge')
  const { etag } = await fleet.put('hpc', bucket, 'late', 'v')
  await fleet.pool.query(`INSERT INTO dirty_object (bucket_id, storage_id, key, size) VALUES ($1, $2, 'late', 1)`, [
    id,
    fleet.storeId('edge'),
  ])
  fleet.pool.wake('object')
  await eventually('it was cut off', () => land !== null)
  await fleet.store('hpc').delete(bucket, 'late')
  await fleet.event(id, 'late')
  // Both stores are seen to lack it, and it waits for its second look.
  await eventually('it waits for a second look', async () => {
    const { rows } = await fleet.pool.query(
      `SELECT 1 FROM dirty_object WHERE key = 'late' AND lease_owner IS NULL AND attempts = 0
         AND not_before = look_again_at AND not_before > now() AND storage_id = $1`,
      [fleet.storeId('edge')],
    )
    return rows.length === 1
  })
  cuts = false
  await (land as (() => Promise<unknown>) | null)?.()
  expect((await fleet.store('edge').head(bucket, 'late'))?.etag).toBe(etag)
  await fleet.settled(id, 'edge')
  expect(await fleet.keys('edge', bucket)).toEqual([])
  expect((await fleet.pool.query('SELECT key, state FROM replica_object')).rows).toEqual([])
  await mover.stop()
})
