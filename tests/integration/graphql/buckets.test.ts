// Buckets, policies and routes over the API: what a mutation stores, what it refuses, and that a refusal changes nothing.
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { finishCreations } from '../../../server/services/buckets/bucket-creation.ts'
import { createBucket } from '../../../server/services/buckets/create-bucket.ts'
import type { ServiceDeps } from '../../../server/services/shared/deps.ts'
import { createStorageDriver } from '../../../server/storage/create-storage-driver.ts'
import type { StorageDriver } from '../../../server/storage/storage-driver.ts'
import { StorageError } from '../../../server/storage/storage-error.ts'
import { startMinio } from '../../support/minio.ts'
import { registerStore, rowId } from '../../support/register.ts'
import type { StoreProcess } from '../../support/store-process.ts'
import { startTestWeb, type TestWeb } from '../../support/web.ts'
import { fleet, fromNow } from '../../support/world/fleet.ts'

let web: TestWeb
let minio: StoreProcess
let driver: StorageDriver
beforeAll(async () => {
  const env = { MINIO_NOTIFY_WEBHOOK_ENABLE_FADO: 'on', MINIO_NOTIFY_WEBHOOK_ENDPOINT_FADO: 'http://127.0.0.1:1/' }
  ;[web, minio] = await Promise.all([startTestWeb(), startMinio({ env })])
  driver = createStorageDriver({ ...minio, region: 'us-east-1' })
  await registerStore(web, 'hpc', minio, ['germany'])
  await web.mutate('clusterCreate', { name: 'edge', zones: ['high-performance'] }, 'cluster { id }')
})
afterAll(async () => {
  await driver?.close()
  await web?.stop()
  await minio?.stop()
})

let bucket: string
let number = 0
beforeEach(() => {
  number += 1
  bucket = `bucket-${number}`
})

const create = (input: Record<string, unknown> = {}) =>
  web.mutate('bucketCreate', { name: bucket, storageDeployment: 'hpc', ...input }, 'bucket { id name version }')
const read = async (name = bucket) =>
  (
    await web.ask(
      `query ($name: String!) { bucket(name: $name) { id version master { bucketName storageDeployment { name } }
         replicas { id } policies { name value source { kind name } } placement { condition reasons { code } }
         route { lbPolicy state overridden upstreams { cluster { name } weight } } stats { objects } } }`,
      { name },
    )
  ).data.bucket
const policy = async (name: string) => (await read()).policies.find((one: { name: string }) => one.name === name)
const dirty = async () =>
  (
    await web.pool.query<{ intent: boolean; narrowing: boolean }>(
      'SELECT d.intent, d.narrowing FROM dirty_bucket d JOIN bucket b ON b.id = d.bucket_id WHERE b.name = $1',
      [bucket],
    )
  ).rows[0]
const decided = () => web.pool.query('DELETE FROM dirty_bucket')

test('a bucket whose master would lie outside its zones is refused, unless that is asked for', async () => {
  const zones = (value: readonly string[]) => ({ policies: [{ name: 'zones', value }] })
  const refused = await create(zones(['high-performance']))
  expect(refused).toMatchObject({ code: 'UNSAFE', path: ['input', 'storageDeployment'] })
  expect(refused.message).toContain('Its data may lie in high-performance only')
  expect(refused.message).toContain('the cluster hpc of the store hpc lies in germany')
  expect(await driver.headBucket(bucket)).toBeNull()
  expect(await read()).toBeNull()
  await web.mutate(
    'policySet',
    { scope: { global: true }, name: 'zones', value: ['high-performance'] },
    'policy { value }',
  )
  expect(await create()).toMatchObject({ code: 'UNSAFE' })
  const made = await create({ ...zones(['germany']) })
  expect(made.bucket).toMatchObject({ name: bucket })
  bucket = `${bucket}-outside`
  expect((await create({ allowOutsideZones: true })).bucket).toMatchObject({ name: bucket })
  await web.mutate('policyUnset', { scope: { global: true }, name: 'zones' }, 'policy { value }')
})

