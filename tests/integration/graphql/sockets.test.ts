// Who may open a socket, how long it stays open, and how much may be asked over it.
import { channel } from 'node:diagnostics_channel'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import type { Client } from 'graphql-ws'
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import { eventually } from '../../support/eventually.ts'
import { freshDatabase } from '../../support/postgres.ts'
import { portOf, startTcpProxy, through } from '../../support/tcp-proxy.ts'
import { progress, startWatchedWeb, subscribe, type WatchedWeb } from '../../support/watched-web.ts'
import { startTestWeb } from '../../support/web.ts'
import { fleet } from '../../support/world/fleet.ts'

let web: WatchedWeb['web']
let photos: WatchedWeb['photos']
let happens: WatchedWeb['happens']
let replica: WatchedWeb['replica']
let observed: WatchedWeb['observed']
beforeEach(async () => {
  ;({ web, photos, happens, replica, observed } = await startWatchedWeb())
})
afterEach(() => web?.stop())

async function closeOf(options: {
  payload?: unknown
  wait?: boolean
  headers?: Record<string, string>
}): Promise<{ code: number; messages: string[] }> {
  const socket = new WebSocket(`${web.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', {
    headers: options.headers ?? {},
  })
  const messages: string[] = []
  socket.on('message', (data) => messages.push(String(data)))
  socket.on('open', () => {
    if (!options.wait)
      socket.send(
        JSON.stringify({
          type: 'connection_init',
          ...(options.payload === undefined ? {} : { payload: options.payload }),
        }),
      )
  })
  return new Promise((resolve) => socket.on('close', (code) => resolve({ code, messages })))
}

test('a socket without a valid token is closed with 4401, one of a machine with 4403, and tells nothing', async () => {
  for (const payload of [
    undefined,
    {},
    { authorization: 'Bearer nonsense' },
    { authorization: web.admin },
    { authorization: ['Bearer x'] },
  ])
    expect(await closeOf({ payload })).toEqual({ code: 4401, messages: [] })
  const { secret } = await web.mutate('tokenCreate', { name: 'envoy', role: 'PROXY' }, 'secret')
  expect(await closeOf({ payload: { authorization: `Bearer ${secret}` } })).toEqual({ code: 4403, messages: [] })
})

test('while the database is away sockets are closed with a code that clients retry, and requests say why', async () => {
  const database = await freshDatabase()
  const proxy = await startTcpProxy(portOf(database))
  let away = () => {}
  const other = await startTestWeb({ database: through(database, proxy), onAuthenticated: async () => away() })
  onTestFinished(() => other.stop())
  const rows = fleet(other.pool)
  const bucket = await (await rows.cluster('hpc')).store.bucket('photos')
  await bucket.replica((await rows.cluster('edge')).store, { observed: 'syncing' })
  const before = subscribe(other.socket(other.admin), progress, { bucket: 'photos' })
  await eventually('it is followed', () => before.events.length === 1)
  const cut = () => {
    proxy.target(1) // where nobody listens
    proxy.cut()
  }

  away = cut // what a request needs besides its token cannot be read
  const { errors } = await other.ask('{ bucket(name: "photos") { name } }')
  expect(errors).toMatchObject([
    { message: expect.stringMatching(/^PostgreSQL cannot be used: .+/), extensions: { code: 'UNAVAILABLE' } },
  ])
  const input = { name: 'new', zones: ['eu'] }
  proxy.target(portOf(database))
  await eventually('a change is refused for the same reason', async () => {
    const change = 'mutation ($input: ClusterCreateInput!) { clusterCreate(input: $input) { __typename } }'
    const refused = await other.ask(change, { input })
    proxy.target(portOf(database))
    return refused.errors?.[0]?.extensions.code === 'UNAVAILABLE'
  })
  away = () => {}
  await eventually('it is back', async () => (await other.ask('{ viewer { name } }')).errors === undefined)

  away = cut // a subscription that begins then does not end as if nothing was there
  const late = subscribe(other.socket(other.admin), progress, { bucket: 'photos' })
  expect(await late.ended).toMatchObject({ code: 1013 })
  cut()
  expect(await subscribe(other.socket(other.admin), progress).ended).toMatchObject({ code: 1013 })
  expect((await other.ask('{ viewer { name } }')).errors).toMatchObject([
    { message: expect.stringMatching(/^PostgreSQL cannot be used: .+/), extensions: { code: 'UNAVAILABLE' } },
  ])
  const signIn = await other.fetch('/api/session', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token: other.admin }),
  })
  expect(signIn.status).toBe(503)
  expect(signIn.headers.get('retry-after')).toBe('1')
  expect(await signIn.json()).toEqual({
    error: {
      code: 'UNAVAILABLE',
      message: expect.stringMatching(/^PostgreSQL cannot be used: .+ Try again/) as string,
    },
  })
})

test("a browser's cookie opens a socket", async () => {
  const session = await web.fetch('/api/session', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token: web.admin }),
  })
  const cookie = session.headers.get('set-cookie')?.split(';')[0] ?? ''
  await replica(photos)
  const { events } = subscribe(web.socket(undefined, { headers: { cookie, origin: web.url } }), progress)
  await eventually('the present state', () => events.length === 1)
})

test('an answer to a ping tells what time it is here', async () => {
  const socket = new WebSocket(`${web.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws')
  onTestFinished(() => socket.terminate())
  const pongs: { type: string; payload?: { now?: number } }[] = []
  socket.on('message', (data) => pongs.push(JSON.parse(String(data))))
  const asked = Date.now()
  socket.on('open', () => socket.send(JSON.stringify({ type: 'ping' })))
  await eventually('the answers', () => pongs.length === 2)
  const [time, plain] = pongs
  expect(time).toEqual({ type: 'pong', payload: { now: expect.any(Number) as number } })
  expect(time?.payload?.now).toBeGreaterThanOrEqual(asked)
  expect(time?.payload?.now).toBeLessThanOrEqual(Date.now())
  expect(plain).toEqual({ type: 'pong' }) // as the protocol has it
})

test('an answer to a ping tells while the database is silent that nothing would be heard, until it answers again', async () => {
  const database = await freshDatabase()
  const proxy = await startTcpProxy(portOf(database))
  const other = await startTestWeb({ database: through(database, proxy) })
  onTestFinished(() => other.stop())
  const socket = new WebSocket(`${other.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws')
  onTestFinished(() => socket.terminate())
  let last: Record<string, unknown> | undefined
  socket.on('message', (data) => {
    last = (JSON.parse(String(data)) as { payload?: Record<string, unknown> }).payload ?? last
  })
  await once(socket, 'open')
  socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${other.admin}` } }))
  const keys = () => {
    socket.send(JSON.stringify({ type: 'ping' }))
    return Object.keys(last ?? {}).join()
  }
  await eventually('it is told the time', () => keys() === 'now')
  proxy.freezeNew(true)
  proxy.freezeOpen()
  await eventually('it is told that FaDO is away', () => keys() === 'now,away', 20)
  expect(last?.['away']).toBe(true)
  proxy.freezeNew(false)
  await eventually('it is told that FaDO is back', () => keys() === 'now', 60)
})

