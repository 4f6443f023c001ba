import { expect, test } from 'vitest'
import { createResourceCache } from '../../../proxy/resource-cache.ts'
import { createRollout, type Output } from '../../../proxy/rollout.ts'
import { createRoutingModel } from '../../../proxy/routing-model.ts'
import { contentId } from '../../../server/content-id.ts'
import type { BucketRoute, FaasEndpoint, RouteTable } from '../../../server/domain/route/routing-table.ts'
import { deltaRequest as request } from '../../support/delta-request.ts'
import { createFakeEnvoy, deliver } from '../../support/fake-envoy.ts'

const table = (clusters: string[], timeoutMs = 1000): RouteTable => ({ clusters, lbPolicy: 'round_robin', timeoutMs })
const endpoint = (cluster: string): FaasEndpoint => ({
  id: cluster,
  cluster,
  kind: 'HTTP',
  url: cluster === 'edge' ? 'http://10.0.0.1:80' : 'http://10.0.0.2:80',
  addresses: [cluster === 'edge' ? '10.0.0.1' : '10.0.0.2'],
  weight: 1,
  health: 'healthy',
})

/** One Envoy that takes and answers at once, unless it is told to hold back. */
function start(options: { routes?: BucketRoute[]; ready?: boolean; refuses?: (name: string) => string | null } = {}) {
  const model = createRoutingModel({ retireMs: 1000, leaseMs: 60_000 })
  const cache = createResourceCache({ model, ingress: { address: '127.0.0.1', port: 1 }, trustedCa: '' })
  const rollout = createRollout({ model, cache })
  const envoy = createFakeEnvoy(
    (_type, name) => options.refuses?.(name) ?? null,
    () => [],
  )
  const log: string[] = []
  const reports: { ackedThrough: number; exceptions: readonly unknown[] }[] = []
  let clock = 0
  let holding = false
  const held: Output[] = []
  model.setEndpoints([endpoint('edge'), endpoint('hpc')])
  rollout.setRoutes(options.routes ?? [], clock)
  rollout.open('s', clock)
  envoy.connect()

  function perform(outputs: readonly Output[]) {
    for (const output of outputs) {
      if (output.kind === 'progress') reports.push(output.progress)
      else if (holding) held.push(output)
      else {
        const { type, resources, removed } = output.response
        log.push([type, ...resources.keys(), ...Array.from(removed, (name) => `-${name}`)].join(' '))
        envoy.take(deliver(output.response, cache))
      }
    }
    for (let request = envoy.nextRequest(0); request; request = envoy.nextRequest(0))
      perform(rollout.receive('s', request, clock))
  }
  const ready = () => perform(rollout.ready(clock))
  if (options.ready !== false) ready()
  else perform([])
  return {
    rollout,
    envoy,
    log,
    reports,
    held,
    ready,
    clear: () => log.splice(0),
    hold: () => {
      holding = true
    },
    route: (...routes: BucketRoute[]) => perform(rollout.setRoutes(routes, clock)),
    wait(ms: number) {
      clock += ms
      perform(rollout.tick(clock))
    },
    clock: () => clock,
  }
}

test('a bucket on new clusters: endpoints, pin, table, scope; then the old ones go in reverse', () => {
  const { clear, log, route, wait, reports } = start({ routes: [{ bucket: 'b', number: 1, table: table(['edge']) }] })
  const [old, fresh] = [contentId(table(['edge'])), contentId(table(['hpc']))]
  clear()
  route({ bucket: 'b', number: 2, table: table(['hpc']) })
  expect(log).toEqual([
    'endpoints fado/round_robin/plain',
    `scope pin/${fresh}`,
    `table table/${fresh}`,
    'scope bucket/b',
  ])
  expect(reports.at(-1)).toEqual({ ackedThrough: 2, exceptions: [] })
  clear()
  wait(999)
  expect(log).toEqual([])
  wait(1)
  expect(log).toEqual([`scope -pin/${old}`, 'endpoints fado/round_robin/plain'])
})

