// What browsers, and the proxies and clients that stand before FaDO, may do: signing in, sockets, other protocols on offer.
import http from 'node:http'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { startTestWeb, type TestWeb } from '../../support/web.ts'
import { fleet } from '../../support/world/fleet.ts'

let web: TestWeb
beforeAll(async () => {
  web = await startTestWeb({
    page: {
      handle: async (_request, response) => void response.end('a page'),
      upgrade: async (_request, socket) => void socket.destroy(),
    },
  })
})
afterAll(() => web?.stop())

const signIn = (token: unknown, headers: Record<string, string> = {}) =>
  web.fetch('/api/session', {
    method: 'POST',
    body: JSON.stringify({ token }),
    headers: { 'content-type': 'application/json', ...headers },
  })

test('a token is traded for a cookie that no script reads and no other site sends; signing out ends it', async () => {
  const response = await signIn(web.admin)
  expect(response.status).toBe(204)
  const cookie = response.headers.get('set-cookie') ?? ''
  expect(cookie).toMatch(/^fado_session_\d+=.*; Path=\/; HttpOnly; SameSite=Strict$/)
  const sent = cookie.split(';')[0] ?? ''
  const ask = (headers: Record<string, string>) =>
    web.fetch('/graphql', {
      method: 'POST',
      body: '{"query":"{ policies { name } }"}',
      headers: { 'content-type': 'application/json', cookie: sent, ...headers },
    })
  expect((await ask({})).status).toBe(200)
  expect((await ask({ origin: web.url })).status).toBe(200)
  expect((await ask({ origin: 'http://evil.example' })).status).toBe(401)
  expect((await ask({ authorization: 'Bearer nonsense' })).status).toBe(401)
  expect((await signIn(web.admin, { origin: 'http://evil.example' })).status).toBe(403)
  expect((await web.fetch('/api/session', { method: 'DELETE' })).headers.get('set-cookie')).toMatch(/=; .*Max-Age=0/)
})

test('a page is told of the stores, to which it sends objects, once its reader is signed in', async () => {
  await fleet(web.pool).cluster('hpc', { store: { endpoint: 'http://10.0.0.5:9000' } })
  const connects = async (headers: Record<string, string>) =>
    /connect-src ([^;]*)/.exec(
      (await web.fetch('/buckets', { headers })).headers.get('content-security-policy') ?? '',
    )?.[1]
  const cookie = (await signIn(web.admin)).headers.get('set-cookie')?.split(';')[0] ?? ''
  expect(await connects({ cookie, accept: 'text/html' })).toContain(' http://10.0.0.5:9000')
  expect(await connects({ accept: 'text/html' })).not.toContain('10.0.0.5')
  expect(await connects({ cookie: 'fado_session=nonsense', accept: 'text/html' })).not.toContain('10.0.0.5')
  expect(await connects({ cookie, accept: 'text/html', origin: 'http://evil.example' })).not.toContain('10.0.0.5')
})

test('signing in takes JSON and valid tokens of people only, and failures are slowed down', async () => {
  expect((await web.fetch('/api/session', { method: 'POST', body: `token=${web.admin}` })).status).toBe(415)
  const { secret } = await web.mutate('tokenCreate', { name: 'notify', role: 'NOTIFY' }, 'secret')
  expect((await signIn(secret)).status).toBe(403)
  const statuses = []
  for (let i = 0; i < 12; i++) statuses.push((await signIn(i === 3 ? undefined : `wrong-${i}`)).status)
  expect(statuses).toEqual([...Array.from({ length: 10 }, () => 401), 429, 429])
  expect((await signIn('wrong')).headers.get('retry-after')).toMatch(/^\d+$/)
  const strangers = Array.from({ length: 20 }, (_, i) => signIn(`wrong too ${i}`))
  expect((await signIn(web.admin)).status).toBe(204) // from the same address: it locks nobody out
  await Promise.all(strangers)
})

