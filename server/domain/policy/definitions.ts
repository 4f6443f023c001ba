// The policies there are: what each means, its values and default, where it may be set. A new one begins here; the API, the
// console and the commands read all of this.
import { everyCaller } from '../callers/caller.ts'
import { listOf } from '../reason.ts'
import { lbPolicies, lbPoliciesThatStartSlowly, parseLbPolicy } from './lb-policy.ts'
import {
  between,
  choice,
  fraction,
  header,
  names,
  numbers,
  orNull,
  type Parsed,
  seconds,
  upTo,
  type Values,
  window,
} from './parse-value.ts'
import { parseRetryRule, retryRules } from './retry-rule.ts'
import type { ValueWord } from './value-kind.ts'

export type PolicyScope = 'global' | 'cluster' | 'bucket'

type Definition<V> = {
  readonly description: string
  readonly values: Values<V>
  /** Null where no value is said in a word. */
  readonly word: ValueWord<V> | null
  readonly scopes: readonly PolicyScope[]
  readonly default: V
  /** Whether a change can forbid a copy that is there: then nothing is written until it is decided. */
  readonly narrows: boolean
}

type Given<V> = Pick<Definition<V>, 'description' | 'values'> & { readonly default: NoInfer<V> } & Partial<
    Pick<Definition<NoInfer<V>>, 'word' | 'narrows'>
  >
const definition =
  (...scopes: PolicyScope[]) =>
  <V>(given: Given<V>): Definition<V> => ({ word: null, narrows: false, ...given, scopes })

/** A bucket may have a value of its own. */
const ofBuckets = definition('global', 'bucket')
/** Each cluster may have a value of its own, about itself. */
const ofClusters = definition('global', 'cluster')
/** Only the fleet as a whole has a value. */
const ofFleet = definition('global')

const day = 86_400

/** How people say that every zone is allowed; so no zone is called that. */
export const everyZone = 'all'
/** How people say that any store may hold replicas; so no store is called that. */
export const anyStore = 'any'

/** With less, requests would stand still for so long that stores give them up. */
const leastBandwidth = 65_536

/** Those of HTTP and gRPC, Envoy's, and FaDO's for other things: in answers, and inside of Envoy (proxy/resources/features). */
const takenHeaders =
  /^(host|connection|content-length|content-type|transfer-encoding|te|trailer|upgrade|keep-alive|authorization|cookie|origin|access-control-.*|grpc-.*|x-fado-(served-by|decision|cluster|identity|payload|upstream)|x-forwarded-.*|x-envoy-.*)$/i

