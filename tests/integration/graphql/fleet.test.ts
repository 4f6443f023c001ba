// Clusters and their functions, over the API.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { forgetDeleted } from '../../../server/services/buckets/forget-deleted.ts'
import { startMinio } from '../../support/minio.ts'
import type { StoreProcess } from '../../support/store-process.ts'
import { startTestWeb, type TestWeb } from '../../support/web.ts'
import { fleet } from '../../support/world/fleet.ts'

let web: TestWeb
let minio: StoreProcess
beforeAll(async () => {
  ;[web, minio] = await Promise.all([startTestWeb(), startMinio()])
})
afterAll(async () => {
  await web?.stop()
  await minio?.stop()
})

const cluster = (name: string) =>
  web
    .ask(
      'query ($name: String!) { cluster(name: $name) { id zones labels { key value } state version faasDeployments { id url weight health { status } } storageDeployments { name } } }',
      { name },
    )
    .then(({ data }) => data.cluster)

test('a cluster is created with zones and labels, and its idempotency key answers the first result', async () => {
  const input = {
    name: 'hpc',
    zones: ['germany', 'hp', 'germany'],
    labels: [{ key: 'tier', value: 'hpc' }],
    idempotencyKey: 'k1',
  }
  const first = await web.mutate('clusterCreate', input, 'cluster { id name zones labels { key value } state version }')
  expect(first.cluster).toMatchObject({
    name: 'hpc',
    zones: ['germany', 'hp'],
    labels: [{ key: 'tier', value: 'hpc' }],
    state: 'ACTIVE',
    version: 1,
  })
  const again = await web.mutate('clusterCreate', input, 'cluster { id name }')
  expect(again.cluster).toEqual({ id: first.cluster.id, name: 'hpc' })
  expect(await web.mutate('clusterCreate', { ...input, name: 'other' }, 'cluster { id name }')).toMatchObject({
    code: 'CONFLICT',
    message: 'With this idempotency key the cluster hpc was created: another creation needs another key',
    path: ['input', 'idempotencyKey'],
  })
  expect(await cluster('other')).toBeNull()
})

test('a taken name, a bad name, a bad zone and a label given twice are refused and change nothing', async () => {
  await web.mutate('clusterCreate', { name: 'taken' }, 'cluster { id }')
  const create = (input: Record<string, unknown>) => web.mutate('clusterCreate', input, 'cluster { id }')
  expect(await create({ name: 'taken' })).toMatchObject({ code: 'ALREADY_EXISTS', path: ['input', 'name'] })
  expect(await create({ name: 'no spaces' })).toMatchObject({ code: 'VALIDATION_FAILED', path: ['input', 'name'] })
  expect(await create({ name: 'ok', zones: ['a', 'b c'] })).toMatchObject({
    code: 'VALIDATION_FAILED',
    path: ['input', 'zones', '1'],
  })
  const twice = [
    { key: 'a', value: '1' },
    { key: 'a', value: '2' },
  ]
  expect(await create({ name: 'ok', labels: twice })).toMatchObject({
    code: 'VALIDATION_FAILED',
    path: ['input', 'labels'],
  })
  expect(await cluster('ok')).toBeNull()
})

test('an update needs the present version, keeps what is left out, and marks buckets as narrowing when a zone is taken', async () => {
  await web.mutate(
    'clusterCreate',
    { name: 'moving', zones: ['a', 'b'], labels: [{ key: 'k', value: 'v' }] },
    'cluster { id }',
  )
  const update = (input: Record<string, unknown>) =>
    web.mutate('clusterUpdate', { cluster: 'moving', ...input }, 'cluster { zones version }')
  expect(await update({ zones: ['a'], expectedVersion: 7 })).toMatchObject({
    code: 'CONFLICT',
    path: ['input', 'expectedVersion'],
  })
  expect(await update({ zones: ['a'], expectedVersion: 1 })).toMatchObject({ cluster: { zones: ['a'], version: 2 } })
  expect(await cluster('moving')).toMatchObject({ labels: [{ key: 'k', value: 'v' }], version: 2 })
  expect(await web.mutate('clusterUpdate', { cluster: 'nowhere' }, 'cluster { id }')).toMatchObject({
    code: 'NOT_FOUND',
    path: ['input', 'cluster'],
  })
})

