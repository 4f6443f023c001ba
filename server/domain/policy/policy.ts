// The policies there are: what each means, its default, where it may be set, and which values it takes.
import { type LbPolicy, lbPolicies, parseLbPolicy } from './lb-policy.ts'

export type PolicyScope = 'global' | 'cluster' | 'bucket'

/** A sweep may delete up to the larger of both from one replica; more waits for an order. */
export type DeleteBrake = { readonly objects: number; readonly percent: number }

/** The values in force for one bucket. Durations are seconds. */
export type BucketPolicies = {
  readonly lb_policy: LbPolicy
  readonly zones: readonly string[]
  readonly target_replica_count: number
  readonly replica_locations: readonly string[] | null
  readonly max_staleness: number
  readonly full_compare: number
  readonly drain_delay: number
  readonly delete_brake: DeleteBrake
  readonly invocation_timeout: number
}
/** All policies, those included that only the fleet as a whole has. */
export type Policies = BucketPolicies & {
  readonly lb_match_header: string
  readonly cors_origins: readonly string[]
}
export type PolicyName = keyof Policies

export type Parsed<V> = { readonly ok: true; readonly value: V } | { readonly ok: false; readonly reason: string }

type Definition<V> = {
  readonly description: string
  /** What values look like, for people. */
  readonly type: string
  readonly scopes: readonly PolicyScope[]
  readonly default: V
  /** Whether a change can forbid a copy that is there: then nothing is written until it is decided. */
  readonly narrows: boolean
  readonly parse: (value: unknown) => Parsed<V>
}

const ok = <V>(value: V): Parsed<V> => ({ ok: true, value })
const no = (reason: string): Parsed<never> => ({ ok: false, reason })
const both: readonly PolicyScope[] = ['global', 'bucket']
const day = 86_400

function seconds(least: number, most: number) {
  return (value: unknown): Parsed<number> =>
    typeof value === 'number' && value >= least && value <= most
      ? ok(value)
      : no(`must be a number of seconds from ${least} to ${most}`)
}

const namePattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/

/** Names of zones, clusters and stores: 1 to 63 letters, digits, dots, dashes and underscores. */
export const isName = (text: string): boolean => namePattern.test(text)

/** How people say that every zone is allowed, where values are typed as text; so no zone is called that. */
export const everyZone = 'all'

function names(value: unknown): Parsed<readonly string[]> {
  if (!Array.isArray(value) || value.length > 100) return no('must be a list of at most 100 names')
  const list: unknown[] = value
  const bad = list.find((item) => typeof item !== 'string' || !isName(item))
  if (bad !== undefined) return no(`holds ${JSON.stringify(bad)}, which is not a name`)
  return ok([...new Set(list as string[])])
}

/** It becomes part of Envoy's format strings, so it is held to what header names are in practice. */
const headerPattern = /^[A-Za-z0-9_-]{1,64}$/
const takenHeaders =
  /^(host|connection|content-length|content-type|transfer-encoding|te|trailer|upgrade|keep-alive|authorization|cookie|origin|access-control-.*|x-fado-served-by|x-fado-decision|x-forwarded-.*|x-envoy-.*)$/i

/** As browsers write it: scheme, host and port, no path. */
function isOrigin(value: unknown): value is string {
  if (typeof value !== 'string' || value.length > 300) return false
  if (value === '*') return true
  const url = URL.parse(value)
  return (
    url !== null && url.host !== '' && !url.host.includes('*') && value.toLowerCase() === `${url.protocol}//${url.host}`
  )
}

function origins(value: unknown): Parsed<readonly string[]> {
  if (!Array.isArray(value) || value.length > 100) return no('must be a list of at most 100 origins')
  const list: unknown[] = value
  const bad = list.find((item) => !isOrigin(item))
  if (bad !== undefined) return no(`holds ${JSON.stringify(bad)}, which is not an origin such as https://app.example`)
  return ok([...new Set((list as string[]).map((origin) => origin.toLowerCase()))])
}

const brakePart = (value: unknown, most: number): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= most

function deleteBrake(value: unknown): Parsed<DeleteBrake> {
  const shape = 'must be { "objects": N, "percent": 0 to 100 } with whole numbers'
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return no(shape)
  const { objects, percent, ...rest } = value as Record<string, unknown>
  if (Object.keys(rest).length > 0 || !brakePart(objects, 1e12) || !brakePart(percent, 100)) return no(shape)
  return ok({ objects, percent })
}

