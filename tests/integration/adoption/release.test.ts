// ReplicaRelease: nothing crosses any more, also no queued delete; what lies there stays, and placement does not fill it again.
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { markObjects } from '../../../server/db/queue/dirty-objects.ts'
import type { StorageFor } from '../../../server/replication/stores/stores.ts'
import type { StorageDriver } from '../../../server/storage/storage-driver.ts'
import { eventually } from '../../support/eventually.ts'
import { type LivingFleet, livingFleet } from '../../support/living-fleet.ts'
import { startMinio, unfinishedUploads } from '../../support/minio.ts'
import { rowId } from '../../support/register.ts'
import { putInParts } from '../../support/regressed-master.ts'
import type { StoreProcess } from '../../support/store-process.ts'

const running: Record<string, StoreProcess> = {}
beforeAll(async () => {
  const env = { MINIO_NOTIFY_WEBHOOK_ENABLE_FADO: 'on', MINIO_NOTIFY_WEBHOOK_ENDPOINT_FADO: 'http://127.0.0.1:1/' }
  const [hpc, edge] = await Promise.all([startMinio({ env }), startMinio({ env })])
  Object.assign(running, { hpc, edge })
})
afterAll(() => Promise.all(Object.values(running).map((store) => store.stop())))

const keys = Array.from({ length: 40 }, (_, i) => `k${String(i).padStart(2, '0')}`)

/** A bucket of these keys with a whole replica on edge; its id. */
async function replicated(fleet: LivingFleet, bucket: string): Promise<string> {
  const policies = [
    { name: 'target_replica_count', value: 1 },
    { name: 'drain_delay', value: 0 },
  ]
  await fleet.web.mutate('bucketCreate', { name: bucket, storageDeployment: 'hpc', policies }, 'bucket { id }')
  for (const key of keys) await fleet.put('hpc', bucket, key, `first ${key}`)
  const id = await fleet.bucketId(bucket)
  await told(fleet, id, keys, false)
  const mover = fleet.startMover()
  await fleet.settled(id, 'edge')
  await eventually('all are there', async () => (await fleet.keys('edge', bucket)).length === keys.length)
  await fleet.idle()
  await mover.stop()
  return id
}
const told = (fleet: LivingFleet, bucketId: string, all: readonly string[], removed: boolean) =>
  markObjects(
    fleet.pool,
    all.map((key) => ({ bucketId, key, removed })),
  )
/** The fleet's drivers, those of edge with other calls. */
const edgeWith = (fleet: LivingFleet, calls: (driver: StorageDriver) => Partial<StorageDriver>): StorageFor => {
  const changed = { driver: { ...fleet.store('edge'), ...calls(fleet.store('edge')) }, name: 'edge' }
  return async (id) => (id === fleet.storeId('edge') ? changed : fleet.storageFor(id))
}
const reasons = async (fleet: LivingFleet, id: string) =>
  (
    await fleet.one<{ reasons: { code: string; message: string }[] }>(
      'SELECT placement_reasons AS reasons FROM bucket WHERE id = $1',
      [id],
    )
  ).reasons
const gone = (fleet: LivingFleet, id: string) =>
  eventually('the copy is forgotten', async () => !(await fleet.hasReplica(id, 'edge')))
/** Nothing of the copy is left in FaDO. */
const leftovers = async (fleet: LivingFleet, id: string) =>
  (
    await fleet.pool.query(
      `SELECT 'journal' FROM replica_object UNION ALL SELECT 'task' FROM replica_task WHERE bucket_id = $1 AND storage_id = $2
       UNION ALL SELECT 'queue' FROM dirty_object WHERE bucket_id = $1 AND storage_id = $2`,
      [id, fleet.storeId('edge')],
    )
  ).rows

