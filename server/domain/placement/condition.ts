// What a placement comes to: placed, degraded or infeasible, with the reasons.
import { zonesAllow } from '../fleet/zones.ts'
import { counted, listOf, type Reason } from '../reason.ts'
import type { Placement } from './placement.ts'
import { type FilteredCluster, locatedStores, type PlacementPolicies, type PlacementStore } from './placement-rules.ts'
import { byName, type Candidate } from './select.ts'

export type Selection = {
  readonly policies: PlacementPolicies
  readonly filtered: readonly FilteredCluster[]
  readonly chosen: readonly Candidate[]
  /** How many replicas the policies ask for. */
  readonly wanted: number
  /** Where the master lies, if that is still registered. */
  readonly master: { readonly cluster: FilteredCluster['cluster']; readonly store: PlacementStore } | undefined
}

export function conditionOf(selection: Selection): Pick<Placement, 'condition' | 'reasons'> {
  const { policies, filtered, chosen, wanted, master } = selection
  const masterAllowed = master === undefined || zonesAllow(policies.zones, master.cluster)
  const short = chosen.length < wanted
  const unhealthy = [...chosen.map((one) => one.store), ...(master ? [master.store] : [])].filter((s) => !s.healthy)
  // Infeasible is what the policies themselves exclude; what only stands in the way now degrades.
  const allowed = filtered.filter((one) => !one.excluded)
  const infeasible = allowed.length === 0 && (wanted > 0 || !masterAllowed)
  const degraded = short || !masterAllowed || unhealthy.length > 0
  return {
    condition: infeasible ? 'INFEASIBLE' : degraded ? 'DEGRADED' : 'PLACED',
    reasons: [
      ...unknownZones(selection),
      ...(masterAllowed ? [] : [masterOutside(selection)]),
      ...(short ? [tooFew(selection)] : []),
      ...(wanted > 0 ? foreignBuckets(filtered) : []),
      ...unhealthy.toSorted(byName).map(unreachable),
    ],
  }
}

function unknownZones({ policies: { zones }, filtered }: Selection): Reason[] {
  const known = new Set(filtered.flatMap((one) => one.cluster.zones))
  const unknown = zones.filter((zone) => !known.has(zone))
  return unknown.length === 0 ? [] : [{ code: 'UNKNOWN_ZONE', message: `No cluster lies in ${listOf(unknown)}` }]
}

function masterOutside({ policies: { zones }, master }: Selection): Reason {
  const message = `The master lies where its data may not be: the cluster ${master?.cluster.name} is in none of the allowed zones ${listOf(zones)}`
  return { code: 'RESIDENCY_VIOLATION', message, ...(master === undefined ? {} : { store: master.store.name }) }
}

function tooFew(selection: Selection): Reason {
  const { policies, filtered, chosen, wanted } = selection
  const causes = filtered
    .filter((one) => one.failed !== undefined && one.failed !== 'master')
    .map((one) => `${one.cluster.name}: ${one.rules.find((rule) => rule.verdict === 'failed')?.reason ?? ''}`)
  const locations = policies.replica_locations
  const what = locations === null ? counted(wanted, 'replica') : `Replicas on ${listOf(locations)}`
  const why = causes.length > 0 ? `: ${causes.slice(0, 5).join('; ')}` : ': there is no other cluster'
  return { code: 'TOO_FEW_CLUSTERS', message: `${what} wanted, ${chosen.length} placed${why}${withFewer(selection)}` }
}

/** What to change where that is meant, as after a copy was let go. */
function withFewer({ policies, filtered, chosen }: Selection): string {
  const inTheWay = filtered
    .filter(({ failed }) => failed === 'foreign_bucket')
    .flatMap(({ cluster }) => locatedStores(cluster, policies).filter((store) => store.active))
  if (inTheWay.length === 0) return ''
  if (policies.replica_locations === null) return `. Lower target_replica_count to ${chosen.length} if that is enough`
  const names = listOf(inTheWay.map(({ name }) => name))
  return `. Take ${names} out of replica_locations if no copy is to be there`
}

const foreignBuckets = (filtered: readonly FilteredCluster[]): Reason[] =>
  filtered
    .filter((one) => one.failed === 'foreign_bucket')
    .map(({ cluster, rules }) => {
      const why = rules.find((rule) => rule.rule === 'foreign_bucket')?.reason ?? ''
      return { code: 'FOREIGN_BUCKET', message: `${cluster.name}: ${why}` }
    })

const unreachable = ({ name }: PlacementStore): Reason => ({
  code: 'STORE_UNREACHABLE',
  message: `The store ${name} is down`,
  store: name,
})
