// BucketCreate over the API: what it makes, what it refuses, and what a crash in its midst leaves.
import { expect, test } from 'vitest'
import { finishCreations } from '../../../server/services/buckets/bucket-creation.ts'
import { createBucket } from '../../../server/services/buckets/create-bucket.ts'
import type { ServiceDeps } from '../../../server/services/shared/deps.ts'
import { StorageError } from '../../../server/storage/storage-error.ts'
import { bucketApi } from '../../support/bucket-api.ts'
import { fleet, fromNow } from '../../support/world/fleet.ts'

const api = bucketApi()

test('a bucket whose master would lie outside its zones is refused, unless that is asked for', async () => {
  const zones = (value: readonly string[]) => ({ policies: [{ name: 'zones', value }] })
  const refused = await api.create(zones(['high-performance']))
  expect(refused).toMatchObject({ code: 'UNSAFE', path: ['input', 'storageDeployment'] })
  expect(refused.message).toContain('Its data may lie in high-performance only')
  expect(refused.message).toContain('the cluster hpc of the store hpc lies in germany')
  expect(await api.driver.headBucket(api.bucket)).toBeNull()
  expect(await api.read()).toBeNull()
  await api.web.mutate(
    'policySet',
    { scope: { global: true }, name: 'zones', value: ['high-performance'] },
    'policy { value }',
  )
  expect(await api.create()).toMatchObject({ code: 'UNSAFE' })
  const made = await api.create({ ...zones(['germany']) })
  expect(made.bucket).toMatchObject({ name: api.bucket })
  api.bucket = `${api.bucket}-outside`
  expect((await api.create({ allowOutsideZones: true })).bucket).toMatchObject({ name: api.bucket })
  await api.web.mutate('policyUnset', { scope: { global: true }, name: 'zones' }, 'policy { value }')
})

test('when BucketCreate answers, the bucket is on its store, its events are subscribed, and it is to be decided', async () => {
  const { bucket: made } = await api.create({
    policies: [
      { name: 'zones', value: ['germany'] },
      { name: 'target_replica_count', value: 2 },
    ],
  })
  expect(made).toEqual({ id: expect.any(String), name: api.bucket, version: 1 })
  expect(await api.driver.headBucket(api.bucket)).not.toBeNull()
  const marked = await api.dirty()
  expect(marked).toEqual({ intent: true, narrowing: false })
  expect(await api.read()).toMatchObject({
    id: made.id,
    master: { bucketName: api.bucket, storageDeployment: { name: 'hpc' } },
    replicas: [],
    placement: { condition: 'PLACED', reasons: [] },
    route: { lbPolicy: 'ROUND_ROBIN', state: 'PENDING', overridden: false, upstreams: [] },
    stats: null,
  })
  expect(await api.policy('zones')).toEqual({
    name: 'zones',
    value: ['germany'],
    source: { kind: 'BUCKET', name: api.bucket },
  })
  expect(await api.policy('max_staleness')).toEqual({
    name: 'max_staleness',
    value: 60,
    source: { kind: 'DEFAULT', name: null },
  })
})

test('a bucket that the store has already is IN_USE and stays as it is', async () => {
  await api.driver.createBucket(api.bucket)
  await api.driver.put(api.bucket, 'theirs', { body: Buffer.from('x'), size: 1 })
  expect(await api.create()).toMatchObject({ code: 'IN_USE', path: ['input', 'name'] })
  expect(await api.read()).toBeNull()
  expect(await api.driver.head(api.bucket, 'theirs')).not.toBeNull()
  expect((await api.web.pool.query('SELECT 1 FROM bucket WHERE name = $1', [api.bucket])).rows).toEqual([])
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
  expect(await api.create(input)).toMatchObject({ code, path })
  expect(await api.driver.headBucket(api.bucket)).toBeNull()
  expect(await api.read()).toBeNull()
})

test('a taken name is ALREADY_EXISTS; the same idempotency key answers the first result, also when many come at once', async () => {
  const [one, ...others] = await Promise.all(
    Array.from({ length: 8 }, () => api.create({ idempotencyKey: api.bucket })),
  )
  expect(others).toEqual(others.map(() => one))
  for (const other of [{ name: 'another' }, { storageDeployment: 'elsewhere' }])
    expect(await api.create({ idempotencyKey: api.bucket, ...other })).toMatchObject({
      code: 'CONFLICT',
      message: `With this idempotency key the bucket ${api.bucket} was created on hpc: another creation needs another key`,
      path: ['input', 'idempotencyKey'],
    })
  expect(await api.create()).toMatchObject({ code: 'ALREADY_EXISTS', path: ['input', 'name'] })
})