test('a copy that is let go under churn keeps all that it has: no queued delete, no queued copy, no new one', async () => {
  const fleet = await livingFleet(running)
  const bucket = 'churn'
  const id = await replicated(fleet, bucket)
  for (const key of keys.slice(0, 30)) await fleet.store('hpc').delete(bucket, key)
  for (const key of keys.slice(30)) await fleet.put('hpc', bucket, key, `second ${key}`)
  await fleet.put('hpc', bucket, 'new', 'new')
  await told(fleet, id, keys.slice(0, 30), true)
  await told(fleet, id, [...keys.slice(30), 'new'], false)
  const released = await fleet.release(bucket, 'edge')
  expect(released.releasedId).toEqual(expect.any(String))
  fleet.startMover()
  await gone(fleet, id)
  await told(fleet, id, keys.slice(0, 30), true)
  await fleet.put('hpc', bucket, 'later', 'later')
  await told(fleet, id, ['later'], false)
  // Its placement is decided once more, without the copy that was let go.
  await fleet.web.mutate('policySet', { scope: { bucket }, name: 'max_staleness', value: 30 }, 'policy { value }')
  await fleet.idle()
  expect(await fleet.keys('edge', bucket)).toEqual(keys)
  expect(await fleet.text('edge', bucket, 'k35')).toBe('first k35')
  expect(await leftovers(fleet, id)).toEqual([])
  // No copy of another id was ever tried there.
  const seen = await fleet.pool.query(`SELECT DISTINCT subject FROM event WHERE topic = 'replica'`)
  expect(seen.rows).toEqual([{ subject: rowId(released.releasedId) }])
  expect(await reasons(fleet, id)).toContainEqual({
    code: 'FOREIGN_BUCKET',
    message: 'edge: a bucket of that name is on edge already, which FaDO did not make or has let go',
  })
  expect(await fleet.release(bucket, 'edge')).toMatchObject({ code: 'NOT_FOUND' })
  // It is a bucket like any other of that store from now on.
  const { data } = await fleet.web.ask(
    '{ storageDeployment(name: "edge") { unmanagedBuckets { nodes { name warnings { code } } } } }',
  )
  expect(data.storageDeployment.unmanagedBuckets.nodes).toContainEqual({
    name: bucket,
    warnings: [{ code: 'NAME_TAKEN' }],
  })
  const audit = await fleet.pool.query(`SELECT detail FROM audit_event WHERE action = 'replicaRelease'`)
  expect(audit.rows).toEqual([{ detail: { storageDeployment: 'edge' } }])
})

test('a copy under way is cut off within 2 s of the answer', async () => {
  const fleet = await livingFleet(running)
  const bucket = 'under-way'
  const id = await replicated(fleet, bucket)
  const begun = Promise.withResolvers<void>()
  const ended = Promise.withResolvers<number>()
  /** A store that takes the object byte by byte, for as long as it is let. */
  const storageFor = edgeWith(fleet, () => ({
    async put(_bucket, _key, { signal }) {
      begun.resolve()
      await new Promise((resolve) => signal?.addEventListener('abort', resolve, { once: true }))
      ended.resolve(performance.now())
      throw signal?.reason
    },
  }))
  await fleet.put('hpc', bucket, 'slow', 'slow')
  await told(fleet, id, ['slow'], false)
  fleet.startMover({ storageFor })
  await begun.promise
  await fleet.release(bucket, 'edge')
  const answered = performance.now()
  expect((await ended.promise) - answered).toBeLessThan(2_000)
  await gone(fleet, id)
  await fleet.idle()
  expect(await fleet.keys('edge', bucket)).toEqual(keys)
})

test('a copy in parts that is under way is cut off, and what was begun of it or left by a mover that died is taken back', async () => {
  const fleet = await livingFleet(running)
  const bucket = 'in-parts'
  const id = await replicated(fleet, bucket)
  const left = await fleet.store('edge').createUpload(bucket, 'left')
  await fleet.pool.query(
    `INSERT INTO replica_object (replica_id, key, state, epoch, source_etag, size, upload_id)
     SELECT id, 'left', 'writing', epoch, 'of-the-master', 1, $1 FROM replica`,
    [left],
  )
  await putInParts(fleet.store('hpc'), bucket, 'big', randomBytes(11 * 2 ** 20))
  await told(fleet, id, ['big'], false)
  const begun = Promise.withResolvers<void>()
  const calls: string[] = []
  const storageFor = edgeWith(fleet, (driver) => ({
    async uploadPart(name, key, options) {
      if (options.partNumber < 3) return driver.uploadPart(name, key, options)
      begun.resolve()
      await new Promise((resolve) => options.signal?.addEventListener('abort', resolve, { once: true }))
      throw options.signal?.reason
    },
    async completeUpload(...args) {
      calls.push('complete')
      return driver.completeUpload(...args)
    },
  }))
  fleet.startMover({ storageFor })
  await begun.promise
  const uploads = () => unfinishedUploads(running['edge']?.dataDir ?? '')
  expect(await uploads()).toHaveLength(2)
  await fleet.release(bucket, 'edge')
  await gone(fleet, id)
  await eventually('both are taken back', async () => (await uploads()).length === 0)
  await fleet.idle()
  expect(calls).toEqual([])
  expect(await fleet.keys('edge', bucket)).toEqual(keys)
  expect(await leftovers(fleet, id)).toEqual([])
})

