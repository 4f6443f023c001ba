// BucketAdopt over the API: what it makes known, what it refuses, and that a refusal or a crash leaves nothing.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { adoptBucket } from '../../../server/services/buckets/adopt-bucket.ts'
import { finishCreations } from '../../../server/services/buckets/bucket-creation.ts'
import type { ServiceDeps } from '../../../server/services/shared/deps.ts'
import { createStorageDriver } from '../../../server/storage/create-storage-driver.ts'
import type { StorageDriver } from '../../../server/storage/storage-driver.ts'
import { StorageError } from '../../../server/storage/storage-error.ts'
import { bucketApi } from '../../support/bucket-api.ts'
import { startMinio } from '../../support/minio.ts'
import { rawClient } from '../../support/raw-store.ts'
import { registerStore } from '../../support/register.ts'
import type { StoreProcess } from '../../support/store-process.ts'

const api = bucketApi()
let far: StoreProcess
let farDriver: StorageDriver
beforeAll(async () => {
  far = await startMinio()
  farDriver = createStorageDriver({ ...far, region: 'us-east-1' })
  await registerStore(api.web, 'far', far, ['spain'])
})
afterAll(async () => {
  await farDriver?.close()
  await far?.stop()
})

const adopt = (input: Record<string, unknown> = {}, token?: string) =>
  api.web.mutate(
    'bucketAdopt',
    { name: api.bucket, storageDeployment: 'hpc', ...input },
    'bucket { id name version }',
    token,
  )
const there = async (driver = api.driver) => {
  await driver.createBucket(api.bucket)
  await driver.put(api.bucket, 'k', { body: Buffer.from('theirs'), size: 6 })
}
const rows = async () => (await api.web.pool.query('SELECT 1 FROM bucket WHERE name = $1', [api.bucket])).rowCount
const subscribed = async () => {
  const { notifications } = await api.driver.settings(api.bucket)
  return notifications !== 'unknown' && notifications.fado
}
const audits = async (action: string) =>
  (
    await api.web.pool.query<{ detail: unknown }>('SELECT detail FROM audit_event WHERE action = $1 AND subject = $2', [
      action,
      api.bucket,
    ])
  ).rows.map(({ detail }) => detail)

test('when BucketAdopt answers, the bucket is known, its events are subscribed, others keep theirs, and no object was touched', async () => {
  await there()
  const before = await api.driver.head(api.bucket, 'k')
  const policies = [{ name: 'zones', value: ['germany'] }]
  expect((await adopt({ policies })).bucket).toEqual({ id: expect.any(String), name: api.bucket, version: 1 })
  expect(await subscribed()).toBe(true)
  expect(await api.dirty()).toEqual({ intent: true, narrowing: false })
  expect(await api.read()).toMatchObject({ master: { bucketName: api.bucket, storageDeployment: { name: 'hpc' } } })
  expect(await api.policy('zones')).toMatchObject({ value: ['germany'] })
  expect(await api.driver.head(api.bucket, 'k')).toEqual({ ...before, serverDate: expect.anything() })
  expect(await audits('bucketAdopt')).toEqual([{ masterBucketName: api.bucket }])
})

test('a bucket of that name in FaDO is ALREADY_EXISTS; of two adoptions at once one succeeds', async () => {
  await there()
  const both = await Promise.all([adopt(), adopt()])
  expect(both.filter(({ code }) => code === 'ALREADY_EXISTS')).toHaveLength(1)
  expect(both.filter(({ bucket }) => bucket)).toHaveLength(1)
  expect(await adopt()).toMatchObject({ code: 'ALREADY_EXISTS', path: ['input', 'name'] })
})

test('two FaDO names for one bucket of a store: the second is IN_USE', async () => {
  await api.web.pool.query(`UPDATE storage_deployment SET bucket_name_template = 'acme-{bucket}' WHERE name = 'far'`)
  try {
    const short = api.bucket
    api.bucket = `acme-${short}`
    await there(farDriver)
    const names = [short, `acme-${short}`]
    const both = await Promise.all(names.map((name) => adopt({ name, storageDeployment: 'far' })))
    expect(both.filter(({ bucket }) => bucket)).toHaveLength(1)
    expect(both.find(({ code }) => code)).toMatchObject({ code: 'IN_USE', path: ['input', 'storageDeployment'] })
  } finally {
    await api.web.pool.query(`UPDATE storage_deployment SET bucket_name_template = '{bucket}' WHERE name = 'far'`)
  }
})

