// What is so, in plain sentences: made here only, so that overview, matrix and bucket page say the same.
import type {
  BucketPartsFragment,
  ReplicaPartsFragment,
  RoutePartsFragment,
} from '../../graphql/generated/operations.ts'
import { nobodyMayCall } from '../../server/domain/explain/say-decision.ts'
import { isReason } from '../../server/domain/reason.ts'
import { isClosed } from './callers.ts'
import { afterColon, causeOf } from './causes.ts'
import { isCompared, isDeleting, shareDone } from './cells.ts'
import { copyName } from './copy-name.ts'
import { allOf, clock, count, duration, list, percent, plural } from './format.ts'
import { downStores, type KnownCluster, uncalledStores } from './health.ts'
import { isStop, masterStop, ownCauses, type StopWord, servesWithout } from './master.ts'
import { name, names, type Parts, say, sentences, stress } from './parts.ts'
import { causeSentences, reasonSentence } from './sentence.ts'
import { asOf } from './sweeps.ts'

/** Data lies where the zones forbid it. */
export const isOutside = (bucket: Pick<BucketPartsFragment, 'placement'>): boolean =>
  bucket.placement.reasons.some((reason) => isReason(reason, 'RESIDENCY_VIOLATION'))

/** Where a bucket lies and what its copies do. `clusters` tells which stores answer: one that is not there is taken to. */
export function bucketSentence(bucket: BucketPartsFragment, clusters: readonly KnownCluster[], now: Date): Parts {
  if (isDeleting(bucket)) return sentences([deletingSentence(bucket), ...goneProxies(bucket.route)])
  const home = bucket.master.storageDeployment
  const [down, uncalled] = [downStores(clusters), uncalledStores(clusters)]
  const masterDown = down.has(home.id)
  const settled = bucket.replicas.filter((one) => one.state === 'IN_SYNC')
  const reached = settled.filter((one) => !down.has(one.storageDeployment.id))
  const stop = masterStop(bucket)
  const first =
    stop !== null
      ? stoppedSentence(bucket, stop)
      : masterDown
        ? masterLost(bucket)
        : reached.length > 0
          ? say`Master on ${name(home.name)}, in sync on ${names(reached.map(copyName).sort())}${asOf(bucket, now)}.`
          : bucket.replicas.length > 0 || bucket.placement.condition !== 'PLACED'
            ? say`Master on ${name(home.name)}.`
            : say`Only on ${name(home.name)}: no replica is asked for.`
  const copies = bucket.replicas
    .map((one) => copySentence(ownCauses(one), { down, uncalled, masterDown: masterDown || stop !== null }))
    .filter((one) => one !== null)
  const reasons = bucket.placement.condition === 'PLACED' ? [] : saidOnce(bucket.placement.reasons)
  const told = bucket.replicas.map((one) => one.storageDeployment).filter((store) => down.has(store.id))
  const saysMore = (reason: Reason) =>
    !isStop(reason) &&
    !(masterDown && tellsOfMaster(reason, home.name)) &&
    !told.some((store) => isReason(reason, 'STORE_UNREACHABLE') && reason.store === store.name)
  return sentences([
    first,
    ...copies,
    ...reasons.filter(saysMore).map((reason) => [reasonWords(reason)]),
    ...routeTrouble(bucket, masterDown || stop !== null),
    ...(isClosed(bucket) ? [[nobodyMayCall]] : []),
    ...goneProxies(bucket.route),
  ])
}

/** A proxy that is gone holds up a change until its lease is over; one that is there answers in a moment. */
export const goneProxies = ({ waitsFor }: Pick<RoutePartsFragment, 'waitsFor'>): Parts[] =>
  waitsFor.flatMap(({ proxy }) =>
    proxy?.goneSince && proxy.countsUntil
      ? [
          say`It waits for the proxy ${name(proxy.nodeId)}, gone since ${clock(proxy.goneSince)}, counts until ${clock(proxy.countsUntil)}: it may still serve by what it had. Forget it if it will not come back.`,
        ]
      : [],
  )

type Reason = BucketPartsFragment['placement']['reasons'][number]

/** Without those that another one repeats to the letter. */
export const saidOnce = <R extends { readonly message: string }>(reasons: readonly R[]): readonly R[] =>
  reasons.filter((one) => !reasons.some((other) => other !== one && other.message.includes(one.message)))

/** A violation is called one. */
const reasonWords = (reason: Reason) =>
  isReason(reason, 'RESIDENCY_VIOLATION')
    ? `Residency violation: ${afterColon(reason.message)}.`
    : reasonSentence(reason)

/** That the master's store is down is said once. */
const tellsOfMaster = (reason: Reason, home: string) =>
  isReason(reason, 'MASTER_UNREADABLE') || (isReason(reason, 'STORE_UNREACHABLE') && reason.store === home)