test('an eviction that has begun goes no further', async () => {
  const fleet = await livingFleet(running)
  const bucket = 'evicting'
  const id = await replicated(fleet, bucket)
  const begun = Promise.withResolvers<void>()
  const deleted: string[] = []
  const storageFor = edgeWith(fleet, (driver) => ({
    async delete(name, key, options) {
      begun.resolve()
      if (deleted.length === 5)
        await new Promise((resolve) => options?.signal?.addEventListener('abort', resolve, { once: true }))
      options?.signal?.throwIfAborted()
      deleted.push(key)
      return driver.delete(name, key, options)
    },
  }))
  fleet.startMover({ storageFor })
  await fleet.web.mutate('policySet', { scope: { bucket }, name: 'target_replica_count', value: 0 }, 'policy { value }')
  await begun.promise
  await eventually('some are deleted', () => deleted.length === 5)
  expect(await fleet.release(bucket, 'edge')).toMatchObject({ releasedId: expect.any(String) })
  await gone(fleet, id)
  await fleet.idle()
  expect(await fleet.keys('edge', bucket)).toEqual(keys.filter((key) => !deleted.includes(key)))
  expect(deleted).toHaveLength(5)
})

test('wherever a mover dies, the copy is forgotten in the end; asking again meanwhile answers the same', async () => {
  const fleet = await livingFleet(running)
  const bucket = 'dying'
  const id = await replicated(fleet, bucket)
  const first = await fleet.release(bucket, 'edge')
  expect(await fleet.release(bucket, 'edge')).toEqual(first)
  const { data } = await fleet.web.ask('{ bucket(name: "dying") { version replicas { state released } } }')
  expect(data.bucket).toEqual({ version: 2, replicas: [{ state: 'WITHDRAWING', released: true }] })
  const mover = await fleet.spawnMover()
  await mover.kill9()
  // As if it had died between two batches of the journal.
  await fleet.pool.query(`DELETE FROM replica_object WHERE key < 'k20'`)
  fleet.startMover()
  await gone(fleet, id)
  await fleet.idle()
  expect(await leftovers(fleet, id)).toEqual([])
  expect(await fleet.keys('edge', bucket)).toEqual(keys)
})

test('what cannot be let go is refused with what to do', async () => {
  const fleet = await livingFleet(running)
  const bucket = 'refused'
  const id = await replicated(fleet, bucket)
  expect(await fleet.release('nothing', 'edge')).toMatchObject({ code: 'NOT_FOUND', path: ['input', 'bucket'] })
  expect(await fleet.release(bucket, 'nowhere')).toMatchObject({
    code: 'NOT_FOUND',
    path: ['input', 'storageDeployment'],
  })
  expect(await fleet.release(bucket, 'hpc')).toMatchObject({ code: 'VALIDATION_FAILED' })
  await fleet.pool.query(
    `UPDATE bucket SET master_stopped = 'missing', master_stopped_since = now(), master_stopped_seen_at = now()`,
  )
  expect(await fleet.release(bucket, 'edge')).toMatchObject({ code: 'UNSAFE', path: ['input', 'storageDeployment'] })
  expect(await fleet.hasReplica(id, 'edge')).toBe(true)
  await fleet.pool.query('UPDATE bucket SET master_stopped = NULL')
  await fleet.pool.query(`UPDATE replica SET observed = 'absent'`)
  expect(await fleet.release(bucket, 'edge')).toMatchObject({ code: 'NOT_FOUND' })
})

test('a bucket that was let go whole is adopted again with its copy, and no byte crosses', async () => {
  const fleet = await livingFleet(running)
  const bucket = 'again'
  const id = await replicated(fleet, bucket)
  let written = 0
  const storageFor = edgeWith(fleet, (driver) => ({
    put: (...args) => {
      written++
      return driver.put(...args)
    },
  }))
  fleet.startMover({ storageFor })
  await fleet.release(bucket, 'edge')
  await gone(fleet, id)
  await fleet.web.mutate('bucketDelete', { bucket, deleteData: false }, 'deletedId')
  await eventually('it is gone', async () => (await fleet.pool.query('SELECT 1 FROM bucket')).rowCount === 0)
  expect(await fleet.adopt({ name: bucket, storageDeployment: 'hpc', alsoOn: ['edge'] })).toMatchObject({
    bucket: { name: bucket },
  })
  const again = await fleet.bucketId(bucket)
  await fleet.settled(again, 'edge')
  await fleet.idle()
  expect(written).toBe(0)
  expect(await fleet.differences(again, bucket, 'hpc', 'edge')).toEqual([])
  expect(await reasons(fleet, again)).toEqual([])
})
