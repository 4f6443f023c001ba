// What readers see: pages, filters, the state of routes and replicas, loaded with few statements however many there are.
import { v7 } from 'uuid'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { startTestWeb, type TestWeb } from '../../support/web.ts'
import { fleet, fromNow, type TestBucket, type TestCluster, type TestFleet } from '../../support/world/fleet.ts'

let web: TestWeb
let rows: TestFleet
let hpc: TestCluster
let edge: TestCluster
const made = new Map<string, TestBucket>()
const names = Array.from({ length: 7 }, (_, i) => `photos-${i}`)
beforeAll(async () => {
  web = await startTestWeb()
  rows = fleet(web.pool)
  hpc = await rows.cluster('hpc', { zones: ['germany'], urls: ['http://f1', 'http://f2'] })
  edge = await rows.cluster('edge', { urls: ['http://f3'] })
  await web.pool.query('UPDATE faas_deployment SET weight = 3 WHERE url = $1', ['http://f2'])
  for (const name of names) made.set(name, await hpc.store.bucket(name))
  made.set('videos', await edge.store.bucket('videos'))
})
afterAll(() => web?.stop())
function bucket(name: string): TestBucket {
  const found = made.get(name)
  if (found === undefined) throw new Error(`no bucket ${name}`)
  return found
}
const route = (name: string, number: number, clusters: string[]) => bucket(name).route(number, clusters)
const proxy = (nodeId: string, ackedThrough: number) =>
  rows.proxy(nodeId, { version: '1.40.0', stream: { ackedThrough } })
const forgetProxies = () => web.pool.query('DELETE FROM proxy_node')
const states = async () => {
  const { data } = await web.ask(
    '{ buckets(first: 100) { nodes { name route { state lbPolicy upstreams { weight cluster { name } } } } } }',
  )
  return Object.fromEntries(
    data.buckets.nodes.map((one: { name: string; route: { state: string } }) => [one.name, one.route.state]),
  )
}
const filtered = async (filter: Record<string, unknown>) => {
  const { data } = await web.ask(
    'query ($filter: BucketFilter) { buckets(filter: $filter, first: 100) { totalCount nodes { name } } }',
    { filter },
  )
  expect(data.buckets.totalCount).toBe(data.buckets.nodes.length)
  return data.buckets.nodes.map((one: { name: string }) => one.name)
}

test('pages of buckets follow each other by their cursors, in the order of names, without gap or repetition', async () => {
  const seen: string[] = []
  let after: string | null = null
  do {
    const {
      data,
    }: {
      data: {
        buckets: {
          totalCount: number
          pageInfo: { hasNextPage: boolean; endCursor: string }
          nodes: { name: string }[]
          edges: { cursor: string }[]
        }
      }
    } = await web.ask(
      'query ($after: String) { buckets(first: 3, after: $after) { totalCount pageInfo { hasNextPage endCursor } nodes { name } edges { cursor } } }',
      { after },
    )
    const { pageInfo, nodes, edges, totalCount } = data.buckets
    expect(totalCount).toBe(8)
    expect(edges.at(-1)?.cursor).toBe(pageInfo.endCursor)
    seen.push(...nodes.map((node) => node.name))
    after = pageInfo.hasNextPage ? pageInfo.endCursor : null
  } while (after !== null)
  expect(seen).toEqual([...names, 'videos'])
})

