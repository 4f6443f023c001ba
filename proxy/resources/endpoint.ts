import { takesKind } from '../../server/domain/fleet/call-kind.ts'
import { membersOf, notDown } from '../../server/domain/fleet/class-members.ts'
import { functionLabels } from '../../server/domain/fleet/function-labels.ts'
import type { FaasEndpoint } from '../../server/domain/route/routing-table.ts'
import { balancers } from './balancers/balancers.ts'
import type { EndpointMetadata } from './features/feature.ts'
import { type FeatureSet, featuresOf, hasAll, inSet, unionOf } from './features/features.ts'
import { sharedAddressWay, type Upstream } from './names.ts'
import type { Classes } from './placement-classes.ts'
import { nameInside, type Place, type Target, targetOf, targetsById } from './target.ts'
import { socketAddress, struct, type WireObject } from './wire.ts'

/** Each deployment that calls can be sent to. */
export const targetsOf = (endpoints: readonly FaasEndpoint[]): readonly Target[] => [...targetsById(endpoints).values()]

/** What these deployments ask of the Envoy clusters together. */
export const featuresOfAll = (endpoints: readonly FaasEndpoint[]): FeatureSet =>
  unionOf(targetsOf(endpoints).map(featuresOf))

/** Why no call can be sent to a deployment: it has no address, or no target (`targetOf`). null: calls can. */
export function whyUnused(endpoint: FaasEndpoint): 'target' | 'address' | null {
  const target = targetOf(endpoint)
  return target === undefined ? 'target' : target.places.length === 0 ? 'address' : null
}

/** Header values hold visible ASCII; anything else in a cluster's name is percent-encoded. */
const headerText = (text: string) => text.replace(/[^\x21-\x7e]+/gu, (part) => encodeURIComponent(part.toWellFormed()))

/**
 * The endpoints of one Envoy cluster, by their own name. One bad deployment must not cost Envoy the whole list, so what Envoy
 * would refuse (no address, a url that leads nowhere) is left out, and so is what asks for more than the cluster's features.
 * What is down or takes no calls of this kind is left out too: Envoy starts slowly with what comes anew, not with what it knew
 * to be down. What is coming back is a spare: it is asked where nobody else of a class is well, as this Envoy finds, so no call waits
 * until the probes know that. `labelled`: calls may ask for their function.
 */
export function buildEndpoints(
  { name, policy, kind, set }: Upstream & { readonly name: string; readonly set: FeatureSet },
  deployments: readonly FaasEndpoint[],
  classes: Classes,
  labelled = false,
): WireObject {
  const functionsOf = labelled ? functionLabels(deployments) : () => []
  const targets = targetsById(deployments)
  const placed = notDown(deployments)
    .filter((deployment) => takesKind(deployment, kind))
    .flatMap((deployment) => placeOf(deployment, targets.get(deployment.id), set) ?? [])
    .toSorted((a, b) => (a.id < b.id ? -1 : 1))
  const classesOf = classesByMember(placed, classes, functionsOf)
  const weightOf = weightOfPlace(placed)
  const entriesOf = (one: Placed): readonly WireObject[] => {
    const { taken, spare } = classesOf(one)
    const functions = functionsOf(one)
    const labels = { class: [...taken, ...spare].sort(), ...(functions.length > 0 ? { function: functions } : {}) }
    return one.target.places.map((place, i) =>
      lbEndpoint(one, place, weightOf(one), {
        ...labels,
        // A deployment keeps its calls when its addresses change.
        ...(balancers[policy].hashPolicy ? { hash_key: i === 0 ? one.id : `${one.id}/${i}` } : {}),
      }),
    )
  }
  const others = placed.filter((one) => !isSpare(one)).flatMap(entriesOf)
  const spares = placed.filter(isSpare).flatMap(entriesOf)
  return {
    cluster_name: name,
    endpoints: [
      ...(others.length === 0 ? [] : [{ lb_endpoints: others }]),
      ...(spares.length === 0 ? [] : [{ priority: 1, locality: placeOfSpares, lb_endpoints: spares }]),
    ],
    // One that is well takes all calls before the spares do: by Envoy's default those get some when a third of the others is ill.
    ...(spares.length === 0 ? {} : { policy: { overprovisioning_factor: { value: 100_000 } } }),
  }
}

