// What needs a person: each with its cause and one place to act, the most harm first.
import type {
  ClusterPartsFragment,
  ConnectedProxiesQuery,
  LinkPartsFragment,
} from '../../graphql/generated/operations.ts'
import { isUnserved } from '../../server/domain/links/unserved.ts'
import { type Attention, type LiveReplica, noticed } from './attention-item.ts'
import { bucketTrouble, replicaTrouble } from './bucket-attention.ts'
import { type ClosedBuckets, closedTrouble } from './closed-buckets.ts'
import { clusterTrouble, eventTrouble, type SeenBuckets, sweepNotices } from './cluster-attention.ts'
import { copyName } from './copy-name.ts'
import { clock, count, plural } from './format.ts'
import { downStores, isDoubted, uncalledStores } from './health.ts'
import type { Held } from './held.ts'
import { linkName, unservedWords } from './links.ts'
import { masterStop } from './master.ts'
import { name, say } from './parts.ts'
import type { MayBeRegressed } from './regressed.ts'

/** Links that are named of those without a mover. */
const mostLinks = 3

export type AttentionFacts = {
  readonly clusters: readonly ClusterPartsFragment[]
  /** Buckets known to be in trouble, one of them perhaps twice; `troubleIsWhole`: there are no others. */
  readonly buckets: readonly MayBeRegressed[]
  readonly troubleIsWhole: boolean
  /** Undefined while they are not read yet. */
  readonly closed: ClosedBuckets | undefined
  readonly replicas: readonly LiveReplica[]
  readonly held: Held
  /** Undefined while they are not read yet. */
  readonly proxies: ConnectedProxiesQuery['proxies'] | undefined
  /** Undefined while they are not read yet. */
  readonly links: readonly LinkPartsFragment[] | undefined
  /** The buckets that are well too. */
  readonly seen: SeenBuckets
}

export function attention(facts: AttentionFacts): readonly Attention[] {
  const buckets = [...new Map(facts.buckets.map((bucket) => [bucket.id, bucket])).values()]
  const [down, uncalled] = [downStores(facts.clusters), uncalledStores(facts.clusters)]
  const stopped = new Set(buckets.filter((bucket) => masterStop(bucket) !== null).map((bucket) => bucket.id))
  const found = [
    ...(facts.clusters.length > 0 && facts.proxies ? proxyTrouble(facts.proxies) : []),
    ...linkTrouble(facts.links ?? []),
    ...doubt(facts.clusters),
    ...facts.clusters.flatMap((cluster) => clusterTrouble(cluster, buckets, facts.troubleIsWhole)),
    ...buckets.flatMap((bucket) => bucketTrouble(bucket, down)),
    ...(facts.closed ? closedTrouble(facts.closed) : []),
    ...facts.replicas.flatMap((replica) => replicaTrouble(replica, down, stopped, uncalled)),
    ...facts.replicas.flatMap((replica) => heldNotice(replica, facts.held)),
    ...facts.clusters.flatMap(eventTrouble),
    ...facts.clusters.flatMap((cluster) => sweepNotices(cluster, facts.seen)),
  ]
  return found.sort((a, b) => a.harm - b.harm || (a.id < b.id ? -1 : 1))
}

/** Somebody said so, and may have forgotten it. */
function heldNotice(replica: LiveReplica, held: Held): Attention[] {
  const { id, bucket } = replica
  const why = held.get(id)
  if (why === undefined) return []
  const what = say`Nothing of ${name(bucket.name)} is copied to ${name(copyName(replica))}`
  const shown = { glyph: 'notice', tone: 'plain', href: '/replication', act: 'Open' } as const
  return [{ ...shown, id: `held:${id}`, what, why, since: null, harm: noticed }]
}

const noProxy: Attention = {
  id: 'proxy',
  glyph: 'fail',
  tone: 'bad',
  what: ['No proxy is connected'],
  why: 'Routes are decided and wait. A proxy that still runs goes on with what it last had.',
  href: '/routing',
  act: 'Open routing',
  since: null,
  harm: 1,
}

/** One that is gone holds up what changes from now on, until it counts no more. */
function proxyTrouble(proxies: ConnectedProxiesQuery['proxies']): Attention[] {
  const none = proxies.every((proxy) => proxy.connectedSince === null)
  const gone = proxies.flatMap((proxy): Attention[] =>
    proxy.goneSince === null || proxy.countsUntil === null
      ? []
      : [
          {
            id: `proxy:${proxy.id}`,
            glyph: 'warn',
            tone: 'warn',
            what: say`The proxy ${name(proxy.nodeId)} is gone`,
            why: `Routes that change and deletions wait for it until ${clock(proxy.countsUntil)}: it may still serve by what it had.`,
            href: '/routing',
            act: 'Open routing',
            since: proxy.goneSince,
            harm: 8,
          },
        ],
  )
  return none ? [noProxy, ...gone] : gone
}

/** Nothing of what changes comes to the copies at their ends. */
function linkTrouble(links: readonly LinkPartsFragment[]): Attention[] {
  const what = unservedWords(links)
  if (what === null) return []
  const unserved = links.filter(isUnserved)
  const named = unserved.slice(0, mostLinks).map(linkName)
  const rest = unserved.length > named.length ? ` and ${count(unserved.length - named.length)} more` : ''
  const copies = unserved.reduce((sum, link) => sum + link.copies, 0)
  const gets = `${plural(copies, 'copy gets', 'copies get')} no changes`
  const cure = 'Start a mover, with fado serve --role mover, that has them among its links.'
  const shown = { glyph: 'fail', tone: 'bad', href: '/replication', act: 'Open replication' } as const
  return [{ ...shown, id: 'links', what, why: `${named.join(', ')}${rest}: ${gets}. ${cure}`, since: null, harm: 2 }]
}

/** Told once for the fleet: the cause is one, and it is likely here. */
function doubt(clusters: readonly ClusterPartsFragment[]): Attention[] {
  const stores = clusters.flatMap((cluster) => cluster.storageDeployments).filter((one) => isDoubted(one.health))
  const functions = clusters.flatMap((cluster) => cluster.faasDeployments).filter((one) => isDoubted(one.health))
  if (stores.length + functions.length === 0) return []
  const who = [
    ...(stores.length > 0 ? [plural(stores.length, 'store')] : []),
    ...(functions.length > 0 ? [plural(functions.length, 'function platform')] : []),
  ].join(' and ')
  return [
    {
      id: 'doubt',
      glyph: 'warn',
      tone: 'warn',
      what: ['FaDO may be cut off'],
      why: `${who} fell silent at once, which its own network may cause. Calls still go there for at most 10 s; then they count as down.`,
      href: '/clusters',
      act: 'Open clusters',
      since: null,
      harm: 1,
    },
  ]
}