test('function deployments are added, changed and removed, and the cluster counts it in its version', async () => {
  await web.mutate('clusterCreate', { name: 'functions' }, 'cluster { id }')
  const add = (input: Record<string, unknown>) =>
    web.mutate(
      'faasDeploymentAdd',
      { cluster: 'functions', kind: 'OPENFAAS', ...input },
      'faasDeployment { id url kind weight health { status } cluster { version } }',
    )
  const { faasDeployment: one } = await add({ url: 'http://127.0.0.1:9/' })
  expect(one).toMatchObject({
    url: 'http://127.0.0.1:9',
    kind: 'OPENFAAS',
    weight: 1,
    health: { status: 'UNKNOWN' },
    cluster: { version: 2 },
  })
  expect(await add({ url: 'http://127.0.0.1:9' })).toMatchObject({ code: 'ALREADY_EXISTS', path: ['input', 'url'] })
  expect(await add({ url: 'ftp://x' })).toMatchObject({ code: 'VALIDATION_FAILED', path: ['input', 'url'] })
  expect(await add({ url: 'http://u:p@x' })).toMatchObject({ code: 'VALIDATION_FAILED' })
  expect(await add({ url: 'http://x', weight: 0 })).toMatchObject({
    code: 'VALIDATION_FAILED',
    path: ['input', 'weight'],
  })
  expect(await add({ url: 'http://x', cluster: 'nowhere' })).toMatchObject({
    code: 'NOT_FOUND',
    path: ['input', 'cluster'],
  })

  const update = (input: Record<string, unknown>) =>
    web.mutate('faasDeploymentUpdate', { id: one.id, ...input }, 'faasDeployment { url weight }')
  expect(await update({ weight: 5, expectedVersion: 1 })).toMatchObject({ code: 'CONFLICT' })
  expect(await update({ weight: 5, expectedVersion: 2 })).toMatchObject({
    faasDeployment: { url: 'http://127.0.0.1:9', weight: 5 },
  })
  expect(await update({ url: 'http://127.0.0.1:10/base/' })).toMatchObject({
    faasDeployment: { url: 'http://127.0.0.1:10/base', weight: 5 },
  })

  const remove = (id: string) => web.mutate('faasDeploymentRemove', { id }, 'deletedId')
  expect(await remove('bm90aGluZw==')).toMatchObject({ code: 'NOT_FOUND', path: ['input', 'id'] })
  expect(await remove(one.id)).toMatchObject({ deletedId: one.id })
  expect(await remove(one.id)).toMatchObject({ code: 'NOT_FOUND' })
  expect((await cluster('functions')).faasDeployments).toEqual([])
})

