// Policies, routes and orders of a bucket over the API: what is stored, what is refused, and that a refusal changes nothing.
import { expect, test } from 'vitest'
import { bucketApi } from '../../support/bucket-api.ts'
import { rowId } from '../../support/register.ts'
import { untilSomebodyWaits } from '../../support/until-somebody-waits.ts'
import { fleet } from '../../support/world/fleet.ts'

const api = bucketApi()

test('PolicySet stores the value, says where it comes from, bumps the version and marks the bucket', async () => {
  await api.create()
  await api.decided()
  const set = (input: Record<string, unknown>) =>
    api.web.mutate(
      'policySet',
      { scope: { bucket: api.bucket }, planHash: null, ...input },
      'policy { name value source { kind name } }',
    )
  expect(await set({ name: 'lb_policy', value: 'least_conn', expectedVersion: 1 })).toMatchObject({
    policy: { name: 'lb_policy', value: 'least_request', source: { kind: 'BUCKET', name: api.bucket } },
  })
  expect(await api.dirty()).toEqual({ intent: true, narrowing: false })
  expect(await set({ name: 'zones', value: ['germany'], expectedVersion: 1 })).toMatchObject({ code: 'CONFLICT' })
  expect(await set({ name: 'zones', value: ['germany'], expectedVersion: 2 })).toMatchObject({
    policy: { value: ['germany'] },
  })
  expect(await api.dirty()).toEqual({ intent: true, narrowing: true })
  expect(await api.read()).toMatchObject({ version: 3, route: { state: 'PENDING' } })
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
  await api.create()
  await api.decided()
  expect(
    await api.web.mutate('policySet', { scope: { bucket: api.bucket }, ...input }, 'policy { name }'),
  ).toMatchObject({
    code,
    path,
  })
  expect((await api.read()).version).toBe(1)
  expect(await api.dirty()).toBeUndefined()
})

test('a global value holds for every bucket that has none of its own, until it is unset', async () => {
  await api.create()
  await api.decided()
  const unset = (scope: Record<string, unknown>) =>
    api.web.mutate('policyUnset', { scope, name: 'drain_delay' }, 'policy { value source { kind name } }')
  const set = (scope: Record<string, unknown>, value: number) =>
    api.web.mutate('policySet', { scope, name: 'drain_delay', value }, 'policy { value source { kind name } }')
  expect(await set({ global: true }, 3)).toMatchObject({ policy: { value: 3, source: { kind: 'GLOBAL', name: null } } })
  expect(await api.dirty()).toEqual({ intent: true, narrowing: false })
  expect(await api.policy('drain_delay')).toMatchObject({ value: 3, source: { kind: 'GLOBAL', name: null } })
  expect(await set({ bucket: api.bucket }, 0)).toMatchObject({
    policy: { value: 0, source: { kind: 'BUCKET', name: api.bucket } },
  })
  expect(await unset({ bucket: api.bucket })).toMatchObject({ policy: { value: 3, source: { kind: 'GLOBAL' } } })
  expect(await unset({ global: true })).toMatchObject({ policy: { value: 10, source: { kind: 'DEFAULT' } } })
  expect(await unset({ global: true })).toMatchObject({ policy: { value: 10 } })
})

test("a change of the fleet's own policies holds up no decision of a route while it marks all buckets", async () => {
  await api.create()
  let setting: Promise<unknown> | undefined
  await api.web.pool.transaction(async (tx) => {
    await tx.query('SELECT 1 FROM bucket FOR UPDATE')
    setting = api.web.mutate(
      'policySet',
      { scope: { global: true }, name: 'drain_delay', value: 3 },
      'policy { value }',
    )
    await untilSomebodyWaits(api.web.pool)
    expect((await tx.query('SELECT 1 FROM fleet FOR UPDATE NOWAIT')).rowCount).toBe(1)
  })
  expect(await setting).toMatchObject({ policy: { value: 3 } })
  const stale = { scope: { global: true }, name: 'drain_delay', value: 4, expectedVersion: 0 }
  expect(await api.web.mutate('policySet', stale, 'policy { value }')).toMatchObject({ code: 'CONFLICT' })
  expect(await api.policy('drain_delay')).toMatchObject({ value: 3 })
  await api.web.mutate('policyUnset', { scope: { global: true }, name: 'drain_delay' }, 'policy { value }')
})

test('a route is overridden, and not any more; what it names must exist', async () => {
  await api.create()
  await api.decided()
  const set = (input: Record<string, unknown>) =>
    api.web.mutate(
      'routeOverrideSet',
      { bucket: api.bucket, ...input },
      'bucket { name version route { overridden lbPolicy } }',
    )
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
  expect(await api.dirty()).toBeUndefined()
  expect(await set({ lbPolicy: 'LEAST_REQUEST', clusters: ['hpc'] })).toMatchObject({
    bucket: { version: 2, route: { overridden: true, lbPolicy: 'LEAST_REQUEST' } },
  })
  expect(await api.dirty()).toEqual({ intent: true, narrowing: false })
  const clear = await api.web.mutate(
    'routeOverrideClear',
    { bucket: api.bucket },
    'bucket { version route { overridden } }',
  )
  expect(clear).toMatchObject({ bucket: { version: 3, route: { overridden: false } } })
})

test('a replica is resynced under the given orders; the master, an unknown store and a withdrawn replica are refused', async () => {
  const { bucket: made } = await api.create()
  const world = fleet(api.web.pool)
  const far = await world.cluster(`far-${api.number}`)
  const resync = (input: Record<string, unknown>) =>
    api.web.mutate(
      'replicaResync',
      { bucket: api.bucket, storageDeployment: `far-${api.number}`, ...input },
      'replica { id state cause desired bucketName }',
    )
  expect(await resync({ storageDeployment: 'hpc' })).toMatchObject({ code: 'VALIDATION_FAILED' })
  expect(await resync({ storageDeployment: 'nowhere' })).toMatchObject({
    code: 'NOT_FOUND',
    path: ['input', 'storageDeployment'],
  })
  expect(await resync({})).toMatchObject({ code: 'NOT_FOUND', path: ['input', 'storageDeployment'] })
  await world.bucketOf(rowId(made.id), api.bucket, { id: '' }).replica(far.store, { bucketName: 'there', braked: 3 })
  const masterDue = async () =>
    (
      await api.web.pool.query<{ due: boolean }>(
        `SELECT not_before <= now() AS due FROM replica_task WHERE bucket_id = $1 AND kind = 'master_sweep'`,
        [rowId(made.id)],
      )
    ).rows
  await api.web.pool.query(
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
  const { rows } = await api.web.pool.query(
    'SELECT kind, allow_deletes > 0 AS deletes, overwrite > 0 AS overwrite FROM replica_task WHERE storage_id = $1',
    [far.store.id],
  )
  expect(rows).toEqual([{ kind: 'sweep', deletes: true, overwrite: true }])
  await api.web.pool.query('UPDATE replica SET wanted = false WHERE id = $1', [rowId(replica.id)])
  expect(await resync({})).toMatchObject({ code: 'CONFLICT' })
})
