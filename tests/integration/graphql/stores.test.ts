// Stores of clusters, over the API: tried before anything is stored, on real ones.
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { startHostileServer } from '../../support/hostile-server.ts'
import { startMinio } from '../../support/minio.ts'
import type { StoreProcess } from '../../support/store-process.ts'
import { startTestWeb, type TestWeb } from '../../support/web.ts'

let web: TestWeb
let minio: StoreProcess
beforeAll(async () => {
  ;[web, minio] = await Promise.all([startTestWeb(), startMinio()])
})
afterAll(async () => {
  await web?.stop()
  await minio?.stop()
})

test('a store is tried before it is registered: what failed is said, and nothing is stored', async () => {
  await web.mutate('clusterCreate', { name: 'c1' }, 'cluster { id }')
  const add = (input: Record<string, unknown>) =>
    web.mutate(
      'storageDeploymentAdd',
      { cluster: 'c1', name: 's1', endpoint: minio.endpoint, accessKey: 'minio', secretKey: 'minio123', ...input },
      'storageDeployment { id name endpoint version health { status since } capabilities usage { objects bytes } cluster { name version } }',
    )
  expect(await add({ endpoint: 'http://127.0.0.1:1' })).toMatchObject({
    code: 'UNREACHABLE',
    path: ['input', 'endpoint'],
    message: expect.stringContaining('reachable'),
  })
  expect(await add({ secretKey: 'wrong-secret' })).toMatchObject({
    code: 'VALIDATION_FAILED',
    path: ['input', 'secretKey'],
    message: expect.stringContaining('credentials'),
  })
  expect(await add({ accessKey: 'nobody' })).toMatchObject({
    code: 'VALIDATION_FAILED',
    message: expect.stringContaining('credentials'),
  })
  expect(await add({ endpoint: `${minio.endpoint}/path` })).toMatchObject({
    code: 'VALIDATION_FAILED',
    path: ['input', 'endpoint'],
  })
  expect(await add({ endpoint: `${web.url}` })).toMatchObject({ code: 'VALIDATION_FAILED' })
  expect(await add({ cluster: 'nowhere' })).toMatchObject({ code: 'NOT_FOUND', path: ['input', 'cluster'] })
  expect(await add({ expectedVersion: 9 })).toMatchObject({ code: 'CONFLICT' })
  expect(await add({ bucketNameTemplate: 'x' })).toMatchObject({
    code: 'VALIDATION_FAILED',
    path: ['input', 'bucketNameTemplate'],
  })
  expect(
    (await web.ask('{ cluster(name: "c1") { storageDeployments { name } } }')).data.cluster.storageDeployments,
  ).toEqual([])

  const { storageDeployment } = await add({ endpoint: `${minio.endpoint}/` })
  expect(storageDeployment).toMatchObject({
    name: 's1',
    endpoint: minio.endpoint,
    version: 1,
    health: { status: 'HEALTHY', since: expect.any(String) },
    capabilities: expect.arrayContaining(['conditional-writes', 'multipart']),
    usage: { objects: 0, bytes: 0 },
    cluster: { name: 'c1', version: 2 },
  })
  expect(await add({ name: 's1', endpoint: 'http://127.0.0.1:1' })).toMatchObject({
    code: 'ALREADY_EXISTS',
    path: ['input', 'name'],
  })
  expect(await add({ name: 's2' })).toMatchObject({ code: 'ALREADY_EXISTS', path: ['input', 'endpoint'] })
  const alias = minio.endpoint.replace('127.0.0.1', 'localhost')
  expect(await add({ name: 's2', endpoint: alias })).toMatchObject({
    code: 'ALREADY_EXISTS',
    message: expect.stringContaining('s1'),
  })
})