test('when BucketCreate answers, the bucket is on its store, its events are subscribed, and it is to be decided', async () => {
  const { bucket: made } = await create({
    policies: [
      { name: 'zones', value: ['germany'] },
      { name: 'target_replica_count', value: 2 },
    ],
  })
  expect(made).toEqual({ id: expect.any(String), name: bucket, version: 1 })
  expect(await driver.headBucket(bucket)).not.toBeNull()
  const marked = await dirty()
  expect(marked).toEqual({ intent: true, narrowing: false })
  expect(await read()).toMatchObject({
    id: made.id,
    master: { bucketName: bucket, storageDeployment: { name: 'hpc' } },
    replicas: [],
    placement: { condition: 'PLACED', reasons: [] },
    route: { lbPolicy: 'ROUND_ROBIN', state: 'PENDING', overridden: false, upstreams: [] },
    stats: null,
  })
  expect(await policy('zones')).toEqual({ name: 'zones', value: ['germany'], source: { kind: 'BUCKET', name: bucket } })
  expect(await policy('max_staleness')).toEqual({
    name: 'max_staleness',
    value: 60,
    source: { kind: 'DEFAULT', name: null },
  })
})

test('a bucket that the store has already is IN_USE and stays as it is', async () => {
  await driver.createBucket(bucket)
  await driver.put(bucket, 'theirs', { body: Buffer.from('x'), size: 1 })
  expect(await create()).toMatchObject({ code: 'IN_USE', path: ['input', 'name'] })
  expect(await read()).toBeNull()
  expect(await driver.head(bucket, 'theirs')).not.toBeNull()
  expect((await web.pool.query('SELECT 1 FROM bucket WHERE name = $1', [bucket])).rows).toEqual([])
})

test.each([
  ['an invalid name', { name: 'No_Bucket' }, 'VALIDATION_FAILED', ['input', 'name']],
  ['an unknown store', { storageDeployment: 'nowhere' }, 'NOT_FOUND', ['input', 'storageDeployment']],
  [
    'an unknown policy',
    { policies: [{ name: 'spread', value: 1 }] },
    'VALIDATION_FAILED',
    ['input', 'policies', '0', 'name'],
  ],
  [
    'an ill-typed policy',
    { policies: [{ name: 'zones', value: 'germany' }] },
    'VALIDATION_FAILED',
    ['input', 'policies', '0', 'value'],
  ],
  [
    'an unknown zone',
    { policies: [{ name: 'zones', value: ['germani'] }] },
    'VALIDATION_FAILED',
    ['input', 'policies', '0', 'value'],
  ],
  [
    'an unknown location',
    { policies: [{ name: 'replica_locations', value: ['nowhere'] }] },
    'VALIDATION_FAILED',
    ['input', 'policies', '0', 'value'],
  ],
  [
    'a policy of the fleet',
    { policies: [{ name: 'lb_match_header', value: 'X-B' }] },
    'VALIDATION_FAILED',
    ['input', 'policies', '0', 'name'],
  ],
  [
    'a policy given twice',
    {
      policies: [
        { name: 'zones', value: [] },
        { name: 'zones', value: [] },
      ],
    },
    'VALIDATION_FAILED',
    ['input', 'policies', '1', 'name'],
  ],
])('BucketCreate refuses %s, and the store is not touched', async (_what, input, code, path) => {
  expect(await create(input)).toMatchObject({ code, path })
  expect(await driver.headBucket(bucket)).toBeNull()
  expect(await read()).toBeNull()
})