test('revoking a token ends its subscriptions with an error and closes its sockets, and those of others go on', async () => {
  const id = await replica(photos)
  const make = (name: string) => web.mutate('tokenCreate', { name, role: 'VIEWER' }, 'secret token { id }')
  const revoked = await make('short')
  const kept = await make('long')
  const mine = subscribe(web.socket(revoked.secret), progress)
  const theirs = subscribe(web.socket(kept.secret), progress)
  await eventually('both are open', () => mine.events.length === 1 && theirs.events.length === 1)
  const long = await web.pool.query<{ id: string }>(`SELECT id FROM api_token WHERE name = 'long'`)
  await happens('token', [long.rows[0]?.id ?? '']) // it may be heard of late that it was made
  await web.mutate('tokenRevoke', { id: revoked.token.id }, 'revokedId')
  expect(await mine.ended).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }])
  expect(await closeOf({ payload: { authorization: `Bearer ${revoked.secret}` } })).toMatchObject({ code: 4401 })
  await observed(id, 'complete')
  await eventually('the other goes on', () => theirs.last().replica.state === 'IN_SYNC')
})

test('a token that is revoked while it is looked up opens nothing', async () => {
  const { secret, token } = await web.mutate('tokenCreate', { name: 'late', role: 'VIEWER' }, 'secret token { id }')
  const before = subscribe(web.socket(secret), progress)
  await replica(photos).then((id) => observed(id, 'syncing'))
  await eventually('it was valid', () => before.events.length > 0)
  const slow = await startTestWeb({
    database: web.database,
    onAuthenticated: async () => {
      await web.mutate('tokenRevoke', { id: token.id }, 'revokedId')
      await before.ended
      await told.promise
    },
  })
  const told = Promise.withResolvers<void>()
  onTestFinished(() => slow.stop())
  onTestFinished(slow.onTokenRevoked(() => told.resolve()))
  expect(await subscribe(slow.socket(secret), progress).ended).toMatchObject({ code: 4401 })
})

test('a subscription ends when its token expires', async () => {
  const expiresAt = new Date(Date.now() + 1_500).toISOString()
  const { secret } = await web.mutate('tokenCreate', { name: 'brief', role: 'VIEWER', expiresAt }, 'secret')
  await replica(photos)
  const { ended } = subscribe(web.socket(secret), progress)
  expect(await ended).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }])
})

