// What happens, as it happens: the present state first, then changes, by the real client over a real socket.
import { setTimeout as delay } from 'node:timers/promises'
import type { Client } from 'graphql-ws'
import { v7 } from 'uuid'
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest'
import { WebSocket } from 'ws'
import { type EventTopic, writeEvents } from '../../../server/db/events.ts'
import { catalogue, type TestCluster } from '../../support/catalogue.ts'
import { eventually } from '../../support/eventually.ts'
import { startTestWeb, type TestWeb } from '../../support/web.ts'

let web: TestWeb
let hpc: TestCluster
let edge: TestCluster
let photos: string
beforeEach(async () => {
  web = await startTestWeb()
  const rows = catalogue(web.pool)
  ;[hpc, edge] = [await rows.cluster('hpc', { urls: ['http://f'] }), await rows.cluster('edge')]
  photos = await rows.bucket('photos', hpc)
})
afterEach(() => web?.stop())

/** As the reconciler and the mover write it. */
async function happens(
  topic: EventTopic,
  subjects: string[],
  text = 'SELECT 1',
  values: unknown[] = [],
): Promise<void> {
  await web.pool.transaction(async (sql) => {
    await sql.query(text, values)
    await writeEvents(sql, topic, subjects)
  })
  web.deps.wakeups.wake('event')
}
async function replica(bucketId: string): Promise<string> {
  const id = v7()
  await web.pool.query(
    `INSERT INTO replica (id, bucket_id, storage_id, bucket_name, wanted, generation, epoch, observed)
     VALUES ($1, $2, $3, 'x', true, 1, 1, 'syncing')`,
    [id, bucketId, edge.storageId],
  )
  return id
}
const observed = (id: string, state: string) =>
  happens('replica', [id], 'UPDATE replica SET observed = $2 WHERE id = $1', [id, state])

// biome-ignore lint/suspicious/noExplicitAny: events are looked at as they come
type Event = any
function subscribe(client: Client, query: string, variables: Record<string, unknown> = {}) {
  const events: { readonly at: number; readonly event: Event }[] = []
  const ended = Promise.withResolvers<unknown>()
  const close = client.subscribe<Record<string, Event>>(
    { query, variables },
    {
      next: ({ data, errors }) => {
        if (errors) ended.resolve(errors)
        else events.push({ at: performance.now(), event: Object.values(data ?? {})[0] })
      },
      error: ended.resolve,
      complete: () => ended.resolve('complete'),
    },
  )
  onTestFinished(() => close())
  return { events, ended: ended.promise, close, last: () => events.at(-1)?.event }
}
const progress = `subscription ($bucket: String) { replicationProgress(bucket: $bucket) { at replica {
  id state serving bucket { name } storageDeployment { name } lag { objects } progress { phase bytesDone } } } }`
const routes = `subscription ($bucket: String) { routesChanged(bucket: $bucket) { at bucket { name } route {
  lbPolicy state overridden upstreams { cluster { name } weight } } } }`

test('ReplicationProgress gives the present state of all replicas, then each change', async () => {
  const id = await replica(photos)
  const { events, last } = subscribe(web.socket(web.admin), progress)
  await eventually('the present state', () => events.length === 1)
  expect(last()).toMatchObject({
    replica: { state: 'SYNCING', bucket: { name: 'photos' }, storageDeployment: { name: 'edge' }, progress: null },
  })
  await observed(id, 'complete')
  await eventually('the change', () => last().replica.state === 'IN_SYNC')
  const other = await replica(await catalogue(web.pool).bucket('new', hpc))
  await observed(other, 'creating')
  await eventually('a replica that is new', () => last().replica.bucket.name === 'new')
})

test("of one bucket only that bucket's replicas are told, and of an unknown one there is an error", async () => {
  const other = await replica(await catalogue(web.pool).bucket('other', hpc))
  const mine = await replica(photos)
  const client = web.socket(web.admin)
  const { events, last } = subscribe(client, progress, { bucket: 'photos' })
  await eventually('the present state', () => events.length === 1)
  await observed(other, 'complete')
  await observed(mine, 'complete')
  await eventually('the change', () => last().replica.state === 'IN_SYNC')
  expect(events.map(({ event }) => event.replica.bucket.name)).toEqual(['photos', 'photos'])
  expect(await subscribe(client, progress, { bucket: 'nowhere' }).ended).toMatchObject([
    { extensions: { code: 'NOT_FOUND' } },
  ])
})