test('a taken name is ALREADY_EXISTS; the same idempotency key answers the first result, also when both come at once', async () => {
  const [one, two] = await Promise.all([create({ idempotencyKey: bucket }), create({ idempotencyKey: bucket })])
  expect(one).toEqual(two)
  for (const other of [{ name: 'another' }, { storageDeployment: 'elsewhere' }])
    expect(await create({ idempotencyKey: bucket, ...other })).toMatchObject({
      code: 'CONFLICT',
      message: `With this idempotency key the bucket ${bucket} was created on hpc: another creation needs another key`,
      path: ['input', 'idempotencyKey'],
    })
  expect(await create()).toMatchObject({ code: 'ALREADY_EXISTS', path: ['input', 'name'] })
})

test('many buckets can be created at once', async () => {
  const names = Array.from({ length: 16 }, (_, i) => `${bucket}-${i}`)
  const made = await Promise.all(names.map((name) => create({ name })))
  expect(made.map((one) => one.bucket?.name)).toEqual(names)
})

test('a store that does not answer makes BucketCreate UNREACHABLE and leaves no row', async () => {
  await web.pool.query(`UPDATE storage_deployment SET endpoint = 'http://127.0.0.1:1' WHERE name = 'hpc'`)
  try {
    expect(await create()).toMatchObject({ code: 'UNREACHABLE' })
  } finally {
    await web.pool.query(`UPDATE storage_deployment SET endpoint = $1 WHERE name = 'hpc'`, [minio.endpoint])
  }
  expect((await web.pool.query('SELECT 1 FROM bucket WHERE name = $1', [bucket])).rows).toEqual([])
})

/** A driver whose store does what it is asked and is then cut off before it answers. */
function withoutAnswer(after: 'made' | 'not made'): ServiceDeps {
  const connect: ServiceDeps['connect'] = (access) => {
    const real = web.deps.connect(access)
    const createBucket = async (name: string) => {
      if (after === 'made') await real.createBucket(name)
      throw new StorageError('timeout', 'no answer')
    }
    return { ...real, createBucket }
  }
  return { ...web.deps, connect }
}
const operator = { id: '', name: 'someone', role: 'OPERATOR', zones: [] } as const

test('where no answer to the creation came, the store is asked what it did', async () => {
  const input = { name: bucket, storageDeployment: 'hpc', policies: [], allowOutsideZones: false }
  await expect(createBucket(withoutAnswer('not made'), operator, input)).rejects.toMatchObject({ code: 'UNREACHABLE' })
  expect((await web.pool.query('SELECT 1 FROM bucket WHERE name = $1', [bucket])).rows).toEqual([])
  await createBucket(withoutAnswer('made'), operator, input)
  expect(await read()).toMatchObject({ master: { bucketName: bucket } })
})

/** `sentIn`: seconds from now, for a row that is younger than what is on the store. */
async function leftInCreation(sentIn = 0): Promise<void> {
  const { rows } = await web.pool.query<{ id: string }>(`SELECT id FROM storage_deployment WHERE name = 'hpc'`)
  const hpc = fleet(web.pool).storeOf(rows[0]?.id ?? '')
  await hpc.bucket(bucket, { state: 'creating', createSentAt: fromNow(sentIn) })
}

test('a creation that a crash left is finished where the store made the bucket, and taken back where it did not', async () => {
  await leftInCreation()
  expect(await read()).toBeNull()
  expect(await create()).toMatchObject({ code: 'ALREADY_EXISTS' })
  await driver.createBucket(bucket)
  const made = bucket
  bucket = `${bucket}-not-made`
  await leftInCreation()
  expect(await finishCreations(web.deps)).toBe(0)
  expect(await read(made)).toMatchObject({ master: { bucketName: made } })
  expect(await read()).toBeNull()
  expect(await create()).toMatchObject({ bucket: { name: bucket } })
})

