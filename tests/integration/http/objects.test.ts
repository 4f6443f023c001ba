// Objects that take the way through FaDO.
import { once } from 'node:events'
import http from 'node:http'
import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { bucketApi } from '../../support/bucket-api.ts'
import { eventually } from '../../support/eventually.ts'
import { md5, objectApi } from '../../support/object-api.ts'

const api = bucketApi()
const objects = objectApi(api)

const address = (key: string, query = '') =>
  `/api/objects/${api.bucket}/${key.split('/').map(encodeURIComponent).join('/').replaceAll('.', '%2E')}${query}`
const as = (token: string, headers: Record<string, string> = {}) => ({ authorization: `Bearer ${token}`, ...headers })
const put = (key: string, body: Uint8Array<ArrayBuffer> | string, headers: Record<string, string> = {}, query = '') =>
  api.web.fetch(address(key, query), {
    method: 'PUT',
    body,
    headers: as(api.web.admin, { 'content-type': 'text/plain', ...headers }),
  })
const get = (key: string, headers: Record<string, string> = {}, method = 'GET') =>
  api.web.fetch(address(key), { method, headers: as(api.web.admin, headers) })

/** As it is: fetch would make something else of many addresses and headers. */
function raw(path: string, options: http.RequestOptions = {}, body = ''): Promise<{ status: number; text: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; text: string }>()
  const { hostname, port } = new URL(api.web.url)
  const headers = { authorization: `Bearer ${api.web.admin}`, ...options.headers }
  const request = http.request({ hostname, port, path, agent: false, ...options, headers }, async (response) => {
    const chunks = await response.toArray()
    resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() })
  })
  request.on('error', reject).end(body)
  return promise
}

test('an object is put and got, known at once, and never a page', async () => {
  await api.create()
  const page = '<script>alert(1)</script>'
  const made = await put('dir/a page.html', page, { 'content-type': 'text/html' })
  expect([made.status, await made.json()]).toEqual([
    200,
    { key: 'dir/a page.html', size: page.length, etag: md5(Buffer.from(page)) },
  ])
  expect(await objects.listed()).toEqual([`dir/a page.html ${page.length}`])
  expect(await objects.marked()).toEqual([{ key: 'dir/a page.html', mayDelete: false }])
  const got = await get('dir/a page.html')
  expect([got.status, await got.text()]).toEqual([200, page])
  expect(Object.fromEntries(got.headers)).toMatchObject({
    'content-type': 'text/html',
    'content-disposition': `attachment; filename="a page.html"; filename*=UTF-8''a%20page.html`,
    'x-content-type-options': 'nosniff',
    'content-security-policy': "sandbox; default-src 'none'",
    'content-length': String(page.length),
    etag: `"${md5(Buffer.from(page))}"`,
    'accept-ranges': 'bytes',
  })
  const head = await get('dir/a page.html', {}, 'HEAD')
  expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([200, String(page.length), ''])
})

test.each([
  ['bytes=0-3', 206, '0123', 'bytes 0-3/10'],
  ['bytes=8-', 206, '89', 'bytes 8-9/10'],
  ['bytes=-3', 206, '789', 'bytes 7-9/10'],
  ['bytes=5-99', 206, '56789', 'bytes 5-9/10'],
  ['bytes=10-', 416, '', 'bytes */10'],
  ['bytes=3-1', 200, '0123456789', null],
  ['bytes=0-1,3-4', 200, '0123456789', null],
  ['lines=1', 200, '0123456789', null],
])('of a range %s it answers %i', async (range, status, text, contentRange) => {
  await api.create()
  await put('ten', '0123456789')
  const got = await get('ten', { range })
  expect([got.status, await got.text(), got.headers.get('content-range')]).toEqual([status, text, contentRange])
})