test('a replica that changes all the time is told at most 4 times a second, and its last state always', async () => {
  const id = await replica(photos)
  const { events, last } = subscribe(web.socket(web.admin), progress)
  await eventually('the present state', () => events.length === 1)
  for (let i = 0; i < 120; i++) {
    await observed(id, i % 2 === 0 ? 'creating' : 'syncing')
    await delay(10)
  }
  await observed(id, 'complete')
  await eventually('the last state', () => last().replica.state === 'IN_SYNC')
  for (const { at } of events) {
    const within = events.filter((other) => other.at >= at && other.at < at + 990)
    expect(within.length).toBeLessThanOrEqual(4)
  }
  expect(events.length).toBeGreaterThan(3)
})

test('RoutesChanged tells a route as it changes and again when the proxies have ACKed it, and nothing twice', async () => {
  const { events, last } = subscribe(web.socket(web.admin), routes)
  await eventually('the present state', () => events.length === 1)
  expect(last()).toMatchObject({
    bucket: { name: 'photos' },
    route: { state: 'PENDING', upstreams: [], lbPolicy: 'ROUND_ROBIN', overridden: false },
  })

  const [node, stream] = [v7(), v7()]
  await web.pool.query(
    `INSERT INTO route_table (id, clusters, lb_policy, timeout_ms) VALUES ('t', '{hpc}', 'random', 0)`,
  )
  await web.pool.query(`INSERT INTO proxy_node (id, node_id) VALUES ($1, 'envoy')`, [node])
  await web.pool.query(
    'INSERT INTO proxy_stream (id, proxy_node_id, process_id, acked_through) VALUES ($1, $2, $3, 0)',
    [stream, node, v7()],
  )
  await happens(
    'route',
    [photos],
    `INSERT INTO route (bucket_id, bucket_name, number, table_id) VALUES ($1, 'photos', 1, 't')`,
    [photos],
  )
  await eventually('the change', () => last().route.upstreams.length === 1)
  expect(last().route).toMatchObject({
    state: 'PENDING',
    upstreams: [{ cluster: { name: 'hpc' }, weight: 1 }],
    lbPolicy: 'RANDOM',
  })
  await happens('route', [photos], 'UPDATE proxy_stream SET acked_through = 1')
  await eventually('the ACK', () => last().route.state === 'SERVING')
  const told = events.length
  await happens('route', [photos])
  await happens('bucket', [photos])
  await happens('proxy', [node], 'UPDATE proxy_stream SET closed_at = now(), lease_until = now()')
  await eventually('the proxy is gone, so all routes wait', () => last().route.state === 'PENDING')
  expect(events.length).toBe(told + 1)
})

test('a mutation shows as PENDING before it is decided', async () => {
  await web.pool.query(
    `INSERT INTO route_table (id, clusters, lb_policy, timeout_ms) VALUES ('t', '{hpc}', 'random', 0)`,
  )
  await web.pool.query(`INSERT INTO route (bucket_id, bucket_name, number, table_id) VALUES ($1, 'photos', 1, 't')`, [
    photos,
  ])
  const node = v7()
  await web.pool.query(`INSERT INTO proxy_node (id, node_id) VALUES ($1, 'envoy')`, [node])
  await web.pool.query(
    'INSERT INTO proxy_stream (id, proxy_node_id, process_id, acked_through) VALUES ($1, $2, $1, 1)',
    [v7(), node],
  )
  const { events, last } = subscribe(web.socket(web.admin), routes, { bucket: 'photos' })
  await eventually('the present state', () => last()?.route.state === 'SERVING')
  await web.mutate('routeOverrideSet', { bucket: 'photos', lbPolicy: 'LEAST_REQUEST' }, 'bucket { route { state } }')
  await eventually('it waits', () => last().route.state === 'PENDING')
  expect(last().route.overridden).toBe(true)
  expect(events.length).toBe(2)
})

test('ProxyStatus tells the proxies that are there, and each that comes or goes', async () => {
  const { events, last } = subscribe(
    web.socket(web.admin),
    'subscription { proxyStatus { at proxy { nodeId connectedSince version } } }',
  )
  const [node, stream] = [v7(), v7()]
  await web.pool.query(`INSERT INTO proxy_node (id, node_id, version) VALUES ($1, 'envoy', '1.40.0')`, [node])
  await happens('proxy', [node], 'INSERT INTO proxy_stream (id, proxy_node_id, process_id) VALUES ($1, $2, $1)', [
    stream,
    node,
  ])
  await eventually('it came', () => last()?.proxy.connectedSince)
  expect(last().proxy).toMatchObject({ nodeId: 'envoy', version: '1.40.0' })
  await happens('proxy', [node], 'UPDATE proxy_stream SET closed_at = now()')
  await eventually('it went', () => last().proxy.connectedSince === null)
  expect(events.every(({ event }) => event.proxy.nodeId === 'envoy')).toBe(true)
})

