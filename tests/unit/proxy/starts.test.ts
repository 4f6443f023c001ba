import { expect, test } from 'vitest'
import { mostStarting, nextServing, type Serving, stepOf } from '../../../proxy/model/starts.ts'
import { createRoutingModel } from '../../../proxy/routing-model.ts'
import type { RouteTable } from '../../../server/domain/route/routing-table.ts'

const slowStartMs = 30_000
const table = (clusters: string[], more: Partial<RouteTable> = {}): RouteTable => ({
  clusters,
  lbPolicy: 'round_robin',
  timeoutMs: 0,
  ...more,
})
/** How edge has served alone since 0, and what becomes of that at a later time. */
const afterEdge = (next: RouteTable, now: number, before: Serving & { clusters?: string[] } = { since: 0 }) =>
  nextServing({ clusters: ['edge'], ...before }, next, now, slowStartMs)

test('a cluster that comes to others which have served for long starts', () => {
  const both = table(['edge', 'hpc'])
  expect(afterEdge(both, 40_000)).toEqual({ since: 0, start: { others: ['edge'], begunAt: 40_000 } })
  expect(afterEdge(both, 40_001)).toMatchObject({ start: { begunAt: 40_250 } })
})

test('those of a bucket that is new start all alike', () => {
  expect(nextServing(undefined, table(['edge']), 5, slowStartMs)).toEqual({ since: 5 })
  expect(afterEdge(table(['edge', 'hpc']), 29_999)).toEqual({ since: 0 })
  // Nobody served it, or others did: all are new.
  expect(afterEdge(table(['cloud', 'hpc']), 40_000)).toEqual({ since: 40_000 })
  expect(afterEdge(table(['edge', 'hpc']), 40_000, { since: 0, clusters: [] })).toEqual({ since: 40_000 })
})

test('who only leaves starts nobody, and a start goes on when others leave or the table says something else', () => {
  expect(afterEdge(table(['edge']), 40_000, { since: 0, clusters: ['edge', 'hpc'] })).toEqual({ since: 0 })
  const start = { others: ['cloud', 'edge'], begunAt: 40_000 }
  const before = { since: 0, start, clusters: ['cloud', 'edge', 'hpc'] }
  const next = table(['edge', 'hpc'], { timeoutMs: 7 })
  expect(afterEdge(next, 50_000, before)).toEqual({ since: 0, start: { others: ['edge'], begunAt: 40_000 } })
  // All that is left is new: it has all calls.
  expect(afterEdge(table(['hpc']), 50_000, before)).toEqual({ since: 50_000 })
  expect(afterEdge(table(['cloud', 'edge']), 50_000, before)).toEqual({ since: 0 })
})

test('with one more all that start begin anew', () => {
  const before = { since: 0, start: { others: ['edge'], begunAt: 40_000 }, clusters: ['edge', 'hpc'] }
  expect(afterEdge(table(['cloud', 'edge', 'hpc']), 50_000, before)).toEqual({
    since: 0,
    start: { others: ['edge'], begunAt: 50_000 },
  })
})

test.for([
  ['random', {}],
  ['ip_hash', {}],
  ['uri_hash', {}],
  ['first', { order: ['edge', 'hpc'] }],
  ['round_robin', { retry: { rule: 'never' } }],
] as const)('by %s, %o, nothing starts slowly', ([lbPolicy, more]) => {
  expect(afterEdge(table(['edge', 'hpc'], { lbPolicy, ...more }), 40_000)).toEqual({ since: 0 })
})

test('a share grows in five steps, and none where the slow start takes no time', () => {
  const start = { others: ['edge'], begunAt: 1_000 }
  const at = (now: number) => stepOf(start, now, slowStartMs)
  expect([0, 1_000, 6_999, 7_000, 30_999].map((now) => at(now)?.starting.percent)).toEqual([10, 10, 10, 30, 90])
  expect(at(7_000)).toEqual({ starting: { others: ['edge'], percent: 30 }, nextAt: 13_000 })
  expect(at(31_000)).toBeUndefined()
  expect(stepOf(start, 1_000, 0)).toBeUndefined()
})

test('so many start at a time; the others have all at once', () => {
  const model = createRoutingModel({ retireMs: 0, leaseMs: 0 })
  model.setUpstreams({ slowStartMs, callsAtOnce: null })
  const all = Array.from({ length: mostStarting + 5 }, (_, i) => `b${i}`)
  const route = (clusters: string[], after: number, now: number) =>
    model.setRoutes(
      all.map((bucket, i) => ({ bucket, number: after + i, table: table(clusters) })),
      now,
    )
  const starting = () => all.filter((bucket) => model.routes.get(bucket)?.entry.table?.starting).length
  route(['edge'], 1, 0)
  route(['edge', 'hpc'], 10_000, slowStartMs)
  expect(starting()).toBe(mostStarting)
  expect(model.grow(slowStartMs).grown).toEqual([])
  expect(model.nextGrowth()).toBe(36_000)
  expect(model.grow(36_000).grown).toHaveLength(mostStarting)
  // A bucket that is gone, or another time that was set, ends its start.
  model.setRoutes([{ bucket: 'b0', number: 20_000, table: null }], 36_000)
  expect(model.grow(42_000).grown).toHaveLength(mostStarting - 1)
  model.setUpstreams({ slowStartMs: 0, callsAtOnce: null })
  expect(model.grow(48_000).grown).toHaveLength(mostStarting - 1)
  expect([starting(), model.nextGrowth()]).toEqual([0, null])
})