test('a route is PENDING without a proxy, and SERVING, REJECTED or UNROUTABLE by what the proxies that count have ACKed', async () => {
  await route('photos-0', 1, ['edge', 'hpc'])
  await route('photos-1', 2, ['hpc'])
  await route('photos-2', 3, [])
  await route('photos-3', 9, ['hpc'])
  await route('photos-4', 4, ['hpc'])
  expect(new Set(Object.values(await states()))).toEqual(new Set(['PENDING']))
  const envoy = await proxy('envoy-1', 5)
  await envoy.exception('photos-1', 2, 'nacked', 'no such cluster')
  await envoy.exception('photos-4', 4, 'behind')
  expect(await states()).toEqual({
    'photos-0': 'SERVING',
    'photos-1': 'REJECTED',
    'photos-2': 'UNROUTABLE',
    'photos-3': 'PENDING',
    'photos-4': 'PENDING',
    'photos-5': 'PENDING',
    'photos-6': 'PENDING',
    videos: 'PENDING',
  })
  await bucket('photos-0').dirty({ intent: true })
  expect((await states())['photos-0']).toBe('PENDING')
  await web.pool.query('DELETE FROM dirty_bucket')
  await proxy('envoy-2', 0)
  expect((await states())['photos-0']).toBe('PENDING')
})

test('a route names the proxies that it waits for, those that are gone with since when and until when', async () => {
  const waits = async (name: string) => {
    const { data } = await web.ask(
      'query ($name: String!) { bucket(name: $name) { route { waitsFor { proxy { nodeId goneSince countsUntil } reason { code message } } } } }',
      { name },
    )
    return data.bucket.route.waitsFor
  }
  expect(await waits('photos-0')).toMatchObject([
    { proxy: { nodeId: 'envoy-2', goneSince: null, countsUntil: null }, reason: { code: 'PROXY_BEHIND' } },
  ])
  expect(await waits('photos-1')).toMatchObject([
    { reason: { code: 'PROXY_REFUSED', message: 'The proxy envoy-1 refused it: no such cluster' } },
    { proxy: { nodeId: 'envoy-2' }, reason: { code: 'PROXY_BEHIND' } },
  ])
  await web.pool.query(
    `UPDATE proxy_stream SET closed_at = '2026-11-28T08:00:00Z', heartbeat_at = '2026-11-28T08:05:00Z',
       lease_until = '2026-11-28T08:10:00Z' WHERE acked_through = 0`,
  )
  const [gone] = await waits('photos-0')
  expect(gone).toMatchObject({
    proxy: { goneSince: '2026-11-28T08:00:00.000Z', countsUntil: '2026-11-28T08:10:00.000Z' },
    reason: { code: 'PROXY_GONE' },
  })
  expect(gone.reason.message).toContain(
    'Waits for the proxy envoy-2, gone since 2026-11-28T08:00:00.000Z, counts until 2026-11-28T08:10:00.000Z',
  )
  await web.pool.query('UPDATE proxy_stream SET heartbeat_at = lease_until WHERE acked_through = 0')
  expect(await waits('photos-0')).toEqual([])
})

test('buckets are filtered by name, state of route, placement and its reasons, and cluster, and counted likewise', async () => {
  await forgetProxies()
  await proxy('envoy-1', 5)
  await web.pool.query(`UPDATE bucket SET placement_condition = 'DEGRADED' WHERE name = 'photos-6'`)
  expect(await filtered({ nameContains: 'VID' })).toEqual(['videos'])
  expect(await filtered({ placement: 'DEGRADED' })).toEqual(['photos-6'])
  await web.pool.query(
    `UPDATE bucket SET placement_reasons = '[{"code":"X","message":""},{"code":"MASTER_MISSING","message":""}]' WHERE name = 'photos-6'`,
  )
  expect(await filtered({ reasons: ['MASTER_REPLACED', 'MASTER_MISSING'] })).toEqual(['photos-6'])
  expect(await filtered({ reasons: ['MASTER_REPLACED'], placement: 'DEGRADED' })).toEqual([])
  expect(await filtered({ cluster: 'edge' })).toEqual(['videos'])
  expect(await filtered({ cluster: 'nowhere' })).toEqual([])
  expect(await filtered({ routeState: 'SERVING' })).toEqual(['photos-0', 'photos-1', 'photos-4'])
  expect(await filtered({ routeState: 'SERVING', nameContains: '4' })).toEqual(['photos-4'])
  expect(await filtered({ routeState: 'UNROUTABLE', cluster: 'hpc' })).toEqual(['photos-2'])
})

