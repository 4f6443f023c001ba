// What happens, as it happens: the present state first, then changes, by the real client over a real socket.

import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest'
import { eventually } from '../../support/eventually.ts'
import { progress, routes, startWatchedWeb, subscribe, type WatchedWeb } from '../../support/watched-web.ts'
import { startTestWeb } from '../../support/web.ts'

let web: WatchedWeb['web']
let rows: WatchedWeb['rows']
let hpc: WatchedWeb['hpc']
let photos: WatchedWeb['photos']
let happens: WatchedWeb['happens']
let replica: WatchedWeb['replica']
let observed: WatchedWeb['observed']
beforeEach(async () => {
  ;({ web, rows, hpc, photos, happens, replica, observed } = await startWatchedWeb())
})
afterEach(() => web?.stop())

test('ReplicationProgress gives the present state of all replicas, then each change', async () => {
  const id = await replica(photos)
  const { events, last } = subscribe(web.socket(web.admin), progress)
  await eventually('the present state', () => events.length === 1)
  expect(last()).toMatchObject({
    replica: { state: 'SYNCING', bucket: { name: 'photos' }, storageDeployment: { name: 'edge' }, progress: null },
  })
  await observed(id, 'complete')
  await eventually('the change', () => last().replica.state === 'IN_SYNC')
  const other = await replica(await hpc.store.bucket('new'))
  await observed(other, 'creating')
  await eventually('a replica that is new', () => last().replica.bucket.name === 'new')
})

test("of one bucket only that bucket's replicas are told, and of an unknown one there is an error", async () => {
  const other = await replica(await hpc.store.bucket('other'))
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

  const { id: node } = await rows.proxy('envoy')
  await photos.route(1, ['hpc'])
  await happens('route', [photos.id])
  await eventually('the change', () => last().route.upstreams.length === 1)
  expect(last().route).toMatchObject({
    state: 'PENDING',
    upstreams: [{ cluster: { name: 'hpc' }, weight: 1 }],
    lbPolicy: 'RANDOM',
  })
  await happens('route', [photos.id], 'UPDATE proxy_stream SET acked_through = 1')
  await eventually('the ACK', () => last().route.state === 'SERVING')
  const told = events.length
  await happens('route', [photos.id])
  await happens('bucket', [photos.id])
  await happens('proxy', [node], 'UPDATE proxy_stream SET closed_at = now(), lease_until = now()')
  await eventually('the proxy is gone, so all routes wait', () => last().route.state === 'PENDING')
  expect(events.length).toBe(told + 1)
})

test('RoutesChanged tells the buckets whose calls nobody takes since functions went down, and no others', async () => {
  const south = await rows.cluster('south', { urls: ['http://g'] })
  const other = await hpc.store.bucket('other')
  await photos.route(1, ['hpc'])
  await other.route(2, ['hpc', south.name])
  await rows.proxy('envoy', { stream: { ackedThrough: 2 } })
  const { events, last } = subscribe(web.socket(web.admin), routes)
  await eventually('the present state', () => events.length === 2)
  const { rows: found } = await web.pool.query<{ id: string }>('SELECT id FROM faas_deployment ORDER BY url')
  const ids = found.map(({ id }) => id)
  await happens('faas', ids.slice(0, 1), `UPDATE faas_deployment SET health = 'unhealthy' WHERE url = 'http://f'`)
  await eventually('nobody takes them', () => events.length === 3)
  expect(last()).toMatchObject({ bucket: { name: 'photos' }, route: { state: 'UNROUTABLE' } })
  await happens('faas', ids.slice(0, 1), `UPDATE faas_deployment SET health = 'healthy'`)
  await eventually('they are back', () => events.length === 4)
  expect(last()).toMatchObject({ bucket: { name: 'photos' }, route: { state: 'SERVING' } })
})

test('a mutation shows as PENDING before it is decided', async () => {
  await photos.route(1, ['hpc'])
  await rows.proxy('envoy', { stream: { ackedThrough: 1 } })
  const { events, last } = subscribe(web.socket(web.admin), routes, { bucket: 'photos' })
  await eventually('the present state', () => last()?.route.state === 'SERVING')
  await web.mutate('routeOverrideSet', { bucket: 'photos', lbPolicy: 'LEAST_REQUEST' }, 'bucket { route { state } }')
  await eventually('it waits', () => last().route.state === 'PENDING')
  expect(last().route.overridden).toBe(true)
  await web.mutate('routeOverrideClear', { bucket: 'photos' }, 'bucket { id }')
  await eventually('what comes after it is told', () => !last().route.overridden)
  expect(events.length).toBe(3)
})

test('ProxyStatus tells the proxies that are there, and each that comes or goes', async () => {
  const { events, last } = subscribe(
    web.socket(web.admin),
    'subscription { proxyStatus { at proxy { nodeId connectedSince version } } }',
  )
  const { id: node } = await rows.proxy('envoy', { version: '1.40.0' })
  await happens('proxy', [node])
  await eventually('it came', () => last()?.proxy.connectedSince)
  expect(last().proxy).toMatchObject({ nodeId: 'envoy', version: '1.40.0' })
  await happens('proxy', [node], 'UPDATE proxy_stream SET closed_at = now()')
  await eventually('it went', () => last().proxy.connectedSince === null)
  expect(events.every(({ event }) => event.proxy.nodeId === 'envoy')).toBe(true)
})

test('500 replicas and 10 subscribers cost as many statements as one of each', async () => {
  const buckets = Array.from({ length: 500 }, (_, i) => hpc.store.bucket(`b${i}`))
  await Promise.all(buckets.map(async (made) => replica(await made)))
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

test('when the database is another one the present state is told again, and who has no token in it is sent away', async () => {
  const id = await replica(photos)
  const { secret } = await web.mutate('tokenCreate', { name: 'lost', role: 'VIEWER' }, 'secret')
  const mine = subscribe(web.socket(web.admin), progress)
  const theirs = subscribe(web.socket(secret), progress)
  await eventually('the present state', () => mine.events.length === 1 && theirs.events.length === 1)
  await web.pool.query(`UPDATE replica SET observed = 'complete' WHERE id = $1`, [id]) // nobody tells of it
  await web.pool.query(`DELETE FROM api_token WHERE name = 'lost'`)
  await web.beginAnew()
  await eventually('the state that is there now', () => mine.last().replica.state === 'IN_SYNC')
  expect(await theirs.ended).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }])
  await observed(id, 'syncing')
  await eventually('changes as before', () => mine.last().replica.state === 'SYNCING')
})
