// What the Topology screen shows, before it is drawn.
import { expect, test } from 'vitest'
import { plain } from '../../../app/_lib/parts.ts'
import { type ClusterCalls, callBars, callsByCluster } from '../../../app/_lib/topology/calls.ts'
import { shownOf } from '../../../app/_lib/topology/focus.ts'
import { bucketMarks, fleetLegend, fleetMarks, holdersOf } from '../../../app/_lib/topology/marks.ts'
import { curvesOf } from '../../../app/_lib/topology/ring-curves.ts'
import { layoutRing } from '../../../app/_lib/topology/ring-layout.ts'
import {
  drawnLinks,
  linksBeside,
  linksOfBucket,
  mostDrawn,
  type RingLink,
  ringLinks,
  widthOf,
} from '../../../app/_lib/topology/ring-links.ts'
import { parseTopologyQuery, topologyHref } from '../../../app/_lib/topology/topology-query.ts'
import { callWords, errorWords, flowWords, linkSentence, topologySentence } from '../../../app/_lib/topology/words.ts'
import type { RingClusterFragment, RingLinkFragment } from '../../../graphql/generated/operations.ts'
import { madeFleet } from '../../support/made-fleet.ts'
import { bucket, cluster, progress, replica, route } from './fixtures.ts'

const on = (name: string, more: Partial<Parameters<typeof cluster>[1]> = {}): RingClusterFragment => {
  const made = cluster(name, more)
  const stores = made.storageDeployments.map((store) => ({
    ...store,
    held: { masters: 2, replicas: 3 },
    usage: { objects: 5, bytes: 7_000 },
  }))
  return { ...made, storageDeployments: stores }
}
const [hpc, edge, cloud] = [on('hpc', { zones: ['eu'] }), on('edge', { zones: ['eu'] }), on('cloud')]
const fleet = [hpc, edge, cloud]

const link = (from: string, to: string, more: Partial<RingLinkFragment> = {}): RingLinkFragment => ({
  from: { id: `store-${from}` },
  to: { id: `store-${to}` },
  bytesPerSecond: null,
  moving: 0,
  movers: 1,
  copies: 1,
  waiting: { objects: 0, bytes: 0 },
  comparing: null,
  pause: null,
  ...more,
})

test('links of all stores of two clusters are one, the busiest first, and what is no more among the used is idle', () => {
  const second = {
    ...hpc,
    storageDeployments: [...hpc.storageDeployments, { ...hpc.storageDeployments[0], id: 'store-hpc-2' }],
  }
  const links = ringLinks(
    [
      link('edge', 'cloud', { waiting: { objects: 4, bytes: 9 } }),
      link('hpc', 'edge', { bytesPerSecond: 100, moving: 1 }),
      link('hpc-2', 'edge', { bytesPerSecond: 50 }),
    ],
    [link('hpc', 'edge', { bytesPerSecond: 7 }), link('cloud', 'hpc', { bytesPerSecond: 8, pause: { since: '' } })],
    [second as RingClusterFragment, edge, cloud],
  )
  expect(links.map(({ id, state, bytesPerSecond, copies }) => [id, state, bytesPerSecond, copies])).toEqual([
    ['hpc -> edge', 'flowing', 150, 2],
    ['edge -> cloud', 'waiting', null, 1],
    ['cloud -> hpc', 'idle', null, 1],
  ])
})

test('what holds a link up is told before its speed', () => {
  const state = (more: Partial<RingLinkFragment>) => ringLinks([link('hpc', 'edge', more)], [], fleet)[0] as RingLink
  expect(flowWords(state({ bytesPerSecond: 5e6 }))).toBe('5\u00a0MB/s')
  expect(flowWords(state({ bytesPerSecond: 5e6, pause: { since: '' } }))).toBe('paused')
  expect(flowWords(state({ movers: 0 }))).toBe('no mover')
  expect(flowWords(state({ moving: 2 }))).toBe('moving')
  expect(flowWords(state({ waiting: { objects: 1, bytes: 0 } }))).toBe('waits')
  expect(plain(linkSentence(state({ bytesPerSecond: 5e6, waiting: { objects: 1, bytes: 2e3 } })))).toBe(
    'Copies move from hpc to edge at 5\u00a0MB/s. 1 object, 2\u00a0kB waits.',
  )
})

test('a link of a store that is not known, or within one cluster, is none of the ring', () => {
  expect(ringLinks([link('hpc', 'hpc'), link('hpc', 'gone', { moving: 1 })], [], fleet)).toEqual([])
})

