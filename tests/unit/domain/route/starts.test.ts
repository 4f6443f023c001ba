import { expect, test } from 'vitest'
import type { RouteTable } from '../../../../server/domain/route/routing-table.ts'
import { nextStartState, presentStart, type RouteBefore } from '../../../../server/domain/route/starts.ts'

const slowStartMs = 30_000
const table = (clusters: string[], more: Partial<RouteTable> = {}): RouteTable => ({
  clusters,
  lbPolicy: 'round_robin',
  timeoutMs: 0,
  ...more,
})
/** How edge has served alone since 0, and what becomes of that at a later time. */
const afterEdge = (next: RouteTable, now: number, before: Partial<RouteBefore> = {}) =>
  nextStartState({ since: 0, clusters: ['edge'], ...before }, next, now, slowStartMs)

test('a cluster that comes to others which have served for long starts', () => {
  const both = table(['edge', 'hpc'])
  expect(afterEdge(both, 40_000)).toEqual({ since: 0, start: { others: ['edge'], begunAt: 40_000 } })
  expect(afterEdge(both, 40_001)).toMatchObject({ start: { begunAt: 40_250 } })
})

test('those of a bucket that is new start all alike', () => {
  expect(nextStartState(undefined, table(['edge']), 5, slowStartMs)).toEqual({ since: 5 })
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

test('what a route is in the midst of follows from its tables', () => {
  const tables = [
    { table: table(['edge']), from: 0 },
    { table: table(['edge', 'hpc']), from: 40_000 },
  ]
  const start = { others: ['edge'], begunAt: 40_000 }
  expect(presentStart(tables, 69_999, slowStartMs)).toEqual(start)
  expect(presentStart(tables, 70_000, slowStartMs)).toBeUndefined()
  // One start is over when the next begins: hpc serves for long by then.
  const later = [...tables, { table: table(['cloud', 'edge', 'hpc']), from: 80_000 }]
  expect(presentStart(later, 81_000, slowStartMs)).toEqual({ others: ['edge', 'hpc'], begunAt: 80_000 })
  expect(presentStart([...later, { table: null, from: 82_000 }], 82_000, slowStartMs)).toBeUndefined()
  expect(presentStart([], 1, slowStartMs)).toBeUndefined()
})