test("a policy's first bucket brings its Envoy cluster; a class for each cluster where they have an order", () => {
  const { clear, log, route, wait, envoy } = start({ routes: [{ bucket: 'b', number: 1, table: table(['edge']) }] })
  expect(log.filter((line) => line.startsWith('cluster'))).toEqual(['cluster fado/round_robin'])
  clear()
  const ordered: RouteTable = { clusters: ['edge', 'hpc'], lbPolicy: 'first', order: ['hpc', 'edge'], timeoutMs: 1 }
  route({ bucket: 'b', number: 2, table: ordered })
  const id = contentId(ordered)
  expect(log).toEqual([
    'cluster fado/first',
    'endpoints fado/first/plain',
    `scope pin/${id}`,
    `table table/${id}`,
    'scope bucket/b',
  ])
  expect(envoy.classesOf('first').toSorted()).toEqual([contentId(['edge']), contentId(['hpc'])].toSorted())
  clear()
  // Nothing needs them any more: the classes go, the Envoy cluster stays.
  route({ bucket: 'b', number: 3, table: table(['edge']) })
  wait(1000)
  expect(log.at(-1)).toBe('endpoints fado/first/plain')
  expect(envoy.classesOf('first')).toEqual([])
  expect(log.filter((line) => line.startsWith('cluster'))).toEqual([])
})

test('a starting Envoy is answered that there are no Envoy clusters', () => {
  const { log, route } = start()
  expect(log[0]).toBe('cluster')
  route({ bucket: 'b', number: 1, table: { ...table(['edge']), lbPolicy: 'random' } })
  expect(log).toContain('cluster fado/random')
})

test('an Envoy that comes back keeps Envoy clusters that no bucket uses here: a table of its own may need them', () => {
  const { rollout, clock } = start({ routes: [{ bucket: 'b', number: 1, table: table(['edge']) }] })
  const initialVersions = new Map(['fado/random', 'fado/round_robin'].map((name) => [name, 'another']))
  rollout.open('t', clock())
  const outputs = [
    ...rollout.receive('t', request('cluster', { initialVersions }), clock()),
    ...rollout.receive('t', request('scope'), clock()),
    ...rollout.tick(clock() + 10_000),
  ]
  const sent = outputs.flatMap((output) => (output.kind === 'progress' ? [] : [output.response]))
  const clusters = sent.filter(({ type }) => type === 'cluster')
  expect(clusters.flatMap(({ resources }) => [...resources.keys()])).toEqual(['fado/round_robin'])
  expect(clusters.flatMap(({ removed }) => [...removed])).toEqual([])
})

test('a bucket on known clusters is one scope, and a withdrawn one goes at once', () => {
  const routes = [
    { bucket: 'a', number: 1, table: table(['edge']) },
    { bucket: 'b', number: 2, table: table(['hpc']) },
  ]
  const { clear, log, route } = start({ routes })
  clear()
  route({ bucket: 'a', number: 3, table: table(['hpc']) })
  route({ bucket: 'a', number: 4, table: null })
  expect(log).toEqual(['scope bucket/a', 'scope -bucket/a'])
})

test('endpoints under a name that another version of FaDO gave stay until their cluster has others', () => {
  const model = createRoutingModel({ retireMs: 1000, leaseMs: 60_000 })
  const cache = createResourceCache({ model, ingress: { address: '127.0.0.1', port: 1 }, trustedCa: '' })
  const rollout = createRollout({ model, cache })
  const [old, never] = ['fado/round_robin/of-old', 'fado/round_robin/of-never']
  model.setEndpoints([endpoint('edge')])
  rollout.open('s', 0)
  const removed: string[] = []
  function perform(outputs: readonly Output[]) {
    for (const output of outputs) {
      if (output.kind === 'progress') continue
      const { type, nonce } = output.response
      removed.push(...output.response.removed)
      perform(rollout.receive('s', request(type, { nonce }), 0))
    }
  }
  perform(rollout.ready(0))
  const initialVersions = new Map([[old, '1']])
  perform(rollout.receive('s', request('endpoints', { subscribe: [old, never], initialVersions }), 0))
  perform(rollout.receive('s', request('scope'), 0))
  perform(rollout.tick(60_000))
  expect(removed, 'what it waits for without having it is told as missing').toEqual([never])
})