const bucketDefinitions = {
  lb_policy: ofBuckets({
    description:
      'How calls are spread over the clusters that can serve the bucket. first: all go to one, and to the next while its ' +
      "functions do not answer: the master's, then copies as replica_locations names them, then by name. ip_hash and " +
      'uri_hash: those of one caller, or of one path and query, go to one function deployment. Another name of ' +
      'least_request is least_conn.',
    values: choice(lbPolicies, parseLbPolicy),
    default: 'round_robin',
  }),
  zones: ofBuckets({
    description: 'Zones where the data may be: a cluster is allowed when it lies in one of them.',
    values: names('zone'),
    word: { word: everyZone, value: [] },
    default: [],
    narrows: true,
  }),
  target_replica_count: ofBuckets({
    description: "How many replicas there shall be, the master's copy not counted.",
    values: upTo(100, 'replicas'),
    default: 0,
    narrows: true,
  }),
  replica_locations: ofBuckets({
    description: 'Storage deployments that shall hold the replicas; wins over target_replica_count, zones still bind.',
    values: orNull(names('store')),
    word: { word: anyStore, value: null },
    default: null,
    narrows: true,
  }),
  max_staleness: ofBuckets({
    description: 'A replica serves while every change it lacks is younger than this.',
    values: seconds(0.001, 30 * day),
    default: 60,
  }),
  full_compare: ofBuckets({
    description:
      'Within this time each object of a replica is compared with its master in headers, metadata and tags, which ' +
      'listings do not tell: a tag-only change whose event was lost is found by then. Costs two to four requests per ' +
      'object in this time, spread over the sweeps. Where nobody sets it, a bucket that was found right for a whole turn ' +
      'takes longer for the next ones, as long as it needs for about 50 requests a day. Never: only a resync does so.',
    values: seconds(0, 365 * day),
    word: { word: 'never', value: 0 },
    default: 7 * day,
  }),
  sweep_interval: ofBuckets({
    description:
      'The longest time between two comparisons of the whole bucket, and of each of its copies. They come more often where ' +
      'events are not believed, and after one that found something; with less each finds a lost event sooner, and costs ' +
      "some requests and one for each thousand objects on each copy's and the master's store.",
    values: seconds(60, 30 * day),
    default: day,
  }),
  drain_delay: ofBuckets({
    description: 'Time between the last proxy that agreed to withdraw a copy and the first delete.',
    values: seconds(0, day),
    default: 10,
  }),
  delete_brake: ofBuckets({
    description: 'How many deletes a sweep may find before they wait for an order: the larger of both figures.',
    values: numbers({ objects: 1e12, percent: 100 }),
    default: { objects: 100, percent: 10 },
  }),
  invocation_timeout: ofBuckets({
    description: 'Longest time a call may take, from its first byte to the last of its answer.',
    values: seconds(0, day),
    word: { word: 'unlimited', value: 0 },
    default: 300,
  }),
  retry: ofBuckets({
    description:
      'Which calls are tried again on another function deployment: what surely has not reached a function (unsent); that, ' +
      'and calls by GET, HEAD, OPTIONS, PUT and DELETE that were cut before their answer began (idempotent); none (never).',
    values: choice(retryRules, parseRetryRule),
    default: 'unsent',
  }),
  tries: ofBuckets({
    description:
      'How often a call is tried at most, the first included. Auto: once and three times more for each cluster beside the ' +
      'first that may serve, at most nine times.',
    values: orNull(between(1, 20, 'tries')),
    word: { word: 'auto', value: null },
    default: null,
  }),
  try_timeout: ofBuckets({
    description:
      'After how long without the beginning of an answer a call is tried elsewhere, where retry is idempotent and its method is.',
    values: seconds(0, day),
    word: { word: 'none', value: 0 },
    default: 0,
  }),
  callers: ofBuckets({
    description:
      'Who may call functions on the bucket: callers by name, who prove who they are by a key, a token or a certificate. An empty list is ' +
      'everybody. With a value for the fleet, a bucket that does not exist answers as one that the caller may not call.',
    values: names('caller'),
    word: { word: everyCaller, value: [] },
    default: [],
  }),
  replication_priority: ofBuckets({
    description:
      'Which buckets are copied first where many objects wait for the same link: those of the highest number get three of ' +
      'four places, all others share the fourth. What has just changed goes before any backlog, whatever its priority.',
    values: between(-100, 100, 'rank'),
    default: 0,
  }),
}

