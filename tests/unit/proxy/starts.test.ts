import { expect, test } from 'vitest'
import { mostStarting, stepOf } from '../../../proxy/model/starts.ts'
import { createRoutingModel } from '../../../proxy/routing-model.ts'
import type { RouteTable } from '../../../server/domain/route/routing-table.ts'

const slowStartMs = 30_000
const table = (clusters: string[]): RouteTable => ({ clusters, lbPolicy: 'round_robin', timeoutMs: 0 })

test('a share grows in five steps, and none where the slow start takes no time', () => {
  const start = { others: ['edge'], begunAt: 1_000 }
  const at = (now: number) => stepOf(start, now, slowStartMs)
  expect([0, 1_000, 6_999, 7_000, 30_999].map((now) => at(now)?.starting.percent)).toEqual([10, 10, 10, 30, 90])
  expect(at(7_000)).toEqual({ starting: { others: ['edge'], percent: 30 }, nextAt: 13_000 })
  expect(at(31_000)).toBeUndefined()
  expect(stepOf(start, 1_000, 0)).toBeUndefined()
  expect(stepOf(start, 900, 0)).toBeUndefined()
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
  expect(starting(), 'each goes on, though there is no place for another').toBe(mostStarting)
  // A bucket that is gone ends its start.
  model.setRoutes([{ bucket: 'b0', number: 20_000, table: null }], 36_000)
  expect(model.grow(42_000).grown).toHaveLength(mostStarting - 1)
})

/** Photos, served by edge for long, to which hpc came at 30 s. */
function withStart() {
  const model = createRoutingModel({ retireMs: 0, leaseMs: 0 })
  const set = (slowStartMs: number) => model.setUpstreams({ slowStartMs, callsAtOnce: null })
  const route = (clusters: string[], number: number, now: number) =>
    model.setRoutes([{ bucket: 'photos', number, table: table(clusters) }], now)
  set(slowStartMs)
  route(['edge'], 1, 0)
  route(['edge', 'hpc'], 2, 30_000)
  return { model, set, route, percent: () => model.routes.get('photos')?.entry.table?.starting?.percent }
}

test('another time holds at once for what starts just then', () => {
  const { model, set, percent } = withStart()
  model.grow(42_000)
  expect(percent()).toBe(50)
  set(3_600_000)
  expect(model.grow(42_001).grown).toEqual(['photos'])
  expect([percent(), model.nextGrowth()]).toEqual([10, 30_000 + 720_000])
  set(0)
  expect(model.grow(42_002).grown).toEqual(['photos'])
  expect([percent(), model.nextGrowth()]).toEqual([undefined, null])
})

test('a change that leaves a bucket its table makes none wanted anew', () => {
  const { model, route } = withStart()
  expect(route(['edge', 'hpc'], 3, 31_000).wanted).toEqual([])
  expect(model.grow(36_000).wanted.map(({ table }) => table?.starting?.percent)).toEqual([30])
})

test('nothing is due for a bucket that is gone', () => {
  const { model } = withStart()
  expect(model.nextGrowth()).toBe(36_000)
  model.setRoutes([{ bucket: 'photos', number: 3, table: null }], 31_000)
  expect([model.nextGrowth(), model.grow(40_000).grown]).toEqual([null, []])
})
