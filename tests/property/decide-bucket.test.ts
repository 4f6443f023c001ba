import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type BucketState,
  type Decision,
  decideBucket,
  type FleetState,
  sameTable,
} from '../../server/domain/decide/decide-bucket.ts'
import { zonesAllow } from '../../server/domain/placement/placement-rules.ts'
import { fleetsWithBucket } from '../support/arbitrary-fleet.ts'

fc.configureGlobal({ numRuns: 1000 })

const clusterOf = (fleet: FleetState, storageId: string) => {
  const found = fleet.clusters.find((one) => one.stores.some((store) => store.id === storageId))
  if (found === undefined) throw new Error(`no cluster has ${storageId}`)
  return found
}

/** The state after the decision was written and the mover did all of its tasks, every proxy agreeing at once. */
function settle(bucket: BucketState, decision: Decision): BucketState {
  const number = decision.route.changed ? (bucket.route?.number ?? 0) + 1 : (bucket.route?.number ?? 0)
  const changes = new Map(decision.changes.filter((one) => one.kind !== 'add').map((one) => [one.storageId, one]))
  const rows = bucket.replicas
    .filter((row) => changes.get(row.storageId)?.kind !== 'remove')
    .map((row) => {
      const kinds = decision.changes.filter((one) => one.storageId === row.storageId).map((one) => one.kind)
      const task = decision.tasks.find((one) => one.storageId === row.storageId)?.kind
      const wanted = kinds.includes('want') || (row.wanted && !kinds.includes('withdraw'))
      const observed =
        task === 'evict' ? ('absent' as const) : task === 'first_sync' ? ('complete' as const) : row.observed
      const drained = kinds.includes('drain') || (!kinds.includes('withdraw') && row.withdrawnSeconds !== null)
      return {
        ...row,
        wanted,
        observed,
        conflicts: 0,
        oldestSeconds: null,
        serving: decision.candidates.some((one) => one.storageId === row.storageId && one.eligible),
        stale: false,
        withdrawnNumber: wanted ? null : kinds.includes('withdraw') ? number : row.withdrawnNumber,
        withdrawnSeconds: wanted ? null : drained ? 1e6 : null,
      }
    })
  const added = decision.changes
    .filter((one) => one.kind === 'add')
    .map((one) => ({
      id: `r-${one.storageId}`,
      storageId: one.storageId,
      wanted: true,
      serving: false,
      stale: false,
      observed: 'complete' as const,
      trouble: null,
      conflicts: 0,
      oldestSeconds: null,
      withdrawnNumber: null,
      withdrawnSeconds: null,
    }))
  return {
    ...bucket,
    masterDone: bucket.masterDone || decision.tasks.some((one) => one.kind === 'master_delete'),
    replicas: [...rows, ...added],
    route: { number, table: decision.route.table },
    ackedThrough: number,
  }
}

