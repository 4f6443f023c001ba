// What needs a person: each with its cause and one place to act, the most harm first.
import type {
  BucketPartsFragment,
  ClusterPartsFragment,
  ConnectedProxiesQuery,
  LinkPartsFragment,
} from '../../graphql/generated/operations.ts'
import { isInTrouble } from '../../server/domain/fleet/in-trouble.ts'
import { isUnserved } from '../../server/domain/links/unserved.ts'
import { isReason } from '../../server/domain/reason.ts'
import type { Attention, LiveReplica } from './attention-item.ts'
import { bucketTrouble, isSilenced, liesOn, replicaTrouble } from './bucket-attention.ts'
import { afterColon } from './causes.ts'
import { type ClosedBuckets, closedTrouble } from './closed-buckets.ts'
import { copyName } from './copy-name.ts'
import { clock, count, list, plural } from './format.ts'
import { answers, downStores, isDoubted, uncalledStores } from './health.ts'
import type { Held } from './held.ts'
import { clusterHref } from './hrefs.ts'
import { linkName, unservedWords } from './links.ts'
import { masterStop } from './master.ts'
import { name, say } from './parts.ts'
import type { MayBeRegressed } from './regressed.ts'
import { sentence } from './sentence.ts'
import { sendsNoEvents } from './sweeps.ts'

/** Worth knowing, and nothing is wrong: it is listed last and not counted. */
const noticed = 9
export const isNotice = (thing: Attention): boolean => thing.harm === noticed

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
  /** The buckets that are well too, as far as they were read; `total`: how many there are. */
  readonly seen: { readonly buckets: readonly BucketPartsFragment[]; readonly total: number }
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

function clusterTrouble(
  cluster: ClusterPartsFragment,
  buckets: readonly BucketPartsFragment[],
  areAll: boolean,
): Attention[] {
  const href = clusterHref(cluster.name)
  const stores = cluster.storageDeployments
    .filter((store) => store.health.status === 'UNHEALTHY')
    .map((store): Attention => {
      const lying = buckets.filter((bucket) => liesOn(bucket, store.id)).length
      const many = plural(lying, 'bucket')
      const are = lying === 1 ? 'is' : 'are'
      const rest = lying > 0 ? ` ${areAll ? many : `At least ${many}`} with a copy there ${are} short of it.` : ''
      return {
        id: `store:${store.id}`,
        glyph: 'fail',
        tone: 'bad',
        what: say`Store ${name(store.name)} is down`,
        why: `${sentence(store.health.detail ?? 'It does not answer')} Calls go to the other copies.${rest}`,
        href,
        act: 'Open',
        since: store.health.since,
        harm: 2,
      }
    })
  return [
    ...stores,
    ...storesInTrouble(cluster),
    ...functionsTrouble(cluster, buckets, areAll),
    ...cluster.faasDeployments.flatMap((one) => hintTrouble(cluster, one)),
  ]
}

/** They answer, and still their copies may wait. */
const storesInTrouble = (cluster: ClusterPartsFragment): Attention[] =>
  cluster.storageDeployments.filter(isInTrouble).map((store) => ({
    id: `trouble:${store.id}`,
    glyph: 'warn',
    tone: 'warn',
    what: say`Store ${name(store.name)} is in trouble`,
    why: `${store.troubles.map(({ message }) => sentence(message, store.name)).join(' ')} What is to be copied waits for it.`,
    href: clusterHref(cluster.name),
    act: 'Open',
    since: store.troubles[0]?.since ?? null,
    harm: 4,
  }))

/** Told once for a cluster, however many of its function platforms do not answer. */
function functionsTrouble(
  cluster: ClusterPartsFragment,
  buckets: readonly BucketPartsFragment[],
  areAll: boolean,
): Attention[] {
  const all = cluster.faasDeployments
  const ill = all.filter((one) => !answers(one))
  const first = ill[0]
  if (first === undefined) return []
  const none = ill.length === all.length
  // Whether they answer is not known of those that FaDO has no key for.
  const keyless = ill.every(({ health }) => health.cause === 'KEY_REFUSED')
  const verb = keyless ? 'cannot be called' : !none && ill.length === 1 ? 'does not answer' : 'do not answer'
  const what = none
    ? say`Functions of ${name(cluster.name)} ${verb}`
    : say`${count(ill.length)} of ${count(all.length)} function platforms of ${name(cluster.name)} ${verb}`
  const causes = ill.map((one) => `${one.url}: ${afterColon(one.health.detail ?? 'no answer')}.`)
  const silenced = none ? buckets.filter((bucket) => isSilenced(bucket, cluster.id)) : []
  return [
    {
      id: `functions:${cluster.id}`,
      ...(silenced.length > 0 ? { glyph: 'fail', tone: 'bad' } : { glyph: 'warn', tone: 'warn' }),
      what,
      why: `${none ? silencedWords(silenced, areAll) : 'Its calls go to the others.'} ${causes.join(' ')}`,
      href: clusterHref(cluster.name),
      act: 'Open',
      since: ill.flatMap((one) => one.health.since ?? []).sort()[0] ?? null,
      harm: silenced.length > 0 ? 0 : 5,
    },
  ]
}

