// Buckets that go, and what is written down of all changes.
import { expect, test } from 'vitest'
import { bucketApi } from '../../support/bucket-api.ts'

const api = bucketApi()

test('a bucket that is being deleted is read with its reason, takes no changes, and answers the same again', async () => {
  const { bucket: made } = await api.create()
  await api.decided()
  expect(await api.web.mutate('bucketDelete', { bucket: 'nowhere', deleteData: false }, 'deletedId')).toMatchObject({
    code: 'NOT_FOUND',
  })
  expect(
    await api.web.mutate('bucketDelete', { bucket: api.bucket, deleteData: true, expectedVersion: 9 }, 'deletedId'),
  ).toMatchObject({ code: 'CONFLICT' })
  const first = await api.web.mutate('bucketDelete', { bucket: api.bucket, deleteData: true }, 'deletedId')
  expect(first.deletedId).toBe(made.id)
  expect(await api.dirty()).toEqual({ intent: true, narrowing: true })
  expect(
    await api.web.mutate('bucketDelete', { bucket: api.bucket, deleteData: true, expectedVersion: 1 }, 'deletedId'),
  ).toEqual(first)
  const otherwise = await api.web.mutate('bucketDelete', { bucket: api.bucket, deleteData: false }, 'deletedId')
  expect(otherwise).toMatchObject({
    code: 'CONFLICT',
    message: `The bucket ${api.bucket} is being deleted with its data already`,
    path: ['input', 'deleteData'],
  })
  await api.decided()
  expect(await api.read()).toMatchObject({
    placement: { reasons: [{ code: 'DELETING' }] },
    route: { state: 'UNROUTABLE', upstreams: [] },
  })
  expect(
    await api.web.mutate('policySet', { scope: { bucket: api.bucket }, name: 'zones', value: [] }, 'policy { name }'),
  ).toMatchObject({ code: 'CONFLICT' })
  expect(await api.create()).toMatchObject({
    code: 'ALREADY_EXISTS',
    message: `The bucket ${api.bucket} is being deleted: try again when it is gone`,
  })
  const { rows } = await api.web.pool.query('SELECT state, delete_data FROM bucket WHERE name = $1', [api.bucket])
  expect(rows).toEqual([{ state: 'deleting', delete_data: true }])
})

test('a store or cluster with a master is IN_USE and says whose', async () => {
  await api.create()
  const refused = { code: 'IN_USE', message: expect.stringContaining('bucket-') }
  expect(await api.web.mutate('storageDeploymentRemove', { name: 'hpc' }, 'deletedId')).toMatchObject(refused)
  expect(await api.web.mutate('storageDeploymentRemove', { name: 'hpc', force: true }, 'deletedId')).toMatchObject(
    refused,
  )
  expect(await api.web.mutate('clusterDelete', { cluster: 'hpc' }, 'deletedId')).toMatchObject(refused)
  expect((await api.web.ask('{ cluster(name: "hpc") { state storageDeployments { name } } }')).data.cluster).toEqual({
    state: 'ACTIVE',
    storageDeployments: [{ name: 'hpc' }],
  })
})

test('every mutation that changed something is in the audit with who did it, and no refused one', async () => {
  const before = await api.web.pool.query('SELECT 1 FROM audit_event')
  await api.create()
  await api.create()
  await api.web.mutate(
    'policySet',
    { scope: { bucket: api.bucket }, name: 'target_replica_count', value: 1 },
    'policy { name }',
  )
  const { rows } = await api.web.pool.query('SELECT actor, action, subject, detail FROM audit_event ORDER BY id')
  expect(rows.slice(before.rows.length)).toEqual([
    { actor: 'admin', action: 'bucketCreate', subject: api.bucket, detail: { masterBucketName: api.bucket } },
    {
      actor: 'admin',
      action: 'policySet',
      subject: api.bucket,
      detail: { scope: 'bucket', name: 'target_replica_count', value: 1 },
    },
  ])
})
