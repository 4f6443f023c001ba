import { expect, test } from 'vitest'
import { keptDecision } from '../../../../server/domain/decide/kept-decision.ts'
import type { RuleName } from '../../../../server/domain/placement/placement-rules.ts'
import { bucketPolicies } from '../../../../server/domain/policy/effective.ts'

/** What is kept of a cluster that has no copy, for this rule of placement. */
function keptOf(rule: RuleName | null) {
  const rules = rule === null ? [] : [{ rule, verdict: 'failed', reason: 'so it is', flip: null }]
  const decision = {
    route: { table: { clusters: [], lbPolicy: 'random', timeoutMs: 0 } },
    candidates: [],
    placement: { clusters: [{ cluster: 'edge', chosen: false, rules }] },
  }
  const bucket = { state: 'active', policies: bucketPolicies({}), override: null }
  const fleet = { clusters: [{ name: 'edge', functions: 1 }], callers: new Map() }
  return keptDecision(bucket as never, fleet as never, decision as never, {}).clusters[0]?.reasons
}

test('of a cluster without a copy is kept which rule of placement keeps it away', () => {
  const codes = {
    ...{ master: 'NO_COPY', zones: 'ZONE_FORBIDS', location: 'NO_COPY', state: 'NOT_ACTIVE', store: 'NO_COPY' },
    ...{ foreign_bucket: 'FOREIGN_BUCKET', count: 'NO_COPY' },
  } satisfies Record<RuleName, string>
  for (const [rule, code] of Object.entries(codes))
    expect(keptOf(rule as RuleName)).toEqual([{ code, message: 'edge has no copy: so it is' }])
  expect(keptOf(null)).toEqual([{ code: 'NO_COPY', message: 'edge has no copy' }])
})
