// What somebody has typed of a new bucket by now: what it comes to, and what is wrong with it.
import type { ClusterPartsFragment } from '../../graphql/generated/operations.ts'
import { zonesOf } from './fleet-parts.ts'
import { masterChoice } from './master-choice.ts'
import { roomWords } from './policy-values.ts'

export type TypedBucket = {
  /** The master's store; undefined: nobody has chosen one. */
  readonly chosen: string | undefined
  readonly zones: readonly string[]
  /** A number as text; empty: as the fleet's policy says. */
  readonly copies: string
}

type PolicyOfBucket = { readonly name: 'zones' | 'target_replica_count'; readonly value: unknown }

/** `fleetZones`: the value of the policy for all buckets; undefined while it is not known. */
export function newBucket(
  clusters: readonly ClusterPartsFragment[],
  fleetZones: unknown,
  { chosen, zones, copies }: TypedBucket,
) {
  const inForce = zones.length > 0 ? zones : Array.isArray(fleetZones) ? fleetZones.map(String) : undefined
  const known = zonesOf(clusters)
  const unknown = zones.filter((zone) => !known.includes(zone))
  const others = clusters.filter(({ storageDeployments }) => storageDeployments.length > 0).length - 1
  const policies: readonly PolicyOfBucket[] = [
    ...(zones.length > 0 ? [{ name: 'zones' as const, value: zones }] : []),
    ...(copies === '' ? [] : [{ name: 'target_replica_count' as const, value: Number(copies) }]),
  ]
  return {
    /** Where the master is made, and whether that lies outside of the zones. */
    ...masterChoice(clusters, inForce, chosen),
    inForce: inForce ?? [],
    known,
    hasUnknown: unknown.length > 0,
    /** One that is still being typed is no mistake. */
    typos: unknown.filter((zone) => !known.some((one) => one.startsWith(zone))),
    policies,
    /** Null: there is room for the copies, or nobody has said how many. */
    room: copies === '' ? null : roomWords(Number(copies), Math.max(0, others)),
    /** Where FaDO's refusals name the value of a policy. */
    at: (policy: PolicyOfBucket['name']) => `policies.${policies.findIndex((one) => one.name === policy)}`,
  }
}