/** Buckets that are named of those whose calls nobody takes. */
const mostSilenced = 3

function silencedWords(silenced: readonly BucketPartsFragment[], areAll: boolean): string {
  if (silenced.length === 0) return 'It gets no calls.'
  const names = silenced.map((bucket) => bucket.name).sort()
  const many = `${areAll ? '' : 'at least '}${plural(silenced.length, 'bucket')}`
  const who = areAll && names.length <= mostSilenced ? list(names) : many
  return `Nobody else takes the calls of ${who}: they get 503.`
}

type Deployment = ClusterPartsFragment['faasDeployments'][number]

/** It answers its probes, and calls there go wrong. */
function hintTrouble(cluster: ClusterPartsFragment, { id, url, hints }: Deployment): Attention[] {
  const base = { href: clusterHref(cluster.name), act: 'Open' }
  return hints.flatMap((hint): Attention[] => {
    const why = `${url}: ${afterColon(hint.message)}.`
    const found = { ...base, id: `hint:${id}:${hint.code}`, why, since: hint.since }
    if (isReason(hint, 'PLATFORM_REFUSES'))
      return [
        { ...found, glyph: 'fail', tone: 'bad', what: say`A platform of ${name(cluster.name)} refuses FaDO`, harm: 2 },
      ]
    if (isReason(hint, 'NOT_THE_PLATFORM'))
      return [
        { ...found, glyph: 'warn', tone: 'warn', what: say`${name(cluster.name)} may have another platform`, harm: 5 },
      ]
    return []
  })
}

/** What should tell of changes does not: data is as fresh as a look at all of it allows. */
function eventTrouble(cluster: ClusterPartsFragment): Attention[] {
  return cluster.storageDeployments.flatMap((store): Attention[] => {
    const { state, hints, lastEventAt } = store.events
    if (state !== 'SILENT' && state !== 'UNHEARD') return []
    const silent = state === 'SILENT'
    return [
      {
        id: `events:${store.id}`,
        glyph: silent ? 'warn' : 'notice',
        tone: silent ? 'warn' : 'plain',
        what: silent
          ? say`Store ${name(store.name)} changes and does not tell`
          : say`Store ${name(store.name)} has told nothing yet`,
        why: hints.map(({ message }) => sentence(message)).join(' '),
        href: clusterHref(cluster.name),
        act: 'Open',
        since: silent ? lastEventAt : null,
        harm: silent ? 7 : noticed,
      },
    ]
  })
}

/** A store that sends no events matters where buckets have their master. */
function sweepNotices(cluster: ClusterPartsFragment, seen: AttentionFacts['seen']): Attention[] {
  return cluster.storageDeployments.filter(sendsNoEvents).flatMap((store): Attention[] => {
    const masters = seen.buckets.filter((bucket) => bucket.master.storageDeployment.id === store.id).length
    // Of a fleet too large to be read whole it is not known.
    const whole = seen.buckets.length >= seen.total
    if (masters === 0 && whole) return []
    const which = whole
      ? `${plural(masters, 'bucket')} with ${masters === 1 ? 'its' : 'their'} master there`
      : 'Buckets with their master there'
    const verb = whole && masters === 1 ? 'is' : 'are'
    return [
      {
        id: `sweep:${store.id}`,
        glyph: 'notice',
        tone: 'plain',
        what: say`Store ${name(store.name)} sends no events`,
        why: `${which} ${verb} looked at in turns: a change is found within half of max_staleness.`,
        href: clusterHref(cluster.name),
        act: 'Open',
        since: null,
        harm: noticed,
      },
    ]
  })
}