test('a version that the client has is not sent again, and a range of another one is no use to it', async () => {
  await api.create()
  const etag = (await put('a', 'hello')).headers.get('etag') ?? ''
  expect((await get('a', { 'if-none-match': `"x", ${etag}` })).status).toBe(304)
  expect((await get('a', { range: 'bytes=1-', 'if-range': etag })).status).toBe(206)
  expect((await get('a', { range: 'bytes=1-', 'if-range': '"other"' })).status).toBe(200)
})

test('keys as hostile as S3 allows are one object each, and lead nowhere else in FaDO', async () => {
  await api.create()
  const keys = [
    '%2e%2e',
    'ü+ &=?#',
    '\u{1f600}',
    'e\u0301',
    "';--<x>",
    'a\tb',
    `${'k'.repeat(200)}/${'l'.repeat(200)}`,
    '0/1e3',
  ]
  for (const key of keys) expect((await put(key, key)).status, key).toBe(200)
  for (const key of keys) expect(await (await get(key)).text(), key).toBe(key)
  expect(new Set(await objects.listed())).toEqual(new Set(keys.map((key) => `${key} ${Buffer.byteLength(key)}`)))

  const statuses: [string, number][] = [
    ['/api/objects/../../graphql', 404], // no bucket is called ..
    ['/api/objects/%2e%2e/graphql', 404],
    [`/api/objects/${api.bucket}/../../graphql`, 404],
    [`/api/objects/${api.bucket}/x/%2e%2e/y`, 404],
    [`/api/objects/${api.bucket}/x/../y`, 404],
    [`/api/objects/${api.bucket}/%ff`, 400],
    [`/api/objects/${api.bucket}/%`, 400],
    [`/api/objects/${api.bucket}/`, 400],
    [`/api/objects/${api.bucket}`, 400],
    ['/api/objects/', 400],
    [`/api/objects/${api.bucket}/%00`, 404],
    [`/api/objects/${api.bucket}//`, 404],
  ]
  for (const [path, status] of statuses) expect((await raw(path)).status, path).toBe(status)
  const long = `/api/objects/${api.bucket}/${'x'.repeat(1025)}`
  expect((await raw(long, { method: 'PUT', headers: { 'content-length': '1' } }, 'x')).status).toBe(400)
  expect((await raw(`/api/objects/${api.bucket}/x`, { method: 'POST' })).status).toBe(405)
  expect(
    (await raw(`/api/objects/${api.bucket}/x`, { method: 'PUT', headers: { 'transfer-encoding': 'chunked' } }, 'x'))
      .status,
  ).toBe(411)
  const coded = { 'content-length': '1', 'content-encoding': 'gzip' }
  expect((await raw(`/api/objects/${api.bucket}/x`, { method: 'PUT', headers: coded }, 'x')).status).toBe(415)
})

test('it asks for what the rest asks: a token or the own page, its role and its zones', async () => {
  await api.create()
  await put('a', 'hello')
  const token = async (role: string, zones: string[] = []): Promise<string> =>
    (await api.web.mutate('tokenCreate', { name: `${role}-${zones}`, role, zones }, 'secret')).secret
  const statusOf = async (method: string, headers: Record<string, string>) =>
    (await api.web.fetch(address('a'), { method, headers, ...(method === 'PUT' ? { body: 'x' } : {}) })).status
  expect(await statusOf('GET', {})).toBe(401)
  expect(await statusOf('PUT', as('nonsense'))).toBe(401)
  const viewer = await token('VIEWER')
  expect([await statusOf('GET', as(viewer)), await statusOf('PUT', as(viewer))]).toEqual([200, 403])
  expect(await statusOf('PUT', as(await token('OPERATOR', ['high-performance'])))).toBe(403)
  expect(await statusOf('GET', as(await token('NOTIFY')))).toBe(403)

  const session = await api.web.fetch('/api/session', {
    method: 'POST',
    body: JSON.stringify({ token: api.web.admin }),
    headers: { 'content-type': 'application/json' },
  })
  const cookie = (session.headers.get('set-cookie') ?? '').split(';')[0] ?? ''
  expect(await statusOf('GET', { cookie })).toBe(200)
  expect(await statusOf('PUT', { cookie, origin: api.web.url })).toBe(200)
  for (const foreign of [{ origin: 'http://evil.example' }, { 'sec-fetch-site': 'cross-site' }, { origin: 'null' }])
    for (const method of ['GET', 'PUT']) expect(await statusOf(method, { cookie, ...foreign })).toBe(401)
})