test("a store's credentials are rotated only when the new ones work", async () => {
  const update = (input: Record<string, unknown>) =>
    web.mutate(
      'storageDeploymentUpdate',
      { name: 's1', ...input },
      'storageDeployment { version managementUrl region }',
    )
  expect(await update({ secretKey: 'wrong-secret' })).toMatchObject({
    code: 'VALIDATION_FAILED',
    path: ['input', 'secretKey'],
  })
  expect(await update({ endpoint: 'http://127.0.0.1:1' })).toMatchObject({ code: 'UNREACHABLE' })
  expect(await update({ expectedVersion: 5 })).toMatchObject({ code: 'CONFLICT' })
  expect(await update({ name: 'nothing' })).toMatchObject({ code: 'NOT_FOUND', path: ['input', 'name'] })
  expect(await update({ managementUrl: 'http://127.0.0.1:9001/', expectedVersion: 1 })).toMatchObject({
    storageDeployment: { version: 2, managementUrl: 'http://127.0.0.1:9001/' },
  })
  expect(await update({ accessKey: 'minio', secretKey: 'minio123' })).toMatchObject({
    storageDeployment: { version: 3, managementUrl: 'http://127.0.0.1:9001/' },
  })
  expect(await update({ managementUrl: null })).toMatchObject({
    storageDeployment: { version: 4, managementUrl: null },
  })
})

test('of two changes of one store at once both are kept', async () => {
  const change = (input: Record<string, unknown>) =>
    web.mutate('storageDeploymentUpdate', { name: 's1', ...input }, 'storageDeployment { version }')
  const results = await Promise.all([
    change({ managementUrl: 'http://127.0.0.1:9001/' }),
    change({ publicEndpoint: minio.endpoint }),
  ])
  expect(results.map(({ code }) => code)).toEqual([undefined, undefined])
  const { data } = await web.ask(
    'query { cluster(name: "c1") { storageDeployments { managementUrl publicEndpoint } } }',
  )
  expect(data.cluster.storageDeployments).toEqual([
    { managementUrl: 'http://127.0.0.1:9001/', publicEndpoint: minio.endpoint },
  ])
})

test('one store that is given twice at once under two addresses is registered once', async () => {
  const twin = await startMinio()
  onTestFinished(() => twin.stop())
  await web.mutate('clusterCreate', { name: 'twins' }, 'cluster { id }')
  const keys = { accessKey: 'minio', secretKey: 'minio123' }
  const add = (name: string, endpoint: string) =>
    web.mutate('storageDeploymentAdd', { cluster: 'twins', name, endpoint, ...keys }, 'storageDeployment { name }')
  const alias = twin.endpoint.replace('127.0.0.1', 'localhost')
  const results = await Promise.all([add('one', twin.endpoint), add('two', alias)])
  expect(results.map(({ code }) => code ?? 'stored').sort()).toEqual(['ALREADY_EXISTS', 'stored'])
})

test('a store may move to another address, but not become another store', async () => {
  const [store, other] = await Promise.all([startMinio(), startMinio()])
  onTestFinished(async () => void (await Promise.all([store.stop(), other.stop()])))
  await web.mutate('clusterCreate', { name: 'moving' }, 'cluster { id }')
  const keys = { accessKey: 'minio', secretKey: 'minio123' }
  const add = { cluster: 'moving', name: 'moved', endpoint: store.endpoint, ...keys }
  await web.mutate('storageDeploymentAdd', add, 'storageDeployment { name }')
  await web.mutate('bucketCreate', { name: 'moved-data', storageDeployment: 'moved' }, 'bucket { name }')
  const update = (endpoint: string) =>
    web.mutate('storageDeploymentUpdate', { name: 'moved', endpoint }, 'storageDeployment { endpoint }')
  expect(await update(other.endpoint)).toMatchObject({
    code: 'VALIDATION_FAILED',
    path: ['input', 'endpoint'],
    message: expect.stringContaining('lacks 1 bucket that FaDO has on this one (moved-data)'),
  })
  const alias = store.endpoint.replace('127.0.0.1', 'localhost')
  expect(await update(alias)).toMatchObject({ storageDeployment: { endpoint: alias } })
})

test('a store that refuses whatever it is asked is not registered', async () => {
  const body = '<Error><Code>AccessDenied</Code></Error>'
  const endpoint = await startHostileServer((socket, head) =>
    socket.write(
      `HTTP/1.1 403 Forbidden\r\ncontent-type: application/xml\r\ncontent-length: ${body.length}\r\n\r\n` +
        (head.startsWith('HEAD') ? '' : body),
    ),
  )
  await web.mutate('clusterCreate', { name: 'walled' }, 'cluster { id }')
  const input = { cluster: 'walled', name: 'wall', endpoint, accessKey: 'minio', secretKey: 'minio123' }
  expect(await web.mutate('storageDeploymentAdd', input, 'storageDeployment { name }')).toMatchObject({
    code: 'VALIDATION_FAILED',
    path: ['input', 'accessKey'],
  })
})