test('a bucket found after a crash that holds something, or is older than the row, is not taken over', async () => {
  await driver.createBucket(bucket)
  await driver.put(bucket, 'theirs', { body: Buffer.from('x'), size: 1 })
  await leftInCreation()
  const old = `${bucket}-old`
  await driver.createBucket(old)
  const full = bucket
  bucket = old
  await leftInCreation(60)
  expect(await finishCreations(web.deps)).toBe(0)
  expect(await read(full)).toBeNull()
  expect(await read(old)).toBeNull()
  expect(await driver.head(full, 'theirs')).not.toBeNull()
  expect(await driver.headBucket(old)).not.toBeNull()
})

test('PolicySet stores the value, says where it comes from, bumps the version and marks the bucket', async () => {
  await create()
  await decided()
  const set = (input: Record<string, unknown>) =>
    web.mutate(
      'policySet',
      { scope: { bucket }, planHash: null, ...input },
      'policy { name value source { kind name } }',
    )
  expect(await set({ name: 'lb_policy', value: 'least_conn', expectedVersion: 1 })).toMatchObject({
    policy: { name: 'lb_policy', value: 'least_request', source: { kind: 'BUCKET', name: bucket } },
  })
  expect(await dirty()).toEqual({ intent: true, narrowing: false })
  expect(await set({ name: 'zones', value: ['germany'], expectedVersion: 1 })).toMatchObject({ code: 'CONFLICT' })
  expect(await set({ name: 'zones', value: ['germany'], expectedVersion: 2 })).toMatchObject({
    policy: { value: ['germany'] },
  })
  expect(await dirty()).toEqual({ intent: true, narrowing: true })
  expect(await read()).toMatchObject({ version: 3, route: { state: 'PENDING' } })
})

test.each([
  ['an unknown policy', { name: 'nonsense', value: 1 }, 'VALIDATION_FAILED', ['input', 'name']],
  ['an ill-typed value', { name: 'target_replica_count', value: '2' }, 'VALIDATION_FAILED', ['input', 'value']],
  ['an unknown zone', { name: 'zones', value: ['mars'] }, 'VALIDATION_FAILED', ['input', 'value']],
  [
    'a scope the policy does not have',
    { name: 'zones', value: [], scope: { cluster: 'hpc' } },
    'VALIDATION_FAILED',
    ['input', 'scope'],
  ],
  [
    'an unknown bucket',
    { name: 'zones', value: [], scope: { bucket: 'nowhere' } },
    'NOT_FOUND',
    ['input', 'scope', 'bucket'],
  ],
  [
    'an unknown cluster',
    { name: 'zones', value: [], scope: { cluster: 'nowhere' } },
    'NOT_FOUND',
    ['input', 'scope', 'cluster'],
  ],
  [
    'a global scope that is false',
    { name: 'zones', value: [], scope: { global: false } },
    'VALIDATION_FAILED',
    ['input', 'scope'],
  ],
  ['a plan hash', { name: 'zones', value: [], planHash: 'abc' }, 'CONFLICT', ['input', 'planHash']],
])('PolicySet refuses %s and changes nothing', async (_what, input, code, path) => {
  await create()
  await decided()
  expect(await web.mutate('policySet', { scope: { bucket }, ...input }, 'policy { name }')).toMatchObject({
    code,
    path,
  })
  expect((await read()).version).toBe(1)
  expect(await dirty()).toBeUndefined()
})

test('a global value holds for every bucket that has none of its own, until it is unset', async () => {
  await create()
  await decided()
  const unset = (scope: Record<string, unknown>) =>
    web.mutate('policyUnset', { scope, name: 'drain_delay' }, 'policy { value source { kind name } }')
  const set = (scope: Record<string, unknown>, value: number) =>
    web.mutate('policySet', { scope, name: 'drain_delay', value }, 'policy { value source { kind name } }')
  expect(await set({ global: true }, 3)).toMatchObject({ policy: { value: 3, source: { kind: 'GLOBAL', name: null } } })
  expect(await dirty()).toEqual({ intent: true, narrowing: false })
  expect(await policy('drain_delay')).toMatchObject({ value: 3, source: { kind: 'GLOBAL', name: null } })
  expect(await set({ bucket }, 0)).toMatchObject({ policy: { value: 0, source: { kind: 'BUCKET', name: bucket } } })
  expect(await unset({ bucket })).toMatchObject({ policy: { value: 3, source: { kind: 'GLOBAL' } } })
  expect(await unset({ global: true })).toMatchObject({ policy: { value: 10, source: { kind: 'DEFAULT' } } })
  expect(await unset({ global: true })).toMatchObject({ policy: { value: 10 } })
})