const clusterDefinitions = {
  bandwidth_limit: ofClusters({
    description:
      "Bytes per second into and out of the cluster's store, of all movers together. The value of the fleet holds for each " +
      'cluster that has none of its own.',
    values: orNull(between(leastBandwidth, 1e12, 'bytes_per_second')),
    word: { word: 'unlimited', value: null },
    default: null,
  }),
  replication_window: ofClusters({
    description:
      "When bytes are copied to and from the cluster's store: times of the week, such as 22:00-06:00 Europe/Berlin or " +
      'Mon-Fri 20:00-06:00, Sat-Sun 00:00-24:00 Europe/Berlin (without a zone: UTC). Outside of it nothing is copied, or ' +
      'what bandwidth_outside_window says.',
    values: orNull(window),
    word: { word: 'always', value: null },
    default: null,
  }),
  bandwidth_outside_window: ofClusters({
    description:
      "Bytes per second into and out of the cluster's store outside of its replication_window, for copies that go on then and " +
      'go faster in it.',
    values: orNull(between(leastBandwidth, 1e12, 'bytes_per_second')),
    word: { word: 'nothing', value: null },
    default: null,
  }),
  cost_per_gb: ofClusters({
    description:
      "What a GB (10^9 bytes) costs that leaves the cluster's store for another cluster, in whatever money. Bytes come from the " +
      'cheapest copy that holds them, before the nearest and the fastest.',
    values: fraction(1_000, 'cost'),
    default: 0,
  }),
  failback_after: ofClusters({
    description:
      "How long a cluster's store or function deployment that was down must have been well, without one missed probe, before " +
      'calls go there again. Where nobody else can take them they go there at once.',
    values: seconds(0, day),
    default: 30,
  }),
}

const fleetDefinitions = {
  calls_at_once: ofFleet({
    description:
      'How many calls each Envoy gives a function deployment at once, by each lb_policy that buckets have; more wait there ' +
      'for one that ends, and invocation_timeout goes on.',
    values: orNull(between(1, 1e6, 'calls')),
    word: { word: 'unlimited', value: null },
    default: null,
  }),
  slow_start: ofFleet({
    description:
      'How long a function deployment that is new, or comes back, and a cluster that is new in a route get less than their share ' +
      `of the calls: a tenth at first, and all of it in the end. Holds for ${listOf(lbPoliciesThatStartSlowly)}; who is alone takes all.`,
    values: seconds(0, 3600),
    word: { word: 'none', value: 0 },
    default: 30,
  }),
  lb_match_header: ofFleet({
    description: 'The request header that names the bucket.',
    values: header(takenHeaders),
    default: 'X-FaDO-Bucket',
  }),
  cors_origins: ofFleet({
    description:
      'Origins whose scripts may call functions from a browser (CORS), such as https://app.example; * is all.',
    values: names('origin'),
    word: { word: 'none', value: [] },
    default: [],
  }),
}

type ValuesOf<D> = { readonly [N in keyof D]: D[N] extends Definition<infer V> ? V : never }
/** The values in force for one bucket. Durations are seconds. */
export type BucketPolicies = ValuesOf<typeof bucketDefinitions>
/** All policies, those included that clusters have, or only the fleet as a whole. */
export type Policies = BucketPolicies & ValuesOf<typeof clusterDefinitions> & ValuesOf<typeof fleetDefinitions>
export type PolicyName = keyof Policies

/** A sweep may delete up to the larger of both from one replica; more waits for an order. */
export type DeleteBrake = Policies['delete_brake']

export const policyDefinitions: { readonly [N in PolicyName]: Definition<Policies[N]> } = {
  ...bucketDefinitions,
  ...clusterDefinitions,
  ...fleetDefinitions,
}

export const policyNames = Object.keys(policyDefinitions) as PolicyName[]
export const bucketPolicyNames = Object.keys(bucketDefinitions) as (keyof BucketPolicies)[]
export const clusterPolicyNames = Object.keys(clusterDefinitions) as (keyof typeof clusterDefinitions)[]
export const isPolicyName = (name: string): name is PolicyName => Object.hasOwn(policyDefinitions, name)

/** A value, or the word that people have for it. */
export function parsePolicyValue<N extends PolicyName>(name: N, value: unknown): Parsed<Policies[N]> {
  const { values, word } = policyDefinitions[name]
  if (word === null) return values.parse(value)
  if (value === word.word) return { ok: true, value: word.value }
  const parsed = values.parse(value)
  return parsed.ok || values.kind.kind !== 'number'
    ? parsed
    : { ok: false, reason: `${parsed.reason}, or ${word.word}` }
}
