import { expect, test } from 'vitest'
import { bucketPolicies } from '../../../../server/domain/policy/effective.ts'
import type { RouteCopy } from '../../../../server/domain/route/copy-rules.ts'
import { decideRoute } from '../../../../server/domain/route/route-decision.ts'

const copy: RouteCopy = {
  storageId: 'edge-id',
  store: 'edge',
  storeHealthy: true,
  storeReturning: false,
  inRoute: false,
  cluster: 'edge',
  zones: ['eu'],
  functions: 1,
  functionsAnswer: true,
  role: 'replica',
  stop: null,
  wanted: true,
  complete: true,
  conflicts: 0,
  oldestSeconds: null,
}
const callers = new Map([
  ['mine', 'id-2'],
  ['yours', 'id-1'],
])
const policies = bucketPolicies({ bucket: { zones: ['eu'], max_staleness: 60 } })
const decide = (change: Partial<RouteCopy>, clusters: readonly string[] | null = null) =>
  decideRoute({
    hidden: false,
    policies,
    override: clusters === null ? null : { lbPolicy: null, clusters },
    copies: [{ ...copy, ...change }],
    callers,
  })

test.each<[Partial<RouteCopy>]>([
  [{}],
  [{ oldestSeconds: 59.9 }],
  [{ role: 'master', wanted: false, complete: false }],
])('a copy with %o is called', (change) => {
  expect(decide(change).table?.clusters).toEqual(['edge'])
  expect(decide(change).candidates[0]?.reasons).toEqual([])
})

test.each<[Partial<RouteCopy>, string]>([
  [{ wanted: false }, 'WITHDRAWN'],
  [{ zones: ['us'] }, 'ZONE_FORBIDS'],
  [{ zones: ['us'], role: 'master' }, 'RESIDENCY_VIOLATION'],
  [{ functions: 0 }, 'NO_FUNCTIONS'],
  [{ functions: 0, role: 'master' }, 'NO_FUNCTIONS'],
  [{ storeHealthy: false }, 'STORE_UNREACHABLE'],
  [{ storeHealthy: false, role: 'master' }, 'STORE_UNREACHABLE'],
  [{ role: 'master', stop: 'missing' }, 'MASTER_MISSING'],
  [{ role: 'master', stop: 'replaced' }, 'MASTER_REPLACED'],
  [{ role: 'master', stop: 'regressed' }, 'MASTER_REGRESSED'],
  [{ complete: false }, 'NOT_COMPLETE'],
  [{ conflicts: 1 }, 'IN_CONFLICT'],
  [{ oldestSeconds: 60 }, 'TOO_STALE'],
])('a copy with %o is not, and %s says why', (change, code) => {
  const { table, candidates } = decide(change)
  expect(table?.clusters).toEqual([])
  expect(candidates[0]).toMatchObject({ fit: false, eligible: false, reasons: [{ code }] })
})

test.each([
  [0, 0],
  [0.0001, 1],
  [0.0015, 2],
  [300, 300_000],
])('a call may take %d s: as a limit %d ms, of which 0 alone is none', (seconds, timeoutMs) => {
  const limited = { ...policies, invocation_timeout: seconds }
  const { table } = decideRoute({ hidden: false, policies: limited, override: null, copies: [copy], callers })
  expect(table?.timeoutMs).toBe(timeoutMs)
})

test('an override narrows and never widens', () => {
  expect(decide({}, ['edge']).table?.clusters).toEqual(['edge'])
  const left = decide({}, ['hpc'])
  expect(left.table?.clusters).toEqual([])
  expect(left.candidates[0]).toMatchObject({ fit: true, eligible: false, reasons: [{ code: 'OVERRIDDEN' }] })
  expect(decide({ complete: false }, ['edge']).table?.clusters).toEqual([])
})

test('what is being deleted has no route', () => {
  expect(decideRoute({ hidden: true, policies, override: null, copies: [copy], callers }).table).toBeNull()
})