test('a route is UNROUTABLE while no functions of its clusters answer, and tells which do', async () => {
  const down = (url: string) => web.pool.query(`UPDATE faas_deployment SET health = 'unhealthy' WHERE url = $1`, [url])
  await down('http://f1')
  expect((await states())['photos-1'], 'another deployment is there').toBe('SERVING')
  await down('http://f2')
  expect(await states()).toMatchObject({ 'photos-0': 'SERVING', 'photos-1': 'UNROUTABLE', 'photos-3': 'PENDING' })
  expect(await filtered({ routeState: 'UNROUTABLE' })).toEqual(['photos-1', 'photos-2', 'photos-4'])
  const { data } = await web.ask('{ bucket(name: "photos-0") { route { upstreams { cluster { name } answers } } } }')
  expect(data.bucket.route.upstreams).toEqual([
    { cluster: { name: 'edge' }, answers: true },
    { cluster: { name: 'hpc' }, answers: false },
  ])
  await web.pool.query(`UPDATE faas_deployment SET health = 'returning' WHERE url = 'http://f1'`)
  expect((await states())['photos-1'], 'what is coming back fills in').toBe('SERVING')
  await web.pool.query(`UPDATE faas_deployment SET health = 'healthy'`)
})

test('what is coming back tells when it is back, by failback_after of its cluster; what is not does not', async () => {
  await web.pool.query(`UPDATE faas_deployment SET health = 'returning', health_since = '2026-01-02T03:04:05Z'`)
  const backAt = async () => {
    const { data } = await web.ask('{ cluster(name: "hpc") { faasDeployments { health { backAt } } } }')
    return new Set(data.cluster.faasDeployments.map((one: { health: { backAt: string | null } }) => one.health.backAt))
  }
  expect(await backAt()).toEqual(new Set(['2026-01-02T03:04:35.000Z']))
  const set = await web.ask(
    'mutation { policySet(input: { name: "failback_after", value: 120, scope: { cluster: "hpc" } }) { __typename } }',
  )
  expect(set.data.policySet.__typename).toBe('PolicySetPayload')
  expect(await backAt()).toEqual(new Set(['2026-01-02T03:06:05.000Z']))
  await web.pool.query(`UPDATE faas_deployment SET health = 'healthy'`)
  expect(await backAt()).toEqual(new Set([null]))
})

test("a route shows the clusters that calls go to with the sum of their deployments' weights", async () => {
  const { data } = await web.ask(
    '{ bucket(name: "photos-0") { route { lbPolicy upstreams { weight cluster { name } } } } }',
  )
  expect(data.bucket.route).toEqual({
    lbPolicy: 'RANDOM',
    upstreams: [
      { weight: 1, cluster: { name: 'edge' } },
      { weight: 4, cluster: { name: 'hpc' } },
    ],
  })
})

