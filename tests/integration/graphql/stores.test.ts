// Stores of clusters, over the API: tried before anything is stored, on real ones.
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { startHostileServer } from '../../support/hostile-server.ts'
import { startMinio } from '../../support/minio.ts'
import { driverOf } from '../../support/minio-driver.ts'
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
  for (const host of ['169.254.169.254', '[::ffff:169.254.169.254]', '[fd00:ec2::254]'])
    expect(await add({ endpoint: `http://${host}` })).toMatchObject({
      code: 'VALIDATION_FAILED',
      path: ['input', 'endpoint'],
      message: expect.stringContaining('where clouds keep secrets'),
    })
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

const topic = (name: string) => `arn:aws:sns:eu-central-1:123456789012:${name}`

test('who sees to it that a store tells of changes is set with it, and topics only where somebody has set them up', async () => {
  const fields =
    'storageDeployment { eventSource events { setting state form lastEventAt snsTopics path hints { code } } }'
  const update = (input: Record<string, unknown>) =>
    web.mutate('storageDeploymentUpdate', { name: 's1', ...input }, fields)
  const none = { form: null, lastEventAt: null, path: '/api/notify/s1' }
  const hints = [{ code: 'EVENTS_NONE' }]
  expect((await update({})).storageDeployment).toEqual({
    eventSource: 'SWEEP',
    events: { ...none, setting: 'AUTO', state: 'NONE', snsTopics: [], hints },
  })
  for (const snsTopics of [
    [topic('a')],
    ['fado'],
    ['arn:aws:sns:eu-central-1:123456789012:a:subscription'],
    ['arn:aws:sqs:eu-central-1:123456789012:a'],
    Array.from({ length: 21 }, (_, i) => topic(`t${i}`)),
  ]) {
    const events = snsTopics[0] === topic('a') ? 'AUTO' : 'EXTERNAL'
    expect(await update({ events, snsTopics })).toMatchObject({
      code: 'VALIDATION_FAILED',
      path: ['input', 'snsTopics'],
    })
  }
  const external = { events: { ...none, setting: 'EXTERNAL', state: 'UNHEARD', snsTopics: [topic('a')], hints: [] } }
  expect(await update({ events: 'EXTERNAL', snsTopics: [topic('a'), topic('a')] })).toEqual({
    __typename: 'StorageDeploymentUpdatePayload',
    storageDeployment: { eventSource: 'WEBHOOK', ...external },
  })
  expect((await update({ region: 'us-east-1' })).storageDeployment, 'what is left out stays').toMatchObject(external)
  expect((await update({ events: 'NONE' })).storageDeployment).toMatchObject({
    eventSource: 'SWEEP',
    events: { setting: 'NONE', state: 'NONE', snsTopics: [] },
  })
  const { rows } = await web.pool.query<{ detail: unknown }>(
    `SELECT detail FROM audit_event WHERE action = 'storageDeploymentUpdate' ORDER BY id DESC LIMIT 1`,
  )
  expect(rows[0]?.detail).toMatchObject({ events: 'none', snsTopics: [] })
  await update({ events: 'AUTO' })
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

test('nor where it has copies only, and the other store has buckets of their names', async () => {
  const [store, other] = await Promise.all([startMinio(), startMinio()])
  onTestFinished(async () => void (await Promise.all([store.stop(), other.stop()])))
  await web.mutate('clusterCreate', { name: 'copies' }, 'cluster { id }')
  const keys = { accessKey: 'minio', secretKey: 'minio123' }
  const add = { cluster: 'copies', name: 'copies', endpoint: store.endpoint, ...keys }
  await web.mutate('storageDeploymentAdd', add, 'storageDeployment { name }')
  const { rows } = await web.pool.query<{ id: string }>(`SELECT id FROM storage_deployment WHERE name = 'copies'`)
  const copies = { id: rows[0]?.id ?? '' }
  const masters = (await fleet(web.pool).cluster('masters-of-copies')).store
  const drivers = { own: driverOf(store.endpoint), others: driverOf(other.endpoint) }
  onTestFinished(async () => void (await Promise.all([drivers.own.close(), drivers.others.close()])))
  for (const driver of [drivers.others, drivers.own])
    for (const name of ['full', 'empty', 'unseen']) await driver.createBucket(name)
  const body = Buffer.from('v')
  const { etag } = await drivers.own.put('full', 'k', { body, size: 1, metadata: {} })
  const createdOn = new Date((await drivers.own.bucketCreatedAt('full')) ?? 0)
  const copyOf = async (name: string, more: { createdOn?: Date; observed?: string }) => {
    const bucket = await masters.bucket(name)
    return bucket.replica(copies, more)
  }
  const lacks = async (names: string, endpoint = other.endpoint) =>
    expect(
      await web.mutate('storageDeploymentUpdate', { name: 'copies', endpoint }, 'storageDeployment { endpoint }'),
    ).toMatchObject({ code: 'VALIDATION_FAILED', message: expect.stringContaining(names) })

  const full = await copyOf('full', { createdOn })
  await full.object('k', { targetEtag: etag })
  await lacks('lacks 1 bucket that FaDO has on this one (full)')
  const empty = await copyOf('empty', { createdOn: new Date((await drivers.own.bucketCreatedAt('empty')) ?? 0) })
  await lacks('lacks 2 buckets that FaDO has on this one (empty, full)')
  await web.pool.query(`UPDATE replica SET observed = 'deleting' WHERE id = $1`, [full.id])
  await lacks('lacks 2 buckets that FaDO has on this one (empty, full)')
  await web.pool.query('UPDATE replica SET created_on = NULL WHERE id = $1', [full.id]) // its sync is not complete yet
  await lacks('lacks 2 buckets that FaDO has on this one (empty, full)')
  await copyOf('unseen', { observed: 'syncing' })
  await lacks('lacks 2 buckets that FaDO has on this one (empty, full)')

  await web.pool.query(`UPDATE replica SET created_on = created_on + interval '1 minute' WHERE id = $1`, [empty.id])
  const alias = store.endpoint.replace('127.0.0.1', 'localhost')
  await lacks('lacks 1 bucket that FaDO has on this one (empty)', alias)
  await web.pool.query(`UPDATE storage_deployment SET dates_move = true WHERE name = 'copies'`)
  const input = { name: 'copies', endpoint: alias }
  expect(await web.mutate('storageDeploymentUpdate', input, 'storageDeployment { endpoint }')).toMatchObject({
    storageDeployment: { endpoint: alias },
  })
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