test('a starting Envoy gets its ingress listener last', () => {
  const { log, envoy } = start({ routes: [{ bucket: 'b', number: 1, table: table(['edge']) }] })
  expect(log.at(-1)).toBe('listener ingress')
  expect(log.findIndex((line) => line.startsWith('scope bucket/b'))).toBeGreaterThan(-1)
  expect(envoy.routes().get('b')).toBe(contentId(table(['edge'])))
})

test('a listener that Envoy refuses, for its port is taken, is tried again every two seconds and no sooner', () => {
  let taken = true
  const refuses = (name: string) => (name === 'ingress' && taken ? 'the port is taken' : null)
  const { log, clear, wait, route, envoy } = start({ refuses })
  expect(log).toContain('listener ingress')
  const tries = () => clear().filter((line) => line === 'listener ingress').length
  tries()
  for (let round = 0; round < 3; round++) {
    wait(1_000)
    route({ bucket: 'b', number: round + 1, table: table(['edge'], round) })
    wait(999)
    expect(tries()).toBe(0)
    if (round === 2) taken = false
    wait(1)
    expect(tries()).toBe(1)
  }
  expect(envoy.routes().has('b')).toBe(true)
  wait(10_000)
  expect(tries()).toBe(0)
})

test('what Envoy refused is sent again when it asks for it anew after it gave it up', () => {
  const model = createRoutingModel({ retireMs: 1000, leaseMs: 60_000 })
  const rollout = createRollout({ model, cache: { version: (_type, name) => name } })
  rollout.open('s', 0)
  rollout.ready(0)
  const sent = (fields: Parameters<typeof request>[1]) =>
    rollout
      .receive('s', request('secret', fields), 0)
      .map((output) => (output.kind === 'send' ? [...output.response.resources.keys()] : []))
  expect(sent({ subscribe: ['a'] })).toEqual([['a']])
  expect(sent({ nonce: 'secret-1', error: 'no' })).toEqual([])
  expect(sent({ unsubscribe: ['a'] })).toEqual([])
  expect(sent({ subscribe: ['a'] })).toEqual([['a']])
})

test('an Envoy that comes back keeps its secrets until it has said what it routes by', () => {
  const { rollout, wait, clock } = start()
  rollout.open('back', clock())
  const known = (name: string) => ({ subscribe: [name], initialVersions: new Map([[name, 'of before']]) })
  const takenBack = (outputs: readonly Output[]) =>
    outputs.flatMap((output) => (output.kind === 'send' ? [...output.response.removed] : []))
  const says = (...given: Parameters<typeof request>) => takenBack(rollout.receive('back', request(...given), clock()))
  expect(says('secret', known('secret/of-a-deployment'))).toEqual([])
  wait(500)
  expect(says('endpoints', known('fado/round_robin/plain'))).toEqual([])
  expect(says('scope')).toEqual(['secret/of-a-deployment'])
})

test('a table whose pin Envoy refused to give up can be used again', () => {
  const model = createRoutingModel({ retireMs: 1000, leaseMs: 60_000 })
  const rollout = createRollout({ model, cache: { version: (_type, name) => name } })
  const [old, fresh] = [contentId(table(['edge'])), contentId(table(['hpc']))]
  const log: string[] = []
  rollout.open('s', 0)
  const asked = new Set<string>()
  /** ACKs all but the end of a pin, and asks once for the table of each pin. */
  function perform(outputs: readonly Output[], now: number) {
    for (const output of outputs) {
      if (output.kind === 'progress') continue
      const { type, nonce, resources, removed } = output.response
      const isRefused = [...removed].some((name) => name.startsWith('pin/'))
      if (type === 'scope') log.push([...resources.keys(), ...Array.from(removed, (name) => `-${name}`)].join(' '))
      perform(rollout.receive('s', request(type, { nonce, error: isRefused ? 'no' : null }), now), now)
      const pinned = [...resources.keys()].filter((name) => type === 'scope' && name.startsWith('pin/'))
      const names = pinned.map((name) => name.replace('pin/', 'table/')).filter((name) => !asked.has(name))
      for (const name of names) asked.add(name)
      if (names.length > 0) perform(rollout.receive('s', request('table', { subscribe: names }), now), now)
    }
  }
  const route = (number: number, cluster: string, now: number) =>
    perform(rollout.setRoutes([{ bucket: 'b', number, table: table([cluster]) }], now), now)
  route(1, 'edge', 0)
  perform(rollout.ready(0), 0)
  for (const type of ['endpoints', 'scope', 'table'] as const)
    perform(
      rollout.receive('s', request(type, type === 'endpoints' ? { subscribe: ['fado/round_robin/plain'] } : {}), 0),
      0,
    )
  route(2, 'hpc', 0)
  perform(rollout.tick(1000), 1000)
  expect(log).toContain(`-pin/${old}`)
  log.length = 0
  // Envoy still has the table: it neither unsubscribes from it nor asks for it anew.
  route(3, 'edge', 1000)
  expect(log.at(-1)).toBe('bucket/b')
  expect(rollout.progress('s')).toEqual({ ackedThrough: 3, exceptions: [] })
  expect(model.tables.get(fresh)?.wanted).toBe(0)
})