test('of many links those that do something are drawn, and all of the cluster that is looked at', () => {
  const { clusters, links } = madeFleet(50)
  const all = ringLinks(links, [], clusters)
  expect(all.length).toBeGreaterThan(mostDrawn)
  const drawn = drawnLinks(all)
  expect(drawn.every(({ state }) => state !== 'idle')).toBe(true)
  expect(drawn.length).toBeLessThanOrEqual(mostDrawn)
  const at = clusters[9]?.name ?? ''
  const own = all.filter(({ from, to }) => from === at || to === at)
  const beside = linksBeside(drawn, all, at)
  expect(beside.some(({ state }) => state === 'idle')).toBe(true)
  expect([...drawn, ...beside]).toEqual(expect.arrayContaining(own))
  expect(new Set([...drawn, ...beside]).size).toBe(drawn.length + beside.length)
  const few = ringLinks([link('hpc', 'edge')], [], fleet)
  expect(drawnLinks(few)).toEqual(few)
})

test('a link is wider the faster it is, never too thin to be seen, and leaves room where many are drawn', () => {
  const wide = (bytesPerSecond: number, drawn = 4) =>
    widthOf({ ...(linksOfBucket(one)[0] as RingLink), state: 'flowing', bytesPerSecond }, drawn)
  expect([wide(1), wide(4e6), wide(16e6), wide(1e12)]).toEqual([1.75, 3, 6, 12])
  expect([wide(1, 100), wide(1e12, 100)]).toEqual([1.75, 4])
})

const one = bucket({
  replicas: [
    replica('edge'),
    replica('cloud', { state: 'SYNCING', serving: false, progress: { ...progress(3, 10), bytesPerSecond: 4e6 } }),
  ],
  route: route(['hpc', 'edge']),
})

test('of a bucket its own copies are told: where each comes from, what state it is in and where calls go', () => {
  expect(linksOfBucket(one).map(({ id, state, bytesPerSecond }) => [id, state, bytesPerSecond])).toEqual([
    ['hpc -> edge', 'idle', null],
    ['hpc -> cloud', 'flowing', 4e6],
  ])
  const marks = bucketMarks(one, [...fleet, on('lab')])
  expect(marks.map(({ name, sign, second }) => [name, sign?.glyph ?? null, second])).toEqual([
    ['hpc', 'master', 'master, weight 1 of 2'],
    ['edge', 'sync', 'in sync, weight 1 of 2'],
    ['cloud', 'ring', 'syncing 30\u00a0%'],
    ['lab', null, ''],
  ])
  expect(marks[2]?.words).toBe('cloud: 30\u00a0% done, no calls')
  expect([...holdersOf(marks)]).toEqual(['hpc', 'edge', 'cloud'])
})

test('a run that has ended tells no speed, and a paused bucket is said to be paused', () => {
  const still = bucket({ replicas: [replica('edge', { progress: { ...progress(1, 1), bytesPerSecond: 9 } })] })
  expect(linksOfBucket(still)[0]).toMatchObject({ bytesPerSecond: null, state: 'idle' })
  const lag = { objects: 2, bytes: 3, heldDeletes: 0, oldestSince: null, oldestSeconds: 9 }
  const paused = bucket({ pause: { by: 'a', since: '' }, replicas: [replica('edge', { state: 'LAGGING', lag })] })
  expect(linksOfBucket(paused)[0]).toMatchObject({ state: 'paused', waiting: { objects: 2 } })
})

test('a cluster that is not well says so in place of what it holds, and its name comes first', () => {
  const marks = fleetMarks([hpc, on('edge', { store: 'UNHEALTHY' })])
  expect(marks.map(({ ground, second, first, sign }) => [ground, second, first, sign?.glyph ?? null])).toEqual([
    ['well', '5 buckets, 7\u00a0kB', false, null],
    ['down', 'down', true, 'fail'],
  ])
  expect(marks[0]?.words).toBe('hpc: healthy, 5 buckets, 7\u00a0kB, in eu')
})

test('each sign of the ring is in its legend once, with all that it may mean', () => {
  const functions = (name: string, status: 'UNHEALTHY' | 'DEGRADED') => {
    const made = on(name)
    return {
      ...made,
      faasDeployments: made.faasDeployments.map((one) => ({ ...one, health: { ...one.health, status } })),
    }
  }
  const fleet = [hpc, on('edge', { store: 'UNHEALTHY' }), functions('lab', 'UNHEALTHY'), functions('cloud', 'DEGRADED')]
  expect(fleetLegend(fleet).map(({ glyph, word }) => [glyph, word])).toEqual([
    ['fail', 'down'],
    ['warn', 'coming back or takes no calls'],
  ])
  expect(fleetLegend([hpc])).toEqual([])
})