export const policyDefinitions: { readonly [N in PolicyName]: Definition<Policies[N]> } = {
  lb_policy: {
    description: 'How calls are spread over the clusters that can serve the bucket.',
    type: `one of ${lbPolicies.join(', ')} (least_conn means least_request)`,
    scopes: both,
    default: 'round_robin',
    narrows: false,
    parse: (value) => {
      const policy = typeof value === 'string' ? parseLbPolicy(value) : undefined
      return policy ? ok(policy) : no(`must be one of ${lbPolicies.join(', ')}`)
    },
  },
  lb_match_header: {
    description: 'The request header that names the bucket.',
    type: 'name of a header',
    scopes: ['global'],
    default: 'X-FaDO-Bucket',
    narrows: false,
    parse: (value) => {
      if (typeof value !== 'string' || !headerPattern.test(value))
        return no('must be the name of a header: 1 to 64 letters, digits, dashes and underscores')
      return takenHeaders.test(value) ? no(`must not be ${value}, which has a meaning of its own`) : ok(value)
    },
  },
  zones: {
    description: 'Zones where the data may be: a cluster is allowed when it lies in one of them. Empty: everywhere.',
    type: 'list of zones',
    scopes: both,
    default: [],
    narrows: true,
    parse: names,
  },
  target_replica_count: {
    description: "How many replicas there shall be, the master's copy not counted.",
    type: 'whole number from 0 to 100',
    scopes: both,
    default: 0,
    narrows: true,
    parse: (value) => (brakePart(value, 100) ? ok(value) : no('must be a whole number from 0 to 100')),
  },
  replica_locations: {
    description: 'Storage deployments that shall hold the replicas; wins over target_replica_count, zones still bind.',
    type: 'list of storage deployments, or null',
    scopes: both,
    default: null,
    narrows: true,
    parse: (value) => (value === null ? ok(null) : names(value)),
  },
  max_staleness: {
    description: 'A replica serves while every change it lacks is younger than this.',
    type: 'seconds, above 0',
    scopes: both,
    default: 60,
    narrows: false,
    parse: seconds(0.001, 30 * day),
  },
  full_compare: {
    description:
      'Within this time each object of a replica is compared with its master in headers, metadata and tags, which ' +
      'listings do not tell: a tag-only change whose event was lost is found by then. Costs two to four requests per ' +
      'object in this time, spread over the sweeps. 0: only ReplicaResync does so.',
    type: 'seconds, 0 or more',
    scopes: both,
    default: 7 * day,
    narrows: false,
    parse: seconds(0, 365 * day),
  },
  drain_delay: {
    description: 'Time between the last proxy that agreed to withdraw a copy and the first delete.',
    type: 'seconds, 0 or more',
    scopes: both,
    default: 10,
    narrows: false,
    parse: seconds(0, day),
  },
  delete_brake: {
    description: 'How many deletes a sweep may find before they wait for an order: the larger of both figures.',
    type: '{ objects, percent }',
    scopes: both,
    default: { objects: 100, percent: 10 },
    narrows: false,
    parse: deleteBrake,
  },
  cors_origins: {
    description:
      'Origins whose scripts may call functions from a browser (CORS), such as https://app.example; * is all. Empty: none.',
    type: 'list of origins',
    scopes: ['global'],
    default: [],
    narrows: false,
    parse: origins,
  },
  invocation_timeout: {
    description: 'Longest time a call may take, from its first byte to the last of its answer; 0 is no limit.',
    type: 'seconds, 0 or more',
    scopes: both,
    default: 300,
    narrows: false,
    parse: seconds(0, day),
  },
}

export const policyNames = Object.keys(policyDefinitions) as PolicyName[]
export const isPolicyName = (name: string): name is PolicyName => Object.hasOwn(policyDefinitions, name)

/** Values that users set, by scope; what is absent is not set. They were parsed before they were stored. */
export type SetValues = { readonly [S in PolicyScope]?: Readonly<Record<string, unknown>> }
export type Effective<N extends PolicyName = PolicyName> = {
  readonly name: N
  readonly value: Policies[N]
  readonly source: 'default' | PolicyScope
}

/** The value in force and where it comes from: bucket (or cluster) before global before default. */
export function effectivePolicy<N extends PolicyName>(name: N, set: SetValues): Effective<N> {
  const definition = policyDefinitions[name]
  for (const scope of ['bucket', 'cluster', 'global'] as const) {
    const values = set[scope]
    if (values === undefined || !Object.hasOwn(values, name) || !definition.scopes.includes(scope)) continue
    const parsed = definition.parse(values[name])
    if (parsed.ok) return { name, value: parsed.value, source: scope }
  }
  return { name, value: definition.default, source: 'default' }
}

export function bucketPolicies(set: SetValues): BucketPolicies {
  const value = <N extends PolicyName>(name: N) => effectivePolicy(name, set).value
  return {
    lb_policy: value('lb_policy'),
    zones: value('zones'),
    target_replica_count: value('target_replica_count'),
    replica_locations: value('replica_locations'),
    max_staleness: value('max_staleness'),
    full_compare: value('full_compare'),
    drain_delay: value('drain_delay'),
    delete_brake: value('delete_brake'),
    invocation_timeout: value('invocation_timeout'),
  }
}