test.each([
  ['an invalid name', { name: 'No_Bucket' }, 'VALIDATION_FAILED', 'name'],
  ['an unknown store', { storageDeployment: 'nowhere' }, 'NOT_FOUND', 'storageDeployment'],
  ['no such bucket there', { name: 'not-there' }, 'NOT_FOUND', 'storageDeployment'],
  ['an unknown store of a copy', { alsoOn: ['nowhere'] }, 'NOT_FOUND', 'alsoOn.0'],
  ['a store without a copy', { alsoOn: ['far'] }, 'NOT_FOUND', 'alsoOn.0'],
  ['a copy on the master itself', { alsoOn: ['hpc'] }, 'VALIDATION_FAILED', 'alsoOn.0'],
  ['a store named twice', { alsoOn: ['far', 'far'] }, 'VALIDATION_FAILED', 'alsoOn.1'],
  [
    'fewer replicas than copies',
    { alsoOn: ['far'], policies: [{ name: 'target_replica_count', value: 0 }] },
    'VALIDATION_FAILED',
    'policies.0.value',
  ],
  [
    'locations without the copy',
    { alsoOn: ['far'], policies: [{ name: 'replica_locations', value: ['hpc'] }] },
    'VALIDATION_FAILED',
    'alsoOn.0',
  ],
  [
    'zones without the copy',
    { alsoOn: ['far'], policies: [{ name: 'zones', value: ['germany'] }] },
    'UNSAFE',
    'alsoOn.0',
  ],
  ['zones without the master', { policies: [{ name: 'zones', value: ['spain'] }] }, 'UNSAFE', 'storageDeployment'],
  ['an unknown policy', { policies: [{ name: 'nothing', value: 1 }] }, 'VALIDATION_FAILED', 'policies.0.name'],
])('BucketAdopt refuses %s, and leaves neither row nor subscription', async (_what, input, code, path) => {
  await there()
  expect(await adopt(input)).toMatchObject({ code, path: ['input', ...path.split('.')] })
  expect(await rows()).toBe(0)
  expect(await subscribed()).toBe(false)
})

test('a copy that the store would write, too, or would delete from, is UNSAFE with what to do about it', async () => {
  await there()
  await farDriver.createBucket(api.bucket)
  const raw = rawClient(far)
  const rule = (days: number) =>
    `<LifecycleConfiguration><Rule><ID>r</ID><Status>Enabled</Status><Filter><Prefix></Prefix></Filter><Expiration><Days>${days}</Days></Expiration></Rule></LifecycleConfiguration>`
  await raw.write(api.bucket, 'lifecycle', rule(7))
  const refused = await adopt({ alsoOn: ['far'] })
  expect(refused).toMatchObject({ code: 'UNSAFE', path: ['input', 'alsoOn', '0'] })
  expect(refused.message).toBe(
    `A lifecycle rule deletes objects of ${api.bucket} on far: calls would be sent to a copy that lacks them. Take the rule off first`,
  )
  expect(await rows()).toBe(0)
  expect(await subscribed()).toBe(false)
})

test('a copy that is the master or a replica of another bucket is IN_USE', async () => {
  await there(farDriver)
  expect(await adopt({ storageDeployment: 'far' })).toMatchObject({ bucket: { name: api.bucket } })
  const other = `${api.bucket}-renamed`
  await api.web.pool.query('UPDATE bucket SET name = $2 WHERE name = $1', [api.bucket, other])
  await there()
  const refused = await adopt({ alsoOn: ['far'] })
  expect(refused).toMatchObject({ code: 'IN_USE', path: ['input', 'alsoOn', '0'] })
  expect(refused.message).toBe(`${api.bucket} on far is the master of FaDO's bucket ${other}`)
})