test('a route is overridden, and not any more; what it names must exist', async () => {
  await create()
  await decided()
  const set = (input: Record<string, unknown>) =>
    web.mutate('routeOverrideSet', { bucket, ...input }, 'bucket { name version route { overridden lbPolicy } }')
  expect(await set({})).toMatchObject({ code: 'VALIDATION_FAILED' })
  expect(await set({ clusters: [] })).toMatchObject({ code: 'VALIDATION_FAILED', path: ['input', 'clusters'] })
  expect(await set({ clusters: ['hpc', 'nowhere'] })).toMatchObject({
    code: 'NOT_FOUND',
    path: ['input', 'clusters', '1'],
  })
  expect(await set({ bucket: 'nowhere', lbPolicy: 'RANDOM' })).toMatchObject({
    code: 'NOT_FOUND',
    path: ['input', 'bucket'],
  })
  expect(await set({ lbPolicy: 'RANDOM', expectedVersion: 4 })).toMatchObject({ code: 'CONFLICT' })
  expect(await dirty()).toBeUndefined()
  expect(await set({ lbPolicy: 'LEAST_REQUEST', clusters: ['hpc'] })).toMatchObject({
    bucket: { version: 2, route: { overridden: true, lbPolicy: 'LEAST_REQUEST' } },
  })
  expect(await dirty()).toEqual({ intent: true, narrowing: false })
  const clear = await web.mutate('routeOverrideClear', { bucket }, 'bucket { version route { overridden } }')
  expect(clear).toMatchObject({ bucket: { version: 3, route: { overridden: false } } })
})

test('a replica is resynced under the given orders; the master, an unknown store and a withdrawn replica are refused', async () => {
  const { bucket: made } = await create()
  const world = fleet(web.pool)
  const far = await world.cluster(`far-${number}`)
  const resync = (input: Record<string, unknown>) =>
    web.mutate(
      'replicaResync',
      { bucket, storageDeployment: `far-${number}`, ...input },
      'replica { id state cause desired bucketName }',
    )
  expect(await resync({ storageDeployment: 'hpc' })).toMatchObject({ code: 'VALIDATION_FAILED' })
  expect(await resync({ storageDeployment: 'nowhere' })).toMatchObject({
    code: 'NOT_FOUND',
    path: ['input', 'storageDeployment'],
  })
  expect(await resync({})).toMatchObject({ code: 'NOT_FOUND', path: ['input', 'storageDeployment'] })
  await world.bucketOf(rowId(made.id), bucket, { id: '' }).replica(far.store, { bucketName: 'there', braked: 3 })
  const masterDue = async () =>
    (
      await web.pool.query<{ due: boolean }>(
        `SELECT not_before <= now() AS due FROM replica_task WHERE bucket_id = $1 AND kind = 'master_sweep'`,
        [rowId(made.id)],
      )
    ).rows
  await web.pool.query(
    `INSERT INTO replica_task (bucket_id, storage_id, kind, not_before)
     SELECT id, master_storage_id, 'master_sweep', now() + interval '1 h' FROM bucket WHERE id = $1`,
    [rowId(made.id)],
  )
  const { replica } = await resync({ allowDeletes: true, onConflict: 'OVERWRITE' })
  expect(await masterDue(), 'its master is looked at, too').toEqual([{ due: true }])
  expect(replica).toMatchObject({
    state: 'LAGGING',
    desired: 'PRESENT',
    bucketName: 'there',
    cause: expect.stringContaining('3 deletes'),
  })
  const { rows } = await web.pool.query(
    'SELECT kind, allow_deletes, overwrite FROM replica_task WHERE storage_id = $1',
    [far.store.id],
  )
  expect(rows).toEqual([{ kind: 'sweep', allow_deletes: true, overwrite: true }])
  await web.pool.query('UPDATE replica SET wanted = false WHERE id = $1', [rowId(replica.id)])
  expect(await resync({})).toMatchObject({ code: 'CONFLICT' })
})