test('what is too deep, too costly or unknown is refused over a socket as it is over HTTP', async () => {
  const client = web.socket(web.admin)
  const refused = async (query: string) =>
    ((await subscribe(client, query).ended) as { extensions: { code: string } }[])[0]?.extensions.code
  const deep = `subscription { replicationProgress { replica ${'{ bucket { replicas '.repeat(7)} { id } ${'} }'.repeat(7)} } }`
  expect(await refused(deep)).toBe('TOO_DEEP')
  expect(await refused('subscription { nothing }')).toBe('GRAPHQL_VALIDATION_FAILED')
  expect(await refused('subscription {')).toBe('GRAPHQL_PARSE_FAILED')
  const { events } = subscribe(client, '{ policies { name } }')
  await eventually('a query is answered too', () => events.length === 1)
})

test('neither a connection nor a token has operations without end', async () => {
  const open = (count: number, client: Client) =>
    Array.from({ length: count }, () => subscribe(client, 'subscription { changes { kind } }'))
  const many = web.socket(web.admin)
  open(100, many)
  const refused = subscribe(many, 'subscription { changes { kind } }')
  expect(await refused.ended).toMatchObject([
    { message: 'A connection may have 100 operations at once', extensions: { code: 'TOO_MANY_OPERATIONS' } },
  ])
  for (let i = 1; i < 20; i++) open(100, web.socket(web.admin))
  const refusals: string[] = []
  await eventually('all are taken', async () => {
    const { ended } = subscribe(web.socket(web.admin), 'subscription { changes { kind } }')
    const told = ended.then((end) => void refusals.push(JSON.stringify(end)))
    await Promise.race([told, delay(200)])
    return refusals.some((told) => told.includes('A token may have 2000 operations at once'))
  })
  const { secret } = await web.mutate('tokenCreate', { name: 'other', role: 'VIEWER' }, 'secret')
  const other = subscribe(web.socket(secret), progress)
  await replica(photos).then((id) => observed(id, 'complete'))
  const refusal = other.ended.then((problem) => Promise.reject(new Error(JSON.stringify(problem))))
  await Promise.race([refusal, eventually('another token is served', () => other.events.length > 0)])
})

/** Whatever is printed beside the log, which is one JSON object a line, while the test runs. */
function watchPrinted() {
  const printed = vi.spyOn(console, 'error').mockImplementation(() => undefined)
  onTestFinished(() => printed.mockRestore())
  return printed
}

test.for([
  ['a message that is too large', 1009, (socket: WebSocket) => socket.send('x'.repeat(1_100_000))],
  ['a frame that is none', 1002, (socket: WebSocket) => tcpOf(socket).write(Buffer.alloc(8, 0xff))],
  ['text that is no message', 4400, (socket: WebSocket) => socket.send('{')],
  ['a cut connection', 1006, (socket: WebSocket) => tcpOf(socket).resetAndDestroy()],
] as const)(
  '%s, of whoever has no token yet, closes its socket and is printed nowhere',
  async ([, code, misbehave]) => {
    const printed = watchPrinted()
    const own = await startTestWeb()
    const socket = new WebSocket(`${own.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws')
    socket.on('error', () => undefined)
    socket.on('open', () => misbehave(socket))
    const closed = await new Promise((resolve) => socket.on('close', resolve))
    expect(closed).toBe(code)
    await own.stop() // all that was under way has ended
    expect(printed).not.toHaveBeenCalled()
  },
)

/** The client's side of its connection. */
const tcpOf = (socket: WebSocket): Socket => (socket as unknown as { _socket: Socket })._socket

/** What the server's side of each connection that is opened from now on is. */
function accepted(): Socket[] {
  const sockets: Socket[] = []
  const note = (message: unknown) => void sockets.push((message as { socket: Socket }).socket)
  channel('net.server.socket').subscribe(note)
  onTestFinished(() => void channel('net.server.socket').unsubscribe(note))
  return sockets
}

test.each(['EPIPE', 'ECONNRESET'])(
  'a client that cuts its connection while it is told something (%s) is no failure of FaDO, in no log of it',
  async (code) => {
    const printed = watchPrinted()
    const own = await startWatchedWeb()
    const id = await own.replica(own.photos)
    const sockets = accepted()
    const { events, ended } = subscribe(own.web.socket(own.web.admin), progress)
    await eventually('the present state', () => events.length === 1)
    for (const socket of sockets) {
      const refuse = (done: (error: Error) => void) => done(Object.assign(new Error(`write ${code}`), { code }))
      socket._write = (_chunk, _encoding, done) => refuse(done)
      socket._writev = (_chunks, done) => refuse(done)
    }
    await own.observed(id, 'complete')
    expect(await ended).toMatchObject({ code: 1006 })
    await own.web.stop() // all that was under way has ended
    const failures = own.web
      .log()
      .split('\n')
      .filter((line) => line !== '' && (JSON.parse(line) as { level: number }).level >= 40)
    expect(failures).toEqual([])
    expect(printed).not.toHaveBeenCalled()
  },
)