/**
 * Nobody asks for it, and it is only theirs: to Envoy what comes from another locality is new. So a spare that has its share from now
 * on starts slowly, and there is no moment in which Envoy has it in neither list.
 */
const placeOfSpares: WireObject = { sub_zone: 'coming-back' }

const isSpare = ({ health }: Placed): boolean => health === 'returning'

type Placed = FaasEndpoint & { readonly target: Target }

/** Null: Envoy would refuse it, or the Envoy cluster cannot call it. */
function placeOf(deployment: FaasEndpoint, target: Target | undefined, set: FeatureSet): Placed | null {
  if (!target || target.places.length === 0 || !hasAll(set, featuresOf(target))) return null
  return { ...deployment, target }
}

/**
 * The addresses of a deployment share its weight, in the whole numbers that Envoy wants: of weights 1 and 1 at two addresses and
 * one these are 1, 1 and 2.
 */
function weightOfPlace(placed: readonly Placed[]): (one: Placed) => number {
  const parts = placed.reduce((all, { target }) => leastCommonMultiple(all, target.places.length), 1)
  return ({ weight, target }) => Math.min(128, Math.max(1, Math.round(weight))) * (parts / target.places.length)
}

const leastCommonMultiple = (a: number, b: number): number => (a / greatestCommonDivisor(a, b)) * b
const greatestCommonDivisor = (a: number, b: number): number => (b === 0 ? a : greatestCommonDivisor(b, a % b))

/** Ids of classes: those whose calls it takes, and those whose calls it would take if Envoy found nobody else. */
type OfMember = { readonly taken: string[]; readonly spare: string[] }

/** Where a class is a part of another one, its calls find what comes back by that one: who is new there goes before. */
function classesByMember(
  placed: readonly Placed[],
  classes: Classes,
  functionsOf: (one: Placed) => readonly string[],
): (one: Placed) => OfMember {
  const here = Map.groupBy(placed, ({ cluster }) => cluster)
  const of = new Map<Placed, OfMember>(placed.map((one) => [one, { taken: [], spare: [] }]))
  for (const [id, { clusters, part }] of [...classes].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const all = clusters.flatMap((cluster) => here.get(cluster) ?? [])
    const members = new Set(membersOf(all, functionsOf))
    for (const one of all) {
      if (part && !part.includes(one.cluster)) continue
      if (members.has(one)) of.get(one)?.taken.push(id)
      else if (!part) of.get(one)?.spare.push(id)
    }
  }
  return (one) => of.get(one) ?? { taken: [], spare: [] }
}

/** `labels`: what calls ask for, each a list of which one must fit; and what a place is called where calls are hashed. */
function lbEndpoint(
  { id, target, cluster }: Placed,
  place: Place,
  weight: number,
  labels: EndpointMetadata[string],
): WireObject {
  const metadata = merged([
    {
      fado: { cluster: headerText(cluster) },
      'envoy.lb': labels,
    },
    ...inSet(featuresOf(target)).map((feature) => feature.metadata?.(target, place) ?? {}),
  ])
  return {
    endpoint: {
      address: target.isShared ? addressInside(nameInside(id, place)) : socketAddress(place.address, target.port),
      hostname: target.hostname,
    },
    health_status: 'HEALTHY',
    load_balancing_weight: { value: weight },
    metadata: { filter_metadata: mapValues(metadata, struct) },
  }
}

/** Of its own, for a place that deployments share. */
const addressInside = (endpointId: string): WireObject => ({
  envoy_internal_address: { server_listener_name: sharedAddressWay, endpoint_id: endpointId },
})

function merged(parts: readonly EndpointMetadata[]): EndpointMetadata {
  const whole: Record<string, EndpointMetadata[string]> = {}
  for (const part of parts)
    for (const [namespace, fields] of Object.entries(part)) whole[namespace] = { ...whole[namespace], ...fields }
  return whole
}

const mapValues = <T, R>(record: Readonly<Record<string, T>>, map: (value: T) => R): Record<string, R> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value)]))