test('the copies are kept: as many replicas are wanted as there are', async () => {
  await there()
  await farDriver.createBucket(api.bucket)
  expect(await adopt({ alsoOn: ['far'] })).toMatchObject({ bucket: { name: api.bucket } })
  expect(await api.policy('target_replica_count')).toMatchObject({ value: 1, source: { kind: 'BUCKET' } })
  const { rows: orders } = await api.web.pool.query('SELECT bucket_name AS name FROM takeover')
  expect(orders).toContainEqual({ name: api.bucket })
})

test('a store that does not answer is UNREACHABLE; a token may adopt what lies in its zones, and a reader nothing', async () => {
  await there()
  await api.web.pool.query(`UPDATE storage_deployment SET endpoint = 'http://127.0.0.1:1' WHERE name = 'hpc'`)
  try {
    expect(await adopt()).toMatchObject({ code: 'UNREACHABLE', path: ['input', 'storageDeployment'] })
  } finally {
    await api.web.pool.query(`UPDATE storage_deployment SET endpoint = $1 WHERE name = 'hpc'`, [api.minio.endpoint])
  }
  const token = async (role: string, zones: string[]) =>
    (await api.web.mutate('tokenCreate', { name: `${role}-${zones}-token`, role, zones }, 'secret')).secret
  expect(await adopt({}, await token('VIEWER', []))).toMatchObject({ code: 'FORBIDDEN' })
  expect(await adopt({}, await token('OPERATOR', ['spain']))).toMatchObject({ code: 'FORBIDDEN' })
  await farDriver.createBucket(api.bucket)
  const german = await token('OPERATOR', ['germany'])
  expect(await adopt({ alsoOn: ['far'] }, german)).toMatchObject({ code: 'FORBIDDEN' })
  expect(await rows()).toBe(0)
  expect(await adopt({}, german)).toMatchObject({ bucket: { name: api.bucket } })
})

/** The store is cut off when its events are to be subscribed, before or after it did so. */
function cutOff(after: boolean): ServiceDeps {
  const connect: ServiceDeps['connect'] = (access) => {
    const real = api.web.deps.connect(access)
    const subscribe = async (name: string) => {
      if (after) await real.subscribe(name)
      throw new StorageError('timeout', 'no answer')
    }
    return { ...real, subscribe }
  }
  return { ...api.web.deps, connect }
}
const operator = { id: '', name: 'someone', role: 'OPERATOR', zones: [] } as const

test.each([
  ['before', false],
  ['after', true],
])('where the store goes away %s it subscribed, the adoption is finished once it answers', async (_when, after) => {
  await there()
  const input = { name: api.bucket, storageDeployment: 'hpc', alsoOn: [], policies: [], allowOutsideZones: false }
  await expect(adoptBucket(cutOff(after), operator, input)).rejects.toMatchObject({ code: 'UNREACHABLE' })
  expect(await api.read()).toBeNull()
  expect(await adopt()).toMatchObject({ code: 'ALREADY_EXISTS' })
  expect(await finishCreations(api.web.deps)).toBe(0)
  expect(await api.read()).toMatchObject({ master: { bucketName: api.bucket } })
  expect(await subscribed()).toBe(true)
  expect(await audits('bucketAdopt')).toHaveLength(1)
})

test('an adoption that was cut off is taken back where another bucket lies there by then, which is left as it is', async () => {
  await api.driver.createBucket(api.bucket)
  const input = { name: api.bucket, storageDeployment: 'hpc', alsoOn: [], policies: [], allowOutsideZones: false }
  await expect(adoptBucket(cutOff(false), operator, input)).rejects.toMatchObject({ code: 'UNREACHABLE' })
  await api.driver.deleteBucket(api.bucket)
  await there()
  expect(await finishCreations(api.web.deps)).toBe(0)
  expect(await rows()).toBe(0)
  expect(await subscribed()).toBe(false)
  expect(await api.driver.head(api.bucket, 'k')).not.toBeNull()
})

test('what BucketCreate refuses as IN_USE can be adopted, and the refusal says so', async () => {
  await there()
  const refused = await api.create()
  expect(refused).toMatchObject({ code: 'IN_USE' })
  expect(refused.message).toContain('BucketAdopt (fado bucket adopt)')
  expect(await adopt()).toMatchObject({ bucket: { name: api.bucket } })
})
