import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { BucketState, FleetState, ReplicaRow } from '../../server/domain/decide/bucket-state.ts'
import { decideBucket } from '../../server/domain/decide/decide-bucket.ts'
import type { Decision } from '../../server/domain/decide/decision.ts'
import { zonesAllow } from '../../server/domain/fleet/zones.ts'
import { sameTable } from '../../server/domain/route/routing-table.ts'
import { applyDecision } from '../support/apply-decision.ts'
import { fleetsWithBucket } from '../support/arbitrary-fleet.ts'

fc.configureGlobal({ numRuns: 1000 })

const clusterOf = (fleet: FleetState, storageId: string) => {
  const found = fleet.clusters.find((one) => one.stores.some((store) => store.id === storageId))
  if (found === undefined) throw new Error(`no cluster has ${storageId}`)
  return found
}

/** The same when the mover has done all of its tasks, every proxy has agreed, and every delay is over. */
function settle(bucket: BucketState, decision: Decision): BucketState {
  const after = applyDecision(bucket, decision)
  const observedAfter = (row: ReplicaRow): ReplicaRow['observed'] => {
    switch (decision.tasks.find((one) => one.storageId === row.storageId)?.kind) {
      case 'evict':
      case 'release':
        return 'absent'
      case 'first_sync':
        return 'complete'
      default:
        return row.observed
    }
  }
  const taken = new Set(after.replicas.map(({ storageId }) => storageId))
  const takeovers = bucket.takeovers.filter(({ storageId }) => !taken.has(storageId))
  const given = new Set(bucket.takeovers.filter((one) => !takeovers.includes(one)).map(({ storageId }) => storageId))
  const released = decision.tasks.flatMap(({ kind, storageId }) => (kind === 'release' ? [storageId] : []))
  return {
    ...after,
    foreignStores: new Set([...[...bucket.foreignStores].filter((id) => !given.has(id)), ...released]),
    takeovers,
    ...(decision.tasks.some((one) => one.kind === 'master_rebuild') ? { masterStop: null, masterChoice: null } : {}),
    masterDone: bucket.masterDone || decision.tasks.some((one) => one.kind === 'master_delete'),
    replicas: after.replicas.map((row) => ({
      ...row,
      observed: observedAfter(row),
      conflicts: 0,
      oldestSeconds: null,
      stale: false,
      withdrawnSeconds: row.withdrawnSeconds === null ? null : 1e6,
    })),
    route: after.route ?? { number: 0, table: null },
    ackedThrough: after.route?.number ?? 0,
  }
}

const isRemoval = ({ kind }: { readonly kind: string }) => kind === 'evict' || kind === 'release'

describe('one decision about a bucket, whatever state it is in', () => {
  test('no route names a cluster outside the zones, without functions, without a complete copy, with a dead store, or with a master that is stopped', () => {
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
              ((store.id === 'm' && bucket.masterStop === null) ||
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

  test('what is coming back takes no calls while another copy can, and takes them where none other does; what is in a route stays', () => {
    fc.assert(
      fc.property(fleetsWithBucket, ({ fleet, bucket }) => {
        const named = (decision: Decision) => decision.route.table?.clusters ?? []
        const patient = named(decideBucket(bucket, fleet))
        const impatient = named(
          decideBucket(bucket, {
            ...fleet,
            clusters: fleet.clusters.map((cluster) => ({
              ...cluster,
              stores: cluster.stores.map((store) => ({ ...store, returning: false })),
            })),
          }),
        )
        expect(impatient).toEqual(expect.arrayContaining([...patient]))
        if (impatient.length > 0) expect(patient).not.toEqual([])
        const inRoute = bucket.route?.table?.clusters ?? []
        expect(patient).toEqual(expect.arrayContaining(impatient.filter((name) => inRoute.includes(name))))
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
        const given = new Set(bucket.takeovers.map(({ storageId }) => storageId))
        for (const id of wanted) expect(bucket.foreignStores.has(id) && !given.has(id)).toBe(false)
        const names = ['c0', ...clusters.map((one) => one.name)]
        expect(new Set(names).size).toBe(names.length)
      }),
    )
  })

  test('data goes only when it is unwanted, every proxy agreed to a route without it, and the drain delay is over', () => {
    fc.assert(
      fc.property(fleetsWithBucket, ({ fleet, bucket }) => {
        const decision = decideBucket(bucket, fleet)
        for (const { storageId } of decision.tasks.filter(isRemoval)) {
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

  test('a copy that was let go is not wanted, and nothing of it is deleted', () => {
    fc.assert(
      fc.property(fleetsWithBucket, ({ fleet, bucket }) => {
        const decision = decideBucket(bucket, fleet)
        for (const { storageId, wanted } of bucket.replicas.filter((row) => row.released)) {
          const of = <T extends { storageId: string; kind: string }>(all: readonly T[]) =>
            all.filter((one) => one.storageId === storageId).map(({ kind }) => kind)
          expect(of(decision.tasks)).not.toContain('evict')
          expect(of(decision.changes)).not.toContain('want')
          if (wanted) expect(of(decision.changes)).toContain('withdraw')
        }
      }),
    )
  })

  test('a copy that lies there already is taken before one is made elsewhere, under the name of its bucket', () => {
    fc.assert(
      fc.property(fleetsWithBucket, ({ fleet, bucket }) => {
        const { changes, placement } = decideBucket({ ...bucket, state: 'active', replicas: [] }, fleet)
        const given = new Set(bucket.takeovers.map(({ storageId }) => storageId))
        const added = changes.flatMap((one) => (one.kind === 'add' ? [one] : []))
        for (const { storageId, bucketName } of added)
          expect(bucketName).toBe(given.has(storageId) ? 'there-already' : 'photos')
        // One that is left out is so by a rule, or for there are enough of them.
        const left = placement.clusters.filter(({ chosen, storageId }) => !chosen && storageId && given.has(storageId))
        if (left.length > 0) expect(added.every(({ storageId }) => given.has(storageId))).toBe(true)
      }),
    )
  })

  test('it converges in a few steps, and deciding again then changes nothing', () => {
    fc.assert(
      fc.property(fleetsWithBucket, ({ fleet, bucket }) => {
        let state = bucket
        // Nine at most: a copy that leaves is taken for another's place, and that one back when it has left.
        for (let step = 0; step < 9; step++) {
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

  test('FIRST alone has an order: of all clusters that serve, as an override names them or the master first', () => {
    fc.assert(
      fc.property(fleetsWithBucket, ({ fleet, bucket }) => {
        const { table } = decideBucket(bucket, fleet).route
        if (table?.lbPolicy !== 'first') {
          expect(table?.order).toBeUndefined()
          return
        }
        expect(table.order?.toSorted()).toEqual(table.clusters)
        const chosen = bucket.override?.clusters
        const home = fleet.clusters.find((one) => one.stores.some(({ id }) => id === 'm'))?.name ?? ''
        if (chosen) expect(table.order).toEqual(chosen.filter((name) => table.clusters.includes(name)))
        else if (table.clusters.includes(home)) expect(table.order?.[0]).toBe(home)
      }),
      { numRuns: 1000 },
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
          functionsAnswer: true,
          stores: [
            {
              id: 'new',
              name: 'new',
              active: true,
              healthy: true,
              returning: false,
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