test('how a deployment is called is stored as it was said, and is its platform\u2019s where nobody said so', async () => {
  await web.mutate('clusterCreate', { name: 'cloud' }, 'cluster { id }')
  const fields =
    'faasDeployment { id pathTemplate usedPathTemplate payload usedPayload functions auth { kind as } tls { skipVerify } hints { code } }'
  const add = { cluster: 'cloud', kind: 'AWS_LAMBDA', url: 'https://lambda.eu-central-1.amazonaws.com' }
  const standard = {
    pathTemplate: null,
    usedPathTemplate: '/2015-03-31/functions/{name}/invocations',
    payload: null,
    usedPayload: 'EVENT',
    functions: null,
    auth: null,
    tls: { skipVerify: false },
    hints: [],
  }
  const { faasDeployment: lambda } = await web.mutate('faasDeploymentAdd', add, fields)
  expect(lambda).toMatchObject(standard)
  const update = (input: Record<string, unknown>) =>
    web.mutate('faasDeploymentUpdate', { id: lambda.id, ...input }, fields)
  const changes = {
    pathTemplate: '/x/{name}',
    payload: 'RAW',
    functions: ['b', 'a'],
    auth: { bearer: 'token' },
    tls: { skipVerify: true },
  }
  expect(await update(changes)).toMatchObject({
    faasDeployment: {
      pathTemplate: '/x/{name}',
      usedPathTemplate: '/x/{name}',
      payload: 'RAW',
      usedPayload: 'RAW',
      functions: ['a', 'b'],
      auth: { kind: 'BEARER', as: null },
      tls: { skipVerify: true },
      hints: [{ code: 'CERTIFICATE_UNCHECKED' }],
    },
  })
  expect(await update({ url: 'https://lambda.elsewhere.example' })).toMatchObject({
    code: 'VALIDATION_FAILED',
    path: ['input', 'auth'],
  })
  const none = Object.fromEntries(Object.keys(changes).map((field) => [field, null]))
  expect((await update(none)).faasDeployment).toMatchObject(standard)
  expect(await update({ payload: 'HTTP', tls: { ca: 'no certificate' } })).toMatchObject({
    path: ['input', 'tls', 'ca'],
  })
})

test('every platform says what a form needs, and what it says can be registered', async () => {
  const { data } = await web.ask('{ platforms { kind exampleUrl pathTemplate payloads authKinds keyHeader } }')
  await web.mutate('clusterCreate', { name: 'of-all-kinds' }, 'cluster { id }')
  const registered: { url: string; kind: string }[] = []
  for (const { kind, exampleUrl, pathTemplate, payloads, authKinds } of data.platforms) {
    expect(authKinds.length, kind).toBeGreaterThan(0)
    for (const [i, payload] of payloads.entries()) {
      const input = { cluster: 'of-all-kinds', kind, url: `${exampleUrl}/${registered.length}`, payload }
      const { faasDeployment } = await web.mutate(
        'faasDeploymentAdd',
        input,
        'faasDeployment { usedPathTemplate usedPayload url kind }',
      )
      expect(faasDeployment, kind).toMatchObject({
        usedPayload: payload,
        ...(i === 0 ? { usedPathTemplate: pathTemplate } : {}),
      })
      registered.push(faasDeployment)
    }
  }
  expect(new Set(registered.map(({ kind }) => kind)).size).toBe(data.platforms.length)
})

test('of two changes with the same expectedVersion one is stored and the other told', async () => {
  await web.mutate('clusterCreate', { name: 'contended' }, 'cluster { id }')
  const update = (value: string) =>
    web.mutate(
      'clusterUpdate',
      { cluster: 'contended', labels: [{ key: 'by', value }], expectedVersion: 1 },
      'cluster { version }',
    )
  const results = await Promise.all(['a', 'b', 'c', 'd'].map(update))
  expect(results.map((one) => one.code ?? 'stored').sort()).toEqual(['CONFLICT', 'CONFLICT', 'CONFLICT', 'stored'])
  expect((await cluster('contended')).version).toBe(2)
})