/** One request that offers to leave HTTP. */
async function offer(at: string, options: http.RequestOptions & { body?: string }): Promise<[number, string]> {
  const { promise, resolve, reject } = Promise.withResolvers<[number, string]>()
  const { body, headers, ...rest } = options
  const request = http.request(at, { ...rest, agent: false, headers: { connection: 'Upgrade', ...headers } })
  request.on('response', (response) => void text(response).then((said) => resolve([response.statusCode ?? 0, said])))
  request.on('upgrade', (response, socket) => {
    socket.destroy()
    resolve([response.statusCode ?? 0, ''])
  })
  request.on('error', reject).end(body)
  return promise
}
const websocket = (headers: Record<string, string> = {}) => ({
  headers: {
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
    'sec-websocket-protocol': 'graphql-transport-ws',
    ...headers,
  },
})

test('a WebSocket is opened for pages of ours only, and one to nowhere is answered as any request is', async () => {
  expect((await offer(`${web.url}/graphql`, websocket({ origin: web.url })))[0]).toBe(101)
  const [status, said] = await offer(`${web.url}/graphql`, websocket({ origin: 'http://evil.example' }))
  expect([status, said]).toEqual([403, expect.stringContaining('set FADO_PUBLIC_URL to http://evil.example')])
  expect((await offer(`${web.url}/elsewhere`, websocket()))[0]).toBe(200) // the page of this test
})

test.each(['h2c', 'TLS/1.0', 'h2c, websocket', 'foo/2'])(
  'an offer of %s is answered as if it were none',
  async (upgrade) => {
    const bearer = { upgrade, 'http2-settings': 'AAMAAABkAAQAAP__', authorization: `Bearer ${web.admin}` }
    const json = { ...bearer, 'content-type': 'application/json' }
    const query = JSON.stringify({ query: '{ policies { name } }' })
    expect(await offer(`${web.url}/graphql`, { method: 'POST', body: query, headers: json })).toEqual([
      200,
      expect.stringContaining('"data"'),
    ])
    expect((await offer(`${web.url}/graphql`, { headers: bearer }))[0]).toBe(405)
    expect(await offer(`${web.url}/healthz`, { headers: bearer })).toEqual([200, 'ok\n'])
    expect((await offer(`${web.url}/clusters`, { headers: bearer }))[0]).toBe(200)
    expect((await offer(`${web.url}/api/notify`, { method: 'POST', body: '{}', headers: json }))[0]).toBe(204)
  },
)

test('behind a proxy that sends its own host the console works at FADO_PUBLIC_URL', async () => {
  const publicUrl = 'https://fado.example.com'
  const behind = await startTestWeb({ database: web.database, publicUrl })
  onTestFinished(() => behind.stop())
  const from = (origin: string, headers: Record<string, string> = {}) => ({
    'content-type': 'application/json',
    origin,
    ...headers,
  })
  const session = await behind.fetch('/api/session', {
    method: 'POST',
    body: JSON.stringify({ token: web.admin }),
    headers: from(publicUrl),
  })
  expect(session.headers.get('set-cookie')).toMatch(/^fado_session=.*; Secure$/)
  const cookie = session.headers.get('set-cookie')?.split(';')[0] ?? ''
  const ask = (origin: string) =>
    behind.fetch('/graphql', {
      method: 'POST',
      body: '{"query":"{ policies { name } }"}',
      headers: from(origin, { cookie }),
    })
  expect((await ask(publicUrl)).status).toBe(200)
  expect(await (await ask('https://evil.example')).text()).toContain(`FADO_PUBLIC_URL is ${publicUrl}`)
  expect((await offer(`${behind.url}/graphql`, websocket({ origin: publicUrl, cookie })))[0]).toBe(101)
  const refused = await web.fetch('/api/session', { method: 'POST', body: '{}', headers: from(publicUrl) })
  expect([refused.status, await refused.text()]).toEqual([
    403,
    expect.stringContaining(`set FADO_PUBLIC_URL to ${publicUrl}`),
  ])
})
