// What stands against a placement now, though it is decided well: a master that cannot be read, copies that failed.

import { zonesAllow } from '../fleet/zones.ts'
import type { Placement } from '../placement/placement.ts'
import type { Reason } from '../reason.ts'
import { reasonOf, sayTrouble } from '../trouble/say-trouble.ts'
import { dueTrouble, masterTroubles } from '../trouble/standing.ts'
import type { BucketState, FleetCluster } from './bucket-state.ts'

/** Placement as decided, and what stands against it now: failed copies, copies kept where zones forbid them. */
export function withObservations(
  bucket: BucketState,
  place: Placement,
  clusters: readonly FleetCluster[],
): Pick<Placement, 'condition' | 'reasons'> {
  const reasons: Reason[] = [...place.reasons]
  const troubles = troublesOfMaster(bucket, clusters)
  reasons.push(...troubles)
  let failed = false
  let outside = false
  for (const cluster of clusters)
    for (const store of cluster.stores) {
      const replica = bucket.replicas.find((one) => one.storageId === store.id)
      if (replica === undefined) continue
      const wanted = place.replicas.includes(store.id)
      const trouble = dueTrouble({ ...replica, wanted })
      if (wanted) {
        if (replica.observed !== 'failed') continue
        failed = true
        const why = trouble === null ? '' : `: ${sayTrouble(trouble)}`
        reasons.push({ code: 'COPY_FAILED', message: `The copy on ${store.name} failed${why}`, store: store.name })
      } else if (!zonesAllow(bucket.policies.zones, cluster) && trouble !== null) {
        outside = true
        const message = `Data is still on ${store.name}: ${sayTrouble(trouble)}`
        reasons.push({ code: 'RESIDENCY_VIOLATION', message, store: store.name })
      }
    }
  const worse = place.condition === 'PLACED' && (failed || outside || troubles.length > 0)
  return { condition: worse ? ('DEGRADED' as const) : place.condition, reasons }
}

/** Why the master cannot be read, or may not be trusted. */
function troublesOfMaster(bucket: BucketState, clusters: readonly FleetCluster[]): Reason[] {
  const store = clusters.flatMap((cluster) => cluster.stores).find((one) => one.id === bucket.masterStorageId)
  const standing = masterTroubles({
    store: store?.name ?? '',
    bucket: bucket.masterBucketName,
    stop: lately(bucket.masterStop),
    problem: lately(store?.problem ?? null),
    task: lately(bucket.masterTrouble),
  })
  return standing.map(({ trouble }) => {
    const reason = reasonOf(trouble)
    return bucket.masterStop === null ? { ...reason, code: 'MASTER_UNREADABLE' } : reason
  })
}

const lately = <T>(what: T | null) => (what === null ? null : { what, since: null })