test('parts of an upload can be sent through FaDO as well, each of just its size', async () => {
  await api.create()
  const mebi = 1024 * 1024
  const bytes = Buffer.alloc(65 * mebi, 'part')
  const { upload } = await objects.begin('big', bytes.length)
  const part = (number: number) => bytes.subarray((number - 1) * 16 * mebi, number * 16 * mebi)
  const to = (number: number) => `?upload=${encodeURIComponent(upload.id)}&part=${number}`
  const parts = []
  for (const number of [1, 2, 3, 4, 5]) {
    const answer = await put('big', part(number), {}, to(number))
    expect(answer.status).toBe(200)
    parts.push({ number, etag: answer.headers.get('etag') })
  }
  const statuses = async (answer: Promise<Response>) => (await answer).status
  expect(await statuses(put('big', 'short', {}, to(1)))).toBe(400)
  expect(await statuses(put('big', part(1), {}, to(6)))).toBe(400)
  expect(await statuses(put('other', part(1), {}, to(1)))).toBe(400)
  expect(await statuses(put('big', part(1), {}, '?upload=nonsense&part=1'))).toBe(404)
  expect((await objects.complete(upload.id, { parts })).object).toMatchObject({ size: bytes.length })
})

test('a client that goes away leaves no object and holds no connection', async () => {
  await api.create()
  const { hostname, port } = new URL(api.web.url)
  const headers = { authorization: `Bearer ${api.web.admin}`, 'content-length': '1000000', expect: '100-continue' }
  const request = http.request({ hostname, port, method: 'PUT', path: address('cut'), headers, agent: false })
  request.on('error', () => undefined)
  request.flushHeaders()
  await once(request, 'continue')
  await new Promise((sent) => request.write(Buffer.alloc(100_000), sent))
  const ended = async () => {
    const text = await (await api.web.fetch('/metrics')).text()
    return /fado_http_request_duration_seconds_count\{route="\/api\/objects\/"\} (\d+)/.exec(text)?.[1]
  }
  const before = await ended()
  request.destroy()
  await eventually('FaDO has let go of it', async () => (await ended()) !== before)
  expect(await api.driver.head(api.bucket, 'cut')).toBeNull()
  // The same key can be put at once, and what was cut never comes after it.
  expect((await put('cut', 'whole')).status).toBe(200)
  expect(await (await get('cut')).text()).toBe('whole')
  expect(api.web.log()).not.toContain('a request failed')
})

test('the bytes are handed on as they come: 200 MB pass without being kept', async () => {
  await api.create()
  const size = 200 * 1024 * 1024
  const chunk = Buffer.alloc(1024 * 1024)
  let most = 0
  async function* bytes() {
    for (let sent = 0; sent < size; sent += chunk.length) {
      most = Math.max(most, process.memoryUsage().rss)
      yield chunk
    }
  }
  const { hostname, port } = new URL(api.web.url)
  const before = process.memoryUsage().rss
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  const headers = { authorization: `Bearer ${api.web.admin}`, 'content-length': String(size) }
  const request = http.request({ hostname, port, method: 'PUT', path: address('sparse'), headers }, (response) => {
    response.resume()
    resolve(response.statusCode ?? 0)
  })
  Readable.from(bytes()).on('error', reject).pipe(request)
  expect(await promise).toBe(200)
  expect(most - before).toBeLessThan(100 * 1024 * 1024)
  const got = await get('sparse')
  let read = 0
  for await (const piece of got.body ?? []) {
    read += piece.length
    most = Math.max(most, process.memoryUsage().rss)
  }
  expect(read).toBe(size)
  expect(most - before).toBeLessThan(100 * 1024 * 1024)
})
