import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { createStorageDriver } from '../../../../server/storage/create-storage-driver.ts'
import { watchStore } from '../../../../server/storage/watch-store.ts'

const { signal } = new AbortController()
const keys = { accessKey: 'a', secretKey: 'b', region: 'us-east-1' }
const xml = (body: string) => `<?xml version="1.0" encoding="UTF-8"?>${body}`
const noBuckets = xml('<ListAllMyBucketsResult><Buckets></Buckets></ListAllMyBucketsResult>')

/** `asked`: what was asked, the uptime aside, as "HEAD /bucket". */
async function watched(handle: RequestListener) {
  const asked: string[] = []
  const server = createServer((request, response) => {
    if (request.url?.startsWith('/minio/metrics/')) return void response.writeHead(403).end()
    asked.push(`${request.method} ${request.url}`)
    return handle(request, response)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const driver = createStorageDriver({
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ...keys,
  })
  const watch = watchStore()
  onTestFinished(async () => {
    await driver.close()
    server.closeAllConnections()
    server.close()
  })
  const answer = (...buckets: string[]) => watch.ask(driver, buckets, signal)
  const ask = async (...buckets: string[]) => (await answer(...buckets)).trouble
  return { answer, ask, asked, server }
}
/** A store where these requests get these statuses, and all others 200. */
const refusing =
  (statuses: Readonly<Record<string, number>>): RequestListener =>
  ({ method, url }, response) => {
    response.writeHead(statuses[`${method} ${url}`] ?? 200).end(url === '/' ? noBuckets : '')
  }

test('a store that is silent has missed after one second, also several times in a row', async () => {
  const { ask } = await watched(() => undefined)
  const begun = performance.now()
  for (let n = 0; n < 3; n++)
    expect(await ask('photos')).toEqual({
      cause: 'SILENT',
      detail: 'It cannot be reached: no answer within 1 s',
      away: false,
    })
  expect(performance.now() - begun).toBeLessThan(3_900)
})

test('a store that begins to answer and stops has missed after one second', async () => {
  const { ask } = await watched((_, response) => void response.writeHead(200, { 'content-length': 10 }).write('12'))
  const begun = performance.now()
  expect(await ask()).toMatchObject({ cause: 'SILENT', detail: 'It cannot be reached: no answer within 1 s' })
  expect(performance.now() - begun).toBeLessThan(1_400)
})

test('it is asked for one bucket that FaDO uses there at a time, and for each in its turn', async () => {
  const { ask, asked } = await watched(refusing({}))
  for (let n = 0; n < 4; n++) expect(await ask('bucket-a', 'bucket-b', 'bucket-c')).toBeNull()
  expect(asked).toEqual(['HEAD /bucket-a', 'HEAD /bucket-b', 'HEAD /bucket-c', 'HEAD /bucket-a'])
})

test('a bucket that a store does not have is told of, and then asked last for a while', async () => {
  const { answer, asked } = await watched(refusing({ 'HEAD /bucket-b': 404 }))
  const told = async () => (await answer('bucket-a', 'bucket-b', 'bucket-c')).missing
  expect([await told(), await told()]).toEqual([[], ['bucket-b']])
  asked.length = 0
  expect([await told(), await told(), await told()]).toEqual([[], [], []])
  expect(asked).not.toContain('HEAD /bucket-b')
  const alone = await watched(refusing({ 'HEAD /bucket-a': 404 }))
  expect((await alone.answer('bucket-a')).missing).toEqual(['bucket-a'])
  const none = await watched(refusing({ 'HEAD /bucket-a': 404, 'HEAD /bucket-b': 404 }))
  expect(await none.answer('bucket-a', 'bucket-b'), 'another store may answer there').toMatchObject({ missing: [] })
})

test('where FaDO has no bucket yet, it is asked for its list; refusing that is answer enough', async () => {
  const { ask, asked } = await watched((_, response) =>
    response.writeHead(403).end(xml('<Error><Code>AccessDenied</Code></Error>')),
  )
  expect(await ask()).toBeNull()
  expect(asked).toEqual(['GET /'])
})

test.each<[string, Readonly<Record<string, number>>]>([
  ['refused', { 'HEAD /bucket-a': 403 }],
  ['failing', { 'HEAD /bucket-a': 500 }],
  ['missing', { 'HEAD /bucket-a': 404 }],
])('one bucket that is %s does not take its store down, and is asked last from then on', async (_, statuses) => {
  const { ask, asked } = await watched(refusing(statuses))
  expect(await ask('bucket-a', 'bucket-b')).toBeNull()
  asked.length = 0
  expect(await ask('bucket-a', 'bucket-b')).toBeNull()
  expect(asked).toEqual(['HEAD /bucket-b'])
})

test('the only bucket of a store is its own trouble while the store lists its buckets', async () => {
  expect(await (await watched(refusing({ 'HEAD /bucket-a': 500 }))).ask('bucket-a')).toBeNull()
  expect(await (await watched(refusing({ 'HEAD /bucket-a': 500, 'GET /': 500 }))).ask('bucket-a')).toMatchObject({
    cause: 'FAILING',
  })
})

test('a store is down when none of three buckets can be read, and others are asked the next time', async () => {
  const { ask, asked } = await watched(
    refusing({ 'HEAD /bucket-a': 500, 'HEAD /bucket-b': 500, 'HEAD /bucket-c': 503 }),
  )
  expect(await ask('bucket-a', 'bucket-b', 'bucket-c', 'bucket-d')).toEqual({
    cause: 'FAILING',
    detail: 'It answers 500',
    away: false,
  })
  expect(asked.toSorted()).toEqual(['HEAD /bucket-a', 'HEAD /bucket-b', 'HEAD /bucket-c'])
  asked.length = 0
  expect(await ask('bucket-a', 'bucket-b', 'bucket-c', 'bucket-d')).toBeNull()
  expect(asked).toEqual(['HEAD /bucket-d'])
})

test('a store that denies FaDO every bucket, or has none of them, is down, and says so', async () => {
  const denied = await watched(refusing({ 'HEAD /bucket-a': 403, 'HEAD /bucket-b': 403 }))
  expect(await denied.ask('bucket-a', 'bucket-b')).toMatchObject({
    cause: 'DENIED',
    detail: "It lets FaDO's key read none of bucket-a, bucket-b: allow it s3:ListBucket there",
  })
  const empty = await watched(refusing({ 'HEAD /bucket-a': 404, 'HEAD /bucket-b': 404 }))
  expect(await empty.ask('bucket-a', 'bucket-b')).toMatchObject({
    cause: 'FAILING',
    detail: 'It has none of the buckets bucket-a, bucket-b: another store may answer there',
  })
})

test.each([403, 404])(
  'a key that is unknown is told from buckets that are missing, also where HEAD gets %d',
  async (status) => {
    const { ask } = await watched(({ method }, response) =>
      method === 'HEAD'
        ? response.writeHead(status).end()
        : response.writeHead(404).end(xml('<Error><Code>XAdminUserNotFound</Code></Error>')),
    )
    expect(await ask('bucket-a', 'bucket-b')).toMatchObject({ cause: 'KEY_REFUSED' })
  },
)

test.each([
  ['InvalidAccessKeyId', 'KEY_REFUSED'],
  ['SignatureDoesNotMatch', 'KEY_REFUSED'],
  ['ExpiredToken', 'KEY_REFUSED'],
  ['RequestTimeTooSkewed', 'CLOCK_APART'],
])('a store that refuses the key is down, also where it tells the reason (%s) to GET only', async (code, cause) => {
  const { ask } = await watched(({ method }, response) =>
    response.writeHead(403).end(method === 'HEAD' ? '' : xml(`<Error><Code>${code}</Code></Error>`)),
  )
  expect(await ask('bucket-a', 'bucket-b')).toMatchObject({ cause })
  expect(await ask('bucket-a')).toMatchObject({ cause })
  expect(await ask()).toMatchObject({ cause })
})

test('a proxy without a store behind it, and nobody listening, are signs of a restart; an error is none', async () => {
  const gateway = await watched((_, response) => response.writeHead(502).end())
  expect(await gateway.ask('bucket-a')).toMatchObject({ cause: 'FAILING', away: true })
  const { ask, server } = await watched(() => undefined)
  server.close()
  expect(await ask('bucket-a')).toEqual({
    cause: 'UNREACHABLE',
    detail: 'It cannot be reached: the connection is refused',
    away: true,
  })
})

test('a connection that is closed between two probes is no trouble', async () => {
  const { ask, server } = await watched((_, response) => response.end())
  expect(await ask('bucket-a', 'bucket-b')).toBeNull()
  server.closeAllConnections()
  expect(await ask('bucket-a', 'bucket-b')).toBeNull()
})