function deletingSentence(bucket: BucketPartsFragment): Parts {
  const left = bucket.replicas.map(copyName).sort()
  if (left.length === 0) return say`Being deleted. Calls get ${stress('404')}; what is left goes now.`
  const verb = left.length === 1 ? 'goes' : 'go'
  return say`Being deleted. Calls get ${stress('404')}; the ${left.length === 1 ? 'copy' : 'copies'} on ${names(left)} ${verb} first.`
}

function stoppedSentence(bucket: BucketPartsFragment, stop: StopWord): Parts {
  const home = name(bucket.master.storageDeployment.name)
  const serves = servesWithout(bucket)
  const left =
    serves.length === 0
      ? say`No copy serves: calls get ${stress('503')}.`
      : say`${names(serves)} ${serves.length === 1 ? 'serves' : 'serve'} what it last had.`
  return sentences([
    say`The master bucket on ${home} is ${stop}: nothing is copied from it or deleted by it, and no calls go there.`,
    left,
  ])
}

function masterLost(bucket: BucketPartsFragment): Parts {
  const home = copyName(bucket.master)
  const left = servesWithout(bucket)
  if (left.length === 0)
    return say`The master on ${name(home)} is down and no other copy serves: calls get ${stress('503')}.`
  const verb = left.length === 1 ? 'serves' : 'serve'
  return say`The master on ${name(home)} is down; ${names(left)} still ${verb} what it last had.`
}

/** Ids of stores: that are down, whose copies never take calls. */
type Around = {
  readonly down: ReadonlySet<string>
  readonly uncalled: ReadonlySet<string>
  readonly masterDown: boolean
}

/** What is to be said of one replica beyond "in sync"; null when nothing is. */
function copySentence(replica: ReplicaPartsFragment, { down, uncalled, masterDown }: Around): Parts | null {
  const isUncalled = uncalled.has(replica.storageDeployment.id)
  const where = name(copyName(replica))
  const why = causeOf(replica)
  const because = why === null ? [] : [`: ${why}`]
  if (down.has(replica.storageDeployment.id)) return say`The store ${where} is down.`
  switch (replica.state) {
    case 'IN_SYNC':
      return why === null || masterDown ? null : say`${where}${because}.`
    case 'PENDING':
    case 'CREATING':
      return say`The copy to ${where} waits for its turn${because}.`
    case 'SYNCING': {
      const share = shareDone(replica)
      const done =
        share === null
          ? 'is listing what to copy'
          : isCompared(replica)
            ? `is being taken over, ${percent(share)} of its objects are compared,`
            : `has ${percent(share)} of the first copy`
      return say`${where} ${done}${isUncalled ? '' : ' and serves when it is complete'}${because}.`
    }
    case 'LAGGING':
      return isUncalled ? uncalledSentence(replica) : laggingSentence(replica)
    case 'FAILED':
      return say`The copy on ${where} failed${because}.`
    case 'WITHDRAWING':
    case 'DELETING':
      return say`The copy on ${where} takes no calls any more and will be deleted${because}.`
  }
}

/** Of a copy that serves nothing in any case. */
function uncalledSentence(replica: ReplicaPartsFragment): Parts | null {
  const where = name(copyName(replica))
  const why = causeSentences(replica)
  if (why !== null) return say`The copy on ${where} is held up. ${why}`
  return replica.lag.objects === 0 ? null : say`${where} is ${behindWords(replica)}.`
}

const behindWords = ({ lag }: ReplicaPartsFragment) =>
  `${duration(lag.oldestSeconds)} behind (${plural(lag.objects, 'object')})`

function laggingSentence(replica: ReplicaPartsFragment): Parts | null {
  const where = name(copyName(replica))
  const { lag, serving } = replica
  const why = causeSentences(replica)
  if (why === null && lag.objects === 0) return serving ? null : say`${where} serves nothing.`
  if (why !== null) return say`${where} ${serving ? 'still serves' : 'serves nothing'}. ${why}`
  const behind = behindWords(replica)
  return serving
    ? say`${where} is ${behind} and still serves.`
    : say`${where} is ${behind} and serves nothing until it has caught up.`
}

function routeTrouble({ route }: BucketPartsFragment, masterDown: boolean): Parts[] {
  if (route.state === 'REJECTED') return [say`A proxy rejected the new route and keeps the last good one.`]
  if (route.state !== 'UNROUTABLE') return []
  const silent = route.upstreams.map(({ cluster }) => cluster.name)
  if (silent.length > 0) return [say`No functions of ${names(silent)} answer: calls get ${stress('503')}.`]
  return masterDown ? [] : [say`No cluster can serve it: calls get ${stress('503')}.`]
}

export type Fleet = {
  readonly clusters: number
  readonly buckets: number
  /** Buckets that are not as they should be; `exact` false: at least so many. */
  readonly wrong: number
  readonly exact: boolean
  readonly moving: number
  readonly attention: number
}