test('a store that is gone for good is forgotten on demand only, with what lies there in the audit', async () => {
  const rows = fleet(web.pool)
  const [home, lost] = [await rows.cluster('home'), await rows.cluster('lost')]
  const [bucket, other] = [await home.store.bucket('kept'), await home.store.bucket('elsewhere')]
  const copy = await bucket.replica(lost.store, { bucketName: 'acme-kept' })
  await copy.object('k')
  const remove = (force: boolean) => web.mutate('storageDeploymentRemove', { name: 'lost', force }, 'deletedId')
  const isThere = async () => (await cluster('lost')).storageDeployments.length === 1
  await remove(false)
  await web.pool.query(`UPDATE storage_deployment SET health = 'unhealthy' WHERE name = 'lost'`)
  await forgetDeleted(web.deps)
  expect(await isThere()).toBe(true)
  await web.pool.query(`UPDATE storage_deployment SET health = 'healthy' WHERE name = 'lost'`)
  await remove(true)
  await forgetDeleted(web.deps)
  expect(await isThere()).toBe(true)
  await web.pool.query(`UPDATE storage_deployment SET health = 'unhealthy' WHERE name = 'lost'`)
  await web.pool.query('DELETE FROM dirty_bucket')
  await forgetDeleted(web.deps)
  expect(await isThere()).toBe(false)
  // All: the reasons of others name the store, too.
  expect((await web.pool.query('SELECT bucket_id AS id, intent FROM dirty_bucket ORDER BY 1')).rows).toEqual(
    [bucket.id, other.id].toSorted().map((id) => ({ id, intent: true })),
  )
  const { rows: audit } = await web.pool.query(
    `SELECT subject, detail FROM audit_event WHERE action = 'storageForgotten'`,
  )
  expect(audit).toEqual([{ subject: 'lost', detail: { leftBehind: ['acme-kept'] } }])
})

test('an empty cluster goes at once; one with a store is DELETING until nothing is left there', async () => {
  await web.mutate('clusterCreate', { name: 'empty' }, 'cluster { id }')
  expect(await web.mutate('clusterDelete', { cluster: 'empty' }, 'deletedId')).toMatchObject({
    deletedId: expect.any(String),
  })
  expect(await cluster('empty')).toBeNull()
  expect(await web.mutate('clusterDelete', { cluster: 'empty' }, 'deletedId')).toMatchObject({ code: 'NOT_FOUND' })

  await web.mutate('clusterCreate', { name: 'c1' }, 'cluster { id }')
  const keys = { accessKey: 'minio', secretKey: 'minio123' }
  const store = { cluster: 'c1', name: 's1', endpoint: minio.endpoint, ...keys }
  await web.mutate('storageDeploymentAdd', store, 'storageDeployment { name }')
  const first = await web.mutate('clusterDelete', { cluster: 'c1' }, 'deletedId')
  expect(await cluster('c1')).toMatchObject({ state: 'DELETING' })
  expect(await web.mutate('clusterDelete', { cluster: 'c1', expectedVersion: 1 }, 'deletedId')).toEqual(first)
  expect(await web.mutate('clusterUpdate', { cluster: 'c1', zones: [] }, 'cluster { id }')).toMatchObject({
    code: 'CONFLICT',
  })
  expect(await forgetDeleted(web.deps)).toBe(true)
  expect(await cluster('c1')).toBeNull()
  expect(await forgetDeleted(web.deps)).toBe(false)
})

test('when a cluster goes every bucket is decided again: it may have been the last of a zone, and reasons name it', async () => {
  const { id } = await (await fleet(web.pool).cluster('left')).store.bucket('decided-again')
  const isMarked = async () =>
    (await web.pool.query('SELECT 1 FROM dirty_bucket WHERE bucket_id = $1', [id])).rowCount === 1
  const settle = () => web.pool.query('DELETE FROM dirty_bucket')

  await web.mutate('clusterCreate', { name: 'without-store' }, 'cluster { id }')
  await settle()
  await web.mutate('clusterDelete', { cluster: 'without-store' }, 'deletedId')
  expect(await isMarked()).toBe(true)

  await web.mutate('clusterCreate', { name: 'emptied' }, 'cluster { id }')
  await web.pool.query(`UPDATE cluster SET state = 'deleting' WHERE name = 'emptied'`)
  await settle()
  await forgetDeleted(web.deps)
  expect(await isMarked()).toBe(true)
  await settle()
  await forgetDeleted(web.deps)
  expect(await isMarked()).toBe(false)
})