test('a replica shows its lag, progress and cause as they are stored', async () => {
  const verifiedAt = new Date('2026-01-02T03:04:05Z')
  const replica = await bucket('photos-0').replica(edge.store, { serving: true, verifiedAt })
  const read = async () =>
    (
      await web.ask(
        '{ bucket(name: "photos-0") { replicas { state serving cause lastVerifiedAt desired bucket { name } storageDeployment { name } lag { objects bytes heldDeletes oldestSeconds oldestSince } progress { phase bytesDone bytesTotal bytesPerSecond etaSeconds } } } }',
      )
    ).data.bucket.replicas[0]
  expect(await read()).toEqual({
    state: 'IN_SYNC',
    serving: true,
    cause: null,
    lastVerifiedAt: '2026-01-02T03:04:05.000Z',
    desired: 'PRESENT',
    bucket: { name: 'photos-0' },
    storageDeployment: { name: 'edge' },
    lag: { objects: 0, bytes: 0, heldDeletes: 0, oldestSeconds: 0, oldestSince: null },
    progress: null,
  })
  await web.pool.query('UPDATE replica SET braked = 140, braked_since = now()')
  expect(await read()).toMatchObject({ state: 'LAGGING', lag: { objects: 0, heldDeletes: 140 } })
  await web.pool.query('UPDATE replica SET braked = 0, braked_since = NULL')
  const since = fromNow(-90)
  await replica.waits('a', { size: 10, since })
  await replica.waits('b', { size: 5, since: fromNow(-1) })
  await replica.waits('later', { size: 1, since: fromNow(60) })
  const [objects, bytes] = [
    { objectsDone: 1, objectsTotal: 3 },
    { bytesDone: 100, bytesTotal: 300, bytesPerSecond: 50 },
  ]
  await replica.task('first_sync', { phase: 'copying', ...objects, ...bytes })
  const lagging = await read()
  expect(lagging).toMatchObject({
    state: 'LAGGING',
    lag: { objects: 2, bytes: 15, oldestSince: since.toISOString() },
    progress: { phase: 'copying', bytesDone: 100, bytesTotal: 300, bytesPerSecond: 50, etaSeconds: null },
  })
  expect(lagging.lag.oldestSeconds).toBeGreaterThanOrEqual(90)
  const inTheWay = { conflicts: [{ kind: 'foreign', count: 1, keys: ['a'] }], failing: null }
  await web.pool.query('UPDATE replica SET conflicts = 1, keys_trouble = $2 WHERE id = $1', [replica.id, inTheWay])
  expect((await read()).cause).toContain('1 object in the way')
})

test('objects come in the byte order of their keys, by prefix and in pages; only all of them are counted', async () => {
  const keys = ['a/1', 'a/2', 'a/é', 'a/😀', 'b', 'B', 'a/\uffee']
  for (const key of keys)
    await bucket('videos').record(key, { size: Number.MAX_SAFE_INTEGER, contentType: 'text/plain' })
  await web.pool.query('UPDATE bucket SET objects = 7, bytes = 70 WHERE id = $1', [bucket('videos').id])
  const page = async (variables: Record<string, unknown>) =>
    (
      await web.ask(
        'query ($prefix: String, $first: Int, $after: String) { bucket(name: "videos") { stats { objects bytes } objects(prefix: $prefix, first: $first, after: $after) { totalCount pageInfo { hasNextPage endCursor } nodes { key size } } } }',
        variables,
      )
    ).data.bucket
  const all = await page({})
  const bytes = (key: string) => Buffer.from(key)
  expect(all.objects.nodes.map((one: { key: string }) => one.key)).toEqual(
    [...keys].sort((a, b) => Buffer.compare(bytes(a), bytes(b))),
  )
  expect(all).toMatchObject({ stats: { objects: 7, bytes: 70 }, objects: { totalCount: 7 } })
  expect(all.objects.nodes[0].size).toBe(Number.MAX_SAFE_INTEGER)
  const first = await page({ prefix: 'a/', first: 3 })
  expect(first.objects).toMatchObject({ totalCount: null, pageInfo: { hasNextPage: true } })
  const rest = await page({ prefix: 'a/', first: 3, after: first.objects.pageInfo.endCursor })
  expect([...first.objects.nodes, ...rest.objects.nodes].map((one: { key: string }) => one.key)).toEqual([
    'a/1',
    'a/2',
    'a/é',
    'a/\uffee',
    'a/😀',
  ])
  expect(rest.objects.pageInfo.hasNextPage).toBe(false)
})