test('what is pointed at shows its connections only; else zone and bucket choose', () => {
  const links = ringLinks([link('hpc', 'edge', { moving: 1 }), link('edge', 'cloud', { moving: 1 })], [], fleet)
  const facts = { clusters: fleet, links, focus: null, zone: '', holders: null }
  const shown = (more: Partial<Parameters<typeof shownOf>[0]>) => {
    const { clusters, links } = shownOf({ ...facts, ...more })
    return [[...clusters].sort(), [...links].sort()]
  }
  expect(shown({})).toEqual([
    ['cloud', 'edge', 'hpc'],
    ['edge -> cloud', 'hpc -> edge'],
  ])
  expect(shown({ focus: { cluster: 'hpc' } })).toEqual([['edge', 'hpc'], ['hpc -> edge']])
  expect(shown({ focus: { link: 'edge -> cloud' }, zone: 'eu' })).toEqual([['cloud', 'edge'], ['edge -> cloud']])
  expect(shown({ zone: 'eu' })).toEqual([
    ['edge', 'hpc'],
    ['edge -> cloud', 'hpc -> edge'],
  ])
  expect(shown({ holders: new Set(['cloud']) })).toEqual([['cloud'], ['edge -> cloud']])
})

test('calls of a cluster are told with whose errors there were, and bars compare by the most', () => {
  const row = (name: string, callsPerSecond: number, more: Partial<ClusterCalls> = {}): ClusterCalls => ({
    ...{ cluster: { name }, callsPerSecond, p50Ms: 1, p95Ms: 40.4, p99Ms: 50 },
    ...{
      functionErrors: 0,
      platformErrors: 0,
      keyErrors: 0,
      fadoErrors: 0,
      refused: 0,
      givenUp: 0,
      retries: 0,
      ...more,
    },
  })
  const calls = callsByCluster([
    row('hpc', 100, { functionErrors: 2, keyErrors: 1, fadoErrors: 2, refused: 50 }),
    row('edge', 25),
    row('cloud', 0, { p95Ms: null }),
  ])
  const told = calls.get('hpc')
  expect(told && [callWords(told), errorWords(told)]).toEqual([
    '100/s, 95\u00a0% within 40\u00a0ms',
    "2/s of functions, 1/s of refused keys, 2/s of FaDO's",
  ])
  const idle = calls.get('cloud')
  expect(idle && [callWords(idle), errorWords(idle)]).toEqual(['0/s', null])
  expect([...callBars(calls)]).toEqual([
    ['hpc', { length: 1, failed: 0.05 }],
    ['edge', { length: 0.5, failed: 0 }],
  ])
  expect(callBars(new Map()).size).toBe(0)
})

test('the address keeps what is chosen, and a cluster and a link are never chosen both', () => {
  const parse = (href: string) => parseTopologyQuery(new URLSearchParams(href.split('?')[1] ?? ''))
  const none = parse('/topology')
  expect(none).toEqual({ bucket: '', zone: '', cluster: '', link: '', calls: true })
  const href = topologyHref(none, { cluster: 'hpc', zone: 'eu', calls: false })
  expect(href).toBe('/topology?zone=eu&cluster=hpc&calls=off')
  expect(topologyHref(parse(href), { link: 'hpc -> edge', calls: true })).toBe('/topology?zone=eu&link=hpc+-%3E+edge')
  expect(topologyHref(parse(href), { zone: '', cluster: '', calls: true })).toBe('/topology')
})

test('the sentence tells what stands still before that nothing goes on', () => {
  const said = (links: readonly RingLinkFragment[]) => plain(topologySentence(fleet, ringLinks(links, [], fleet)))
  expect(said([])).toBe('All 3 clusters take data and calls. Nothing is copied now.')
  expect(said([link('hpc', 'edge', { bytesPerSecond: 3e6 }), link('edge', 'cloud', { movers: 0 })])).toBe(
    'All 3 clusters take data and calls. Copies move at 3\u00a0MB/s over 1 link, 1 stands still.',
  )
  expect(said([link('edge', 'cloud', { pause: { since: '' } })])).toContain('Nothing is copied now, 1 stands still.')
})

test('links there and back run beside each other', () => {
  const ring = layoutRing({
    clusters: fleet,
    width: 800,
    bars: false,
    zone: null,
    first: new Set<string>(),
  })
  const pair = [
    { id: 'hpc -> edge', from: 'hpc', to: 'edge' },
    { id: 'edge -> hpc', from: 'edge', to: 'hpc' },
  ]
  const ends = curvesOf(pair, ring, () => 2).map(({ line, head }) => [pointOf(line), pointOf(head)])
  const distance = (a: readonly number[], b: readonly number[]) =>
    Math.hypot((a[0] ?? 0) - (b[0] ?? 0), (a[1] ?? 0) - (b[1] ?? 0))
  const [there = [], back = []] = ends
  // The outer line is the outer one at both ends, or the inner one.
  const [outer, inner] = [distance(there[0] ?? [], there[1] ?? []), distance(back[0] ?? [], back[1] ?? [])]
  expect(Math.abs(outer - inner)).toBeGreaterThan(20)
})

const pointOf = (path: string) => [...path.slice(1).matchAll(/-?[\d.]+/g)].slice(0, 2).map(Number)