test('500 replicas and 10 subscribers cost as many statements as one of each', async () => {
  const rows = catalogue(web.pool)
  await rows.bucket('seed', hpc)
  await web.pool.query(
    `WITH b AS (INSERT INTO bucket (id, name, state, master_storage_id, master_bucket_name)
       SELECT gen_random_uuid(), 'b' || i, 'active', $1, 'b' || i FROM generate_series(1, 500) i RETURNING id)
     INSERT INTO replica (id, bucket_id, storage_id, bucket_name, wanted, generation, epoch, observed)
     SELECT gen_random_uuid(), id, $2, 'x', true, 1, 1, 'syncing' FROM b`,
    [hpc.storageId, edge.storageId],
  )
  const all = Array.from({ length: 10 }, () => subscribe(web.socket(web.admin), progress))
  await eventually('the present state', () => all.every(({ events }) => events.length === 500), 60)
  const { rows: ids } = await web.pool.query<{ id: string }>('SELECT id FROM replica')
  let statements = 0
  const query = web.pool.query
  web.pool.query = ((...args: Parameters<typeof query>) => {
    statements += 1
    return query(...args)
  }) as typeof query
  await happens(
    'replica',
    ids.map((row) => row.id),
    `UPDATE replica SET observed = 'complete'`,
  )
  await eventually('all changes', () => all.every(({ events }) => events.length === 1_000), 60)
  web.pool.query = query
  // Pages of events and batches of 200 replicas, each with their buckets and stores; not one per subscriber.
  expect(statements).toBeLessThan(40)
})

test('for a subscriber that is gone nothing is loaded any more', async () => {
  const id = await replica(photos)
  const gone = subscribe(web.socket(web.admin), progress)
  const stays = subscribe(web.socket(web.admin), routes)
  await eventually('both are open', () => gone.events.length === 1 && stays.events.length === 1)
  const loads: string[] = []
  const query = web.pool.query
  web.pool.query = ((text: string, values?: unknown[]) => {
    if (text.includes('FROM replica r JOIN bucket')) loads.push(text)
    return query(text, values)
  }) as typeof query
  gone.close()
  await eventually('nothing is loaded', async () => {
    loads.length = 0
    const told = stays.events.length
    await observed(id, told % 2 === 0 ? 'syncing' : 'complete')
    const kind = told % 2 === 0 ? 'routeOverrideClear' : 'routeOverrideSet'
    await web.mutate(
      kind,
      told % 2 === 0 ? { bucket: 'photos' } : { bucket: 'photos', lbPolicy: 'RANDOM' },
      'bucket { id }',
    )
    await eventually('later events were read', () => stays.events.length > told)
    return loads.length === 0
  })
  web.pool.query = query
})

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

test('what happens through one control plane is seen at another one', async () => {
  const other = await startTestWeb({ database: web.database })
  onTestFinished(() => other.stop())
  const id = await replica(photos)
  const { secret, token } = await web.mutate('tokenCreate', { name: 'roaming', role: 'VIEWER' }, 'secret token { id }')
  const { events, last, ended } = subscribe(other.socket(secret), progress)
  await eventually('the present state', () => events.length === 1)
  await observed(id, 'complete')
  await eventually('the change', () => last().replica.state === 'IN_SYNC')
  await web.mutate('tokenRevoke', { id: token.id }, 'revokedId')
  expect(await ended).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }])
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
  await eventually('all are taken', async () => {
    const answers = subscribe(web.socket(web.admin), 'subscription { changes { kind } }')
    const ended = await Promise.race([answers.ended, delay(200)])
    return Array.isArray(ended) && ended[0]?.message === 'A token may have 2000 operations at once'
  })
  const { secret } = await web.mutate('tokenCreate', { name: 'other', role: 'VIEWER' }, 'secret')
  const other = subscribe(web.socket(secret), progress)
  await replica(photos).then((id) => observed(id, 'complete'))
  const refusal = other.ended.then((problem) => Promise.reject(new Error(JSON.stringify(problem))))
  await Promise.race([refusal, eventually('another token is served', () => other.events.length > 0)])
})