describe('one decision about a bucket, whatever state it is in', () => {
  test('no route names a cluster outside the zones, without functions, without a complete copy, or with a dead store', () => {
    fc.assert(
      fc.property(fleetsWithBucket, ({ fleet, bucket }) => {
        const { table } = decideBucket(bucket, fleet).route
        for (const name of table?.clusters ?? []) {
          const cluster = fleet.clusters.find((one) => one.name === name)
          expect(cluster && zonesAllow(bucket.policies.zones, cluster)).toBe(true)
          expect(cluster?.functions).toBeGreaterThan(0)
          const copies = (cluster?.stores ?? []).filter(
            (store) =>
              store.healthy &&
              (store.id === 'm' ||
                bucket.replicas.some(
                  (row) =>
                    row.storageId === store.id &&
                    row.observed === 'complete' &&
                    row.conflicts === 0 &&
                    (row.oldestSeconds ?? 0) < bucket.policies.max_staleness,
                )),
          )
          expect(copies.length).toBeGreaterThan(0)
          if (bucket.override?.clusters) expect(bucket.override.clusters).toContain(name)
        }
      }),
    )
  })

  test('no copy is made or kept where zones forbid it, where a foreign bucket is, or twice in a cluster', () => {
    fc.assert(
      fc.property(fleetsWithBucket, ({ fleet, bucket }) => {
        const decision = decideBucket(bucket, fleet)
        const wanted = [
          ...decision.changes.filter((one) => one.kind === 'add' || one.kind === 'want').map((one) => one.storageId),
          ...bucket.replicas
            .filter(
              (row) =>
                row.wanted &&
                !decision.changes.some((one) => one.kind === 'withdraw' && one.storageId === row.storageId),
            )
            .map((row) => row.storageId),
        ]
        const clusters = [...new Set(wanted)].map((id) => clusterOf(fleet, id))
        for (const cluster of clusters) expect(zonesAllow(bucket.policies.zones, cluster)).toBe(true)
        for (const id of wanted) expect(bucket.foreignStores.has(id)).toBe(false)
        const names = ['c0', ...clusters.map((one) => one.name)]
        expect(new Set(names).size).toBe(names.length)
      }),
    )
  })

  test('data goes only when it is unwanted, every proxy agreed to a route without it, and the drain delay is over', () => {
    fc.assert(
      fc.property(fleetsWithBucket, ({ fleet, bucket }) => {
        const decision = decideBucket(bucket, fleet)
        for (const { storageId } of decision.tasks.filter((task) => task.kind === 'evict')) {
          const row = bucket.replicas.find((one) => one.storageId === storageId)
          const again =
            row?.wanted || decision.changes.some((one) => one.kind === 'want' && one.storageId === storageId)
          // Wanted again while it is being deleted: the step in hand ends, then it is filled anew.
          if (again) expect(row?.observed).toBe('deleting')
          else {
            const number = row?.withdrawnNumber ?? Number.POSITIVE_INFINITY
            expect(bucket.ackedThrough === null || bucket.ackedThrough >= number).toBe(true)
            expect(row?.withdrawnSeconds).toBeGreaterThanOrEqual(bucket.policies.drain_delay)
          }
        }
      }),
    )
  })

  test('it converges in a few steps, and deciding again then changes nothing', () => {
    fc.assert(
      fc.property(fleetsWithBucket, ({ fleet, bucket }) => {
        let state = bucket
        for (let step = 0; step < 8; step++) {
          const decision = decideBucket(state, fleet)
          if (decision.gone) return
          state = settle(state, decision)
        }
        const last = decideBucket(state, fleet)
        expect(last.changes).toEqual([])
        expect(last.route.changed).toBe(false)
        expect(last.tasks.every((one) => one.kind === 'sweep' || one.kind === 'master_sweep')).toBe(true)
      }),
    )
  })

  test('the order in which clusters, stores and replicas are listed does not matter', () => {
    fc.assert(
      fc.property(fleetsWithBucket, fc.integer(), ({ fleet, bucket }, seed) => {
        const turn = <T>(items: readonly T[]) =>
          seed % 2 === 0 ? items.toReversed() : [...items.slice(1), ...items.slice(0, 1)]
        const turned = {
          ...fleet,
          clusters: turn(fleet.clusters).map((one) => ({ ...one, stores: turn(one.stores) })),
        }
        const a = decideBucket(bucket, fleet)
        const b = decideBucket({ ...bucket, replicas: turn(bucket.replicas) }, turned)
        expect(sameTable(a.route.table, b.route.table)).toBe(true)
        const sorted = (decision: Decision) => decision.changes.map((one) => JSON.stringify(one)).sort()
        expect(sorted(b)).toEqual(sorted(a))
        expect(b.placement.condition).toBe(a.placement.condition)
      }),
    )
  })

  test('a copy does not move because another cluster would be as good', () => {
    fc.assert(
      fc.property(fleetsWithBucket, ({ fleet, bucket }) => {
        const first = settle({ ...bucket, state: 'active' }, decideBucket({ ...bucket, state: 'active' }, fleet))
        const rested = settle(first, decideBucket(first, fleet))
        const fresh = {
          name: 'a-first-by-name',
          zones: ['eu', 'us', 'edge'],
          state: 'active' as const,
          functions: 1,
          stores: [
            {
              id: 'new',
              name: 'new',
              active: true,
              healthy: true,
              problem: null,
              foreignBucket: false,
              bucketNameTemplate: '{bucket}',
            },
          ],
        }
        const before = decideBucket(rested, fleet)
        const after = decideBucket(rested, { ...fleet, clusters: [fresh, ...fleet.clusters] })
        const withdrawn = (decision: Decision) => decision.changes.filter((one) => one.kind === 'withdraw')
        expect(withdrawn(after)).toEqual(withdrawn(before))
      }),
    )
  })

  test('every refusal says why', () => {
    fc.assert(
      fc.property(fleetsWithBucket, ({ fleet, bucket }) => {
        const { placement, candidates } = decideBucket(bucket, fleet)
        if (placement.condition !== 'PLACED') expect(placement.reasons.length).toBeGreaterThan(0)
        for (const one of candidates) expect(one.reasons.length > 0).toBe(!one.eligible)
        for (const one of placement.clusters)
          expect(one.rules.filter((rule) => rule.verdict === 'failed').length).toBe(one.chosen ? 0 : 1)
      }),
    )
  })
})