const copies: readonly RouteCopy[] = ['cloud', 'edge', 'hpc', 'lab'].map((name) => ({
  ...copy,
  cluster: name,
  store: `${name}-store`,
  storageId: `${name}-id`,
  role: name === 'hpc' ? 'master' : 'replica',
}))
const tableOf = (change: Partial<Parameters<typeof decideRoute>[0]> & { readonly locations?: readonly string[] }) =>
  decideRoute({
    hidden: false,
    policies: { ...policies, lb_policy: 'first', replica_locations: change.locations ?? null },
    override: null,
    copies,
    callers,
    ...change,
  }).table

test('FIRST asks the master, then copies as replica_locations names them, then by name', () => {
  expect(tableOf({})?.order).toEqual(['hpc', 'cloud', 'edge', 'lab'])
  expect(tableOf({ locations: ['lab-store', 'edge-store'] })?.order).toEqual(['hpc', 'lab', 'edge', 'cloud'])
  expect(tableOf({ copies: copies.toReversed() })?.order).toEqual(['hpc', 'cloud', 'edge', 'lab'])
})

test('the clusters of an override are asked in its order, and only those that may serve', () => {
  const clusters = ['lab', 'hpc', 'edge']
  expect(tableOf({ override: { lbPolicy: null, clusters } })).toMatchObject({
    clusters: ['edge', 'hpc', 'lab'],
    order: clusters,
  })
  const ill = copies.map((one) => (one.cluster === 'hpc' ? { ...one, storeHealthy: false } : one))
  expect(tableOf({ copies: ill, override: { lbPolicy: null, clusters } })?.order).toEqual(['lab', 'edge'])
  expect(tableOf({ copies: [] })).toMatchObject({ clusters: [], order: [] })
})

test('no other policy has an order, so their tables keep their ids', () => {
  const override = { lbPolicy: 'random', clusters: ['lab', 'hpc'] } as const
  expect(tableOf({ override })).toEqual({ clusters: ['hpc', 'lab'], lbPolicy: 'random', timeoutMs: 300_000 })
})

test('a copy on a store that is coming back waits while another serves, fills in where none does, and stays where it serves', () => {
  const other = { ...copy, storageId: 'hpc-id', store: 'hpc', cluster: 'hpc' }
  const returning = { ...copy, storeReturning: true }
  const of = (...copies: RouteCopy[]) => decideRoute({ hidden: false, policies, override: null, copies, callers })
  const waits = of(other, returning)
  expect(waits.table?.clusters).toEqual(['hpc'])
  expect(waits.candidates[1]).toMatchObject({ eligible: false, reasons: [{ code: 'STORE_RETURNING' }] })
  expect(of({ ...other, storeHealthy: false }, returning).table?.clusters).toEqual(['edge'])
  expect(of({ ...other, functionsAnswer: false }, returning).table?.clusters).toEqual(['edge', 'hpc'])
  expect(of({ ...other, storeReturning: true }, returning).table?.clusters).toEqual(['edge', 'hpc'])
  expect(of(other, { ...returning, inRoute: true }).table?.clusters).toEqual(['edge', 'hpc'])
})

test.each<[Record<string, unknown>, object]>([
  [{}, {}],
  [{ retry: 'unsent', try_timeout: 5 }, {}],
  [{ retry: 'never', tries: 3 }, { retry: { rule: 'never' } }],
  [{ tries: 3 }, { retry: { tries: 3 } }],
  [{ retry: 'idempotent', try_timeout: 0.0001 }, { retry: { rule: 'idempotent', tryMs: 1 } }],
])('with %o a table says no more than what differs from the defaults, so that others keep their names', (set, said) => {
  const { table } = decideRoute({
    hidden: false,
    policies: bucketPolicies({ bucket: set }),
    override: null,
    copies: [copy],
    callers,
  })
  expect(table).toEqual({ clusters: ['edge'], lbPolicy: 'round_robin', timeoutMs: 300_000, ...said })
})

test.each<[string[], string[] | undefined]>([
  [[], undefined],
  [['yours'], ['id-1']],
  [
    ['mine', 'yours'],
    ['id-1', 'id-2'],
  ],
  [['mine', 'gone'], ['id-2']],
  [['gone'], []],
])('with the policy callers %j the table lets in %j', (names, ids) => {
  expect(tableOf({ policies: { ...policies, callers: names } })?.callers).toEqual(ids)
})
