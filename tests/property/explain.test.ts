import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ownClaims, ownIssuer } from '../../server/domain/callers/by-token.ts'
import { type Caller, isAlso } from '../../server/domain/callers/caller.ts'
import { decideBucket } from '../../server/domain/decide/decide-bucket.ts'
import { keptDecision } from '../../server/domain/decide/kept-decision.ts'
import { explainCall } from '../../server/domain/explain/explain-call.ts'
import { fleetsWithBucket } from '../support/arbitrary-fleet.ts'
import { bucketHeader, endpointOf } from '../support/routing.ts'

fc.configureGlobal({ numRuns: 1000 })

test('what is kept of a decision names every cluster, and gives a reason for just those that the route leaves out', () => {
  fc.assert(
    fc.property(fleetsWithBucket, ({ fleet, bucket }) => {
      const decision = decideBucket(bucket, fleet)
      const { clusters } = keptDecision(bucket, fleet, decision, {})
      expect(clusters.map(({ cluster }) => cluster)).toEqual(fleet.clusters.map(({ name }) => name))
      const serving = clusters.filter(({ reasons }) => reasons.length === 0).map(({ cluster }) => cluster)
      expect(serving.toSorted()).toEqual(decision.route.table?.clusters ?? [])
    }),
  )
})

const deployments = fc.array(
  fc.record({
    unused: fc.constantFrom(null, null, null, 'target' as const, 'address' as const),
    health: fc.constantFrom('healthy' as const, 'healthy' as const, 'unhealthy' as const, 'returning' as const),
    functions: fc.subarray(['resize', 'blur']),
    listed: fc.option(fc.subarray(['resize', 'blur'])),
    pathTemplate: fc.constantFrom(null, '/api/{name}{rest}'),
    cluster: fc.constantFrom('c0', 'c1', 'c2', 'c3'),
  }),
  { maxLength: 6 },
)

test('every cluster is a candidate, those without a reason are called, and where there are none somebody says why', () => {
  const names = fc.constantFrom('resize', 'other', 'a(b')
  fc.assert(
    fc.property(fleetsWithBucket, deployments, names, ({ fleet, bucket }, given, name) => {
      const decision = decideBucket(bucket, fleet)
      const { table } = decision.route
      const said = explainCall(
        { method: 'GET', path: `/function/${name}`, headers: [{ name: bucketHeader, value: 'photos' }] },
        {
          matchHeader: bucketHeader,
          corsOrigins: [],
          who: { caller: null, callers: [], hidesBuckets: false, speaksTls: true },
          clusters: fleet.clusters.map((one) => one.name),
          deployments: given.map((one, i) => endpointOf({ name: `d${i}`, port: 9000 + i }, one) as never),
          bucket: {
            name: 'photos',
            route: table && { tableId: 't', table },
            verdicts: keptDecision(bucket, fleet, decision, {}).clusters,
            pending: [],
            starting: null,
          },
        },
      )
      expect([...new Set(said.candidates.map(({ cluster }) => cluster))]).toEqual(fleet.clusters.map((one) => one.name))
      for (const { eligible, reasons } of said.candidates) expect(eligible).toBe(reasons.length === 0)
      const called = said.candidates.filter(({ eligible }) => eligible)
      expect(said.outcome).toBe(called.length > 0 ? 'ROUTED' : 'REJECTED')
      for (const { cluster } of called) expect(table?.clusters).toContain(cluster)
      if (said.outcome === 'REJECTED') expect(said.reasons).toHaveLength(1)
    }),
  )
})

test('whom a guarded bucket refuses no deployment gets calls of, and each has its other reasons, too', () => {
  const ids = fc.subarray(['a', 'b'])
  fc.assert(
    fc.property(
      fleetsWithBucket,
      ids,
      fc.constantFrom('a', 'b', null),
      fc.boolean(),
      (given, named, id, hidesBuckets) => {
        const { fleet, bucket } = given
        const decision = decideBucket(bucket, fleet)
        const { table } = decision.route
        const callers = ['a', 'b'].map((one) => ({ id: one, name: one, ...provenBy(one) }))
        const explain = (callersOf: readonly string[] | undefined) =>
          explainCall(
            { method: 'GET', path: '/function/f', headers: [{ name: bucketHeader, value: 'photos' }] },
            {
              matchHeader: bucketHeader,
              corsOrigins: [],
              who: { caller: callers.find((one) => one.id === id) ?? null, callers, hidesBuckets, speaksTls: true },
              clusters: fleet.clusters.map((one) => one.name),
              deployments: [],
              bucket: {
                name: 'photos',
                route: table && { tableId: 't', table: { ...table, ...(callersOf ? { callers: callersOf } : {}) } },
                verdicts: keptDecision(bucket, fleet, decision, {}).clusters,
                pending: [],
                starting: null,
              },
            },
          )
        const [open, said] = [explain(undefined), explain(named)]
        const refused = id === null ? 401 : 403
        const isLetIn = id !== null && named.includes(id)
        if (table === null) expect(said.status).toBe(hidesBuckets ? refused : 404)
        else if (isLetIn) expect(said).toEqual({ ...open, callers: named })
        if (table !== null) expect([open.callers, said.callers]).toEqual([null, named])
        if (table === null || isLetIn) return
        const { status, decision: told, reasons } = said
        expect({ status, told }).toEqual({ status: refused, told: null })
        expect(said.candidates).toEqual(
          open.candidates.map((one) => ({ ...one, eligible: false, reasons: [...reasons, ...one.reasons] })),
        )
      },
    ),
  )
})

const provenBy = (id: string) => ({ kind: 'token' as const, issuer: ownIssuer, audiences: [], claims: ownClaims(id) })

test('who is proven as one caller is another one, too, where that asks for no more', () => {
  const claims = [{ name: 'role', values: ['x'] }]
  const one: Caller = { id: 'one', kind: 'token', issuer: 'i', audiences: ['a'], claims }
  expect(isAlso(one, { ...one, audiences: [], claims: [] })).toBe(true)
  expect(isAlso(one, { ...one, audiences: ['a', 'b'], claims: [{ name: 'role', values: ['x', 'y'] }] })).toBe(true)
  expect(isAlso(one, { ...one, issuer: 'j' })).toBe(false)
  const signed: Caller = { id: 's', kind: 'certificate', authority: 'A', names: ['a'] }
  expect(isAlso(signed, { ...signed, names: ['b', 'a'] })).toBe(true)
  expect(isAlso({ ...signed, names: ['b', 'a'] }, signed)).toBe(false)
  expect(isAlso(signed, { ...signed, authority: 'B' })).toBe(false)
  expect([isAlso(signed, one), isAlso(one, signed)]).toEqual([false, false])
  expect(isAlso(one, { ...one, audiences: ['b'] })).toBe(false)
  expect(isAlso({ ...one, audiences: [] }, one)).toBe(false)
  expect(isAlso({ ...one, audiences: ['a', 'b'] }, one)).toBe(false)
  expect(isAlso({ ...one, claims: [] }, one)).toBe(false)
  expect(isAlso(one, { ...one, claims: [...claims, { name: 'group', values: ['x'] }] })).toBe(false)
})