test('a bucket that is being deleted is read with its reason, takes no changes, and answers the same again', async () => {
  const { bucket: made } = await create()
  await decided()
  expect(await web.mutate('bucketDelete', { bucket: 'nowhere', deleteData: false }, 'deletedId')).toMatchObject({
    code: 'NOT_FOUND',
  })
  expect(await web.mutate('bucketDelete', { bucket, deleteData: true, expectedVersion: 9 }, 'deletedId')).toMatchObject(
    { code: 'CONFLICT' },
  )
  const first = await web.mutate('bucketDelete', { bucket, deleteData: true }, 'deletedId')
  expect(first.deletedId).toBe(made.id)
  expect(await dirty()).toEqual({ intent: true, narrowing: true })
  expect(await web.mutate('bucketDelete', { bucket, deleteData: true, expectedVersion: 1 }, 'deletedId')).toEqual(first)
  const otherwise = await web.mutate('bucketDelete', { bucket, deleteData: false }, 'deletedId')
  expect(otherwise).toMatchObject({
    code: 'CONFLICT',
    message: `The bucket ${bucket} is being deleted with its data already`,
    path: ['input', 'deleteData'],
  })
  await decided()
  expect(await read()).toMatchObject({
    placement: { reasons: [{ code: 'DELETING' }] },
    route: { state: 'UNROUTABLE', upstreams: [] },
  })
  expect(
    await web.mutate('policySet', { scope: { bucket }, name: 'zones', value: [] }, 'policy { name }'),
  ).toMatchObject({ code: 'CONFLICT' })
  expect(await create()).toMatchObject({ code: 'ALREADY_EXISTS' })
  const { rows } = await web.pool.query('SELECT state, delete_data FROM bucket WHERE name = $1', [bucket])
  expect(rows).toEqual([{ state: 'deleting', delete_data: true }])
})

test('a store or cluster with a master is IN_USE and says whose', async () => {
  await create()
  const refused = { code: 'IN_USE', message: expect.stringContaining('bucket-') }
  expect(await web.mutate('storageDeploymentRemove', { name: 'hpc' }, 'deletedId')).toMatchObject(refused)
  expect(await web.mutate('storageDeploymentRemove', { name: 'hpc', force: true }, 'deletedId')).toMatchObject(refused)
  expect(await web.mutate('clusterDelete', { cluster: 'hpc' }, 'deletedId')).toMatchObject(refused)
  expect((await web.ask('{ cluster(name: "hpc") { state storageDeployments { name } } }')).data.cluster).toEqual({
    state: 'ACTIVE',
    storageDeployments: [{ name: 'hpc' }],
  })
})

test('every mutation that changed something is in the audit with who did it, and no refused one', async () => {
  const before = await web.pool.query('SELECT 1 FROM audit_event')
  await create()
  await create()
  await web.mutate('policySet', { scope: { bucket }, name: 'target_replica_count', value: 1 }, 'policy { name }')
  const { rows } = await web.pool.query('SELECT actor, action, subject, detail FROM audit_event ORDER BY id')
  expect(rows.slice(before.rows.length)).toEqual([
    { actor: 'admin', action: 'bucketCreate', subject: bucket, detail: { masterBucketName: bucket } },
    {
      actor: 'admin',
      action: 'policySet',
      subject: bucket,
      detail: { scope: 'bucket', name: 'target_replica_count', value: 1 },
    },
  ])
})