/** The one sentence on top of the overview. */
export function fleetSentence(fleet: Fleet): Parts {
  if (fleet.clusters === 0) return say`No cluster yet. Three steps to the first call that finds its data.`
  return sentences([whereSentence(fleet), ...restSentences(fleet)])
}

function whereSentence({ buckets, wrong, exact, clusters }: Fleet): Parts {
  if (buckets === 0) {
    return say`${stress(plural(clusters, 'cluster'))} ${clusters === 1 ? 'is' : 'are'} here, and no bucket yet.`
  }
  const all = plural(buckets, 'bucket')
  if (wrong === 0 && buckets === 1) return say`The one bucket is where it should be.`
  if (wrong === 0) return say`${stress(allOf(buckets, 'bucket'))} are where they should be.`
  if (!exact) return say`At least ${stress(count(wrong))} of ${all} are not as they should be.`
  const right = buckets - wrong
  return say`${stress(count(right))} of ${all} ${right === 1 ? 'is where it' : 'are where they'} should be.`
}

function restSentences({ moving, attention, buckets }: Fleet): Parts[] {
  const things = say`${stress(plural(attention, 'thing'))} ${attention === 1 ? 'needs' : 'need'} you.`
  const copies = say`${stress(plural(moving, 'copy', 'copies'))} ${moving === 1 ? 'is' : 'are'} moving`
  if (attention > 0) return moving > 0 ? [[...copies, '.'], things] : [things]
  if (moving > 0) return [[...copies, ', nothing needs you.']]
  return buckets > 0 ? [say`Nothing is moving, nothing needs you.`] : []
}

/** The proxies that have not agreed to it, by name. */
export const waitedFor = ({ waitsFor }: Pick<RoutePartsFragment, 'waitsFor'>): readonly string[] =>
  waitsFor.flatMap(({ proxy }) => proxy?.nodeId ?? [])

/** What a route's state means for calls. `proxies`: how many are connected. */
export function routeWords(route: RoutePartsFragment, proxies: number): string {
  switch (route.state) {
    case 'SERVING':
      return proxies === 1 ? 'its proxy agrees' : `${allOf(proxies, 'proxy', 'proxies').toLowerCase()} agree`
    case 'PENDING':
      if (proxies === 0) return 'waits: no proxy is connected'
      if (goneProxies(route).length > 0) return 'waits for a proxy that is gone'
      return waitedFor(route).length === 0 ? 'on its way to the proxies' : `waits for ${list(waitedFor(route))}`
    case 'REJECTED':
      return 'a proxy rejected it'
    case 'UNROUTABLE':
      return 'no cluster can serve'
  }
}

/** The state of the proxies as a whole. */
export function proxiesSentence(proxies: readonly ProxyFacts[]): Parts {
  const connected = proxies.filter((proxy) => proxy.connectedSince !== null)
  if (connected.length === 0) return say`No proxy is connected: routes are decided and wait for one.`
  const rejecting = connected.filter((proxy) => has(proxy, 'NACKED'))
  if (rejecting.length > 0) {
    const verb = rejecting.length === 1 ? 'rejects a resource and keeps' : 'reject resources and keep'
    return say`${names(rejecting.map((proxy) => proxy.nodeId))} ${verb} the last good one.`
  }
  const behind = connected.filter((proxy) => has(proxy, 'PENDING'))
  if (behind.length > 0)
    return say`${names(behind.map((proxy) => proxy.nodeId))} ${behind.length === 1 ? 'has' : 'have'} not answered the last change yet.`
  if (connected.length === 1) return say`The one proxy has accepted all it was sent.`
  return say`${stress(allOf(connected.length, 'proxy', 'proxies'))} have accepted all they were sent.`
}

type ProxyFacts = {
  readonly nodeId: string
  readonly connectedSince: string | null
  readonly resources: readonly { readonly state: string }[]
}
const has = (proxy: ProxyFacts, state: string) => proxy.resources.some((resource) => resource.state === state)

/** A replica's state in a word or two, for its table. */
export function stateWords(replica: ReplicaPartsFragment): string {
  switch (replica.state) {
    case 'IN_SYNC':
      return 'in sync'
    case 'LAGGING':
      return replica.lag.objects > 0 ? `${duration(replica.lag.oldestSeconds)} behind` : 'held'
    case 'SYNCING': {
      const share = shareDone(replica)
      return share === null ? 'syncing' : `${percent(share)} ${isCompared(replica) ? 'compared' : 'copied'}`
    }
    case 'PENDING':
    case 'CREATING':
      return 'waiting to start'
    case 'FAILED':
      return 'failed'
    case 'WITHDRAWING':
      return 'being withdrawn'
    case 'DELETING':
      return 'being removed'
  }
}