test('nothing is sent before the model is ready', () => {
  const { log, ready } = start({ ready: false })
  expect(log).toEqual([])
  ready()
  expect(log.length).toBeGreaterThan(0)
})

test('an Envoy that does not answer gets one response of a type, however much changes', () => {
  const { hold, held, route, wait, reports } = start({ routes: [{ bucket: 'b', number: 1, table: table(['edge']) }] })
  hold()
  for (let i = 2; i < 500; i++) route({ bucket: `b${i}`, number: i, table: table(['edge'], i % 2 ? 1000 : 2000) })
  expect(held.length).toBeLessThanOrEqual(2)
  // All of it is late, and said to be.
  wait(600)
  expect(reports.at(-1)?.ackedThrough).toBe(499)
  expect(reports.at(-1)?.exceptions.length).toBe(498)
})

test('a change among 100 000 buckets costs what it costs among 1 000', () => {
  const cost = (size: number) => {
    const model = createRoutingModel({ retireMs: 1000, leaseMs: 60_000 })
    const rollout = createRollout({ model, cache: { version: (_type, name) => name } })
    rollout.open('s', 0)
    let sent = 0
    /** ACKs each scope, and asks for the table of each pin. */
    function perform(outputs: readonly Output[]) {
      for (const output of outputs) {
        if (output.kind === 'progress') continue
        const { type, nonce, resources } = output.response
        if (type === 'scope') sent += resources.size
        const pins = type === 'scope' ? [...resources.keys()].filter((name) => name.startsWith('pin/')) : []
        perform(rollout.receive('s', request(type, { nonce }), 0))
        const names = pins.map((name) => name.replace('pin/', 'table/'))
        if (names.length > 0) perform(rollout.receive('s', request('table', { subscribe: names }), 0))
      }
    }
    const tables = [table(['edge']), table(['hpc'])] as const
    const routes = Array.from({ length: size }, (_, i) => ({
      bucket: `b${i}`,
      number: i + 1,
      table: tables[i % 2] ?? null,
    }))
    perform(rollout.setRoutes(routes, 0))
    perform(rollout.ready(0))
    perform(rollout.receive('s', request('endpoints', { subscribe: ['fado/round_robin/plain'] }), 0))
    perform(rollout.receive('s', request('scope'), 0))
    expect(rollout.progress('s')).toEqual({ ackedThrough: size, exceptions: [] })
    sent = 0
    const times = Array.from({ length: 1000 }, (_, i) => {
      const from = performance.now()
      const change = { bucket: `b${i}`, number: size + i + 1, table: tables[(i + 1) % 2] ?? null }
      perform(rollout.setRoutes([change], 0))
      return performance.now() - from
    })
    expect(sent).toBe(1000)
    expect(rollout.progress('s')).toEqual({ ackedThrough: size + 1000, exceptions: [] })
    return times.sort((a, b) => a - b)[500] ?? 0
  }
  cost(1000)
  const [small, large] = [cost(1000), cost(100_000)]
  expect(large).toBeLessThan(small * 3 + 0.05)
}, 30_000)