test('many buckets can be created at once', async () => {
  const names = Array.from({ length: 16 }, (_, i) => `${api.bucket}-${i}`)
  const made = await Promise.all(names.map((name) => api.create({ name })))
  expect(made.map((one) => one.bucket?.name)).toEqual(names)
})

test('a store that does not answer makes BucketCreate UNREACHABLE and leaves no row', async () => {
  await api.web.pool.query(`UPDATE storage_deployment SET endpoint = 'http://127.0.0.1:1' WHERE name = 'hpc'`)
  try {
    expect(await api.create()).toMatchObject({ code: 'UNREACHABLE' })
  } finally {
    await api.web.pool.query(`UPDATE storage_deployment SET endpoint = $1 WHERE name = 'hpc'`, [api.minio.endpoint])
  }
  expect((await api.web.pool.query('SELECT 1 FROM bucket WHERE name = $1', [api.bucket])).rows).toEqual([])
})

/** A driver whose store does what it is asked and is then cut off before it answers. */
function withoutAnswer(after: 'made' | 'not made'): ServiceDeps {
  const connect: ServiceDeps['connect'] = (access) => {
    const real = api.web.deps.connect(access)
    const createBucket = async (name: string) => {
      if (after === 'made') await real.createBucket(name)
      throw new StorageError('timeout', 'no answer')
    }
    return { ...real, createBucket }
  }
  return { ...api.web.deps, connect }
}
const operator = { id: '', name: 'someone', role: 'OPERATOR', zones: [] } as const

test('where no answer to the creation came, the store is asked what it did', async () => {
  const input = { name: api.bucket, storageDeployment: 'hpc', policies: [], allowOutsideZones: false }
  await expect(createBucket(withoutAnswer('not made'), operator, input)).rejects.toMatchObject({ code: 'UNREACHABLE' })
  expect((await api.web.pool.query('SELECT 1 FROM bucket WHERE name = $1', [api.bucket])).rows).toEqual([])
  await createBucket(withoutAnswer('made'), operator, input)
  expect(await api.read()).toMatchObject({ master: { bucketName: api.bucket } })
})

/** `sentIn`: seconds from now, for a row that is younger than what is on the store. */
async function leftInCreation(sentIn = 0): Promise<void> {
  const { rows } = await api.web.pool.query<{ id: string }>(`SELECT id FROM storage_deployment WHERE name = 'hpc'`)
  const hpc = fleet(api.web.pool).storeOf(rows[0]?.id ?? '')
  await hpc.bucket(api.bucket, { state: 'creating', createSentAt: fromNow(sentIn) })
}

test('a creation that a crash left is finished where the store made the bucket, and taken back where it did not', async () => {
  await leftInCreation()
  expect(await api.read()).toBeNull()
  expect(await api.create()).toMatchObject({ code: 'ALREADY_EXISTS' })
  await api.driver.createBucket(api.bucket)
  const made = api.bucket
  api.bucket = `${api.bucket}-not-made`
  await leftInCreation()
  expect(await finishCreations(api.web.deps)).toBe(0)
  expect(await api.read(made)).toMatchObject({ master: { bucketName: made } })
  expect(await api.read()).toBeNull()
  expect(await api.create()).toMatchObject({ bucket: { name: api.bucket } })
})

test('a bucket found after a crash that holds something, or is older than the row, is not taken over', async () => {
  await api.driver.createBucket(api.bucket)
  await api.driver.put(api.bucket, 'theirs', { body: Buffer.from('x'), size: 1 })
  await leftInCreation()
  const old = `${api.bucket}-old`
  await api.driver.createBucket(old)
  const full = api.bucket
  api.bucket = old
  await leftInCreation(60)
  expect(await finishCreations(api.web.deps)).toBe(0)
  expect(await api.read(full)).toBeNull()
  expect(await api.read(old)).toBeNull()
  expect(await api.driver.head(full, 'theirs')).not.toBeNull()
  expect(await api.driver.headBucket(old)).not.toBeNull()
})