test('proxies show what they refused first, then what waits, then what is in force', async () => {
  await forgetProxies()
  const envoy = await proxy('envoy-1', 5)
  await envoy.exception('photos-1', 2, 'nacked', 'no such cluster')
  const { data } = await web.ask(
    '{ proxies { nodeId version connectedSince resources { typeUrl name version state error } } }',
  )
  const [one] = data.proxies
  expect(one).toMatchObject({ nodeId: 'envoy-1', version: '1.40.0', connectedSince: expect.any(String) })
  expect(
    one.resources.map((r: { name: string; state: string; error: string | null }) => [r.name, r.state, r.error]),
  ).toEqual([
    ['photos-1', 'NACKED', 'no such cluster'],
    ['photos-3', 'PENDING', null],
    ['photos-4', 'ACKED', null],
    ['photos-2', 'ACKED', null],
    ['photos-0', 'ACKED', null],
  ])
  expect(one.resources[0].typeUrl).toBe('type.googleapis.com/envoy.config.route.v3.ScopedRouteConfiguration')
  await web.pool.query(`UPDATE proxy_stream SET closed_at = now(), lease_until = now() + interval '60 s'`)
  expect((await web.ask('{ proxies { connectedSince goneSince countsUntil } }')).data.proxies).toEqual([
    { connectedSince: null, goneSince: expect.any(String), countsUntil: expect.any(String) },
  ])
})

test('node finds every kind of thing by its id, and null for what is gone', async () => {
  const { data } = await web.ask(
    '{ clusters(first: 1) { nodes { id faasDeployments { id } storageDeployments { id } } } buckets(first: 1) { nodes { id replicas { id } } } proxies { id } }',
  )
  const [cluster] = data.clusters.nodes
  const [first] = data.buckets.nodes
  const known = [
    cluster.id,
    cluster.faasDeployments[0].id,
    cluster.storageDeployments[0].id,
    first.id,
    first.replicas[0].id,
    data.proxies[0].id,
  ]
  for (const one of known)
    expect(
      (await web.ask('query ($id: ID!) { node(id: $id) { id __typename } }', { id: one })).data.node,
    ).toMatchObject({ id: one })
  const gone = Buffer.from(`Bucket:${v7()}`).toString('base64')
  expect(await web.ask('query ($id: ID!) { node(id: $id) { id } }', { id: gone })).toMatchObject({
    data: { node: null },
    errors: undefined,
  })
})

test('a page of buckets with all their parts costs as many statements as a page of one', async () => {
  const statements = async (first: number) => {
    let count = 0
    const query = web.pool.query
    web.pool.query = ((...args: Parameters<typeof query>) => {
      count += 1
      return query(...args)
    }) as typeof query
    await web.ask(
      'query ($first: Int) { buckets(first: $first) { nodes { name policies { name } master { storageDeployment { name cluster { name } } } replicas { state storageDeployment { cluster { name } } } route { state upstreams { cluster { name } } } } } }',
      { first },
    )
    web.pool.query = query
    return count
  }
  const one = await statements(1)
  expect(one).toBeGreaterThan(3)
  expect(await statements(8)).toBeLessThanOrEqual(one + 1)
})

test.each(['master { events { state } }', 'route { state }'])(
  'a bucket that is deleted while its %s is read is said to be gone, and nothing has failed here',
  async (part) => {
    const { id } = await edge.store.bucket('brief')
    const query = web.pool.query.bind(web.pool)
    const deletedAfterItsName = vi.spyOn(web.pool, 'query').mockImplementation((async (
      ...args: [string, unknown[]]
    ) => {
      const result = await query(...args)
      if (args[1]?.[0] === 'brief') await query('DELETE FROM bucket WHERE id = $1', [id])
      return result
    }) as typeof web.pool.query)
    const { errors } = await web.ask(`{ bucket(name: "brief") { ${part} } }`)
    expect(deletedAfterItsName).toHaveBeenCalled()
    expect(errors).toMatchObject([
      { message: 'A bucket was deleted while it was read. Read again', extensions: { code: 'CONFLICT' } },
    ])
    expect(web.log()).not.toContain('a request failed')
  },
)
