// What is wrong at a cluster: its stores, its function platforms, and how they tell of changes.
import type { BucketPartsFragment, ClusterPartsFragment } from '../../graphql/generated/operations.ts'
import { isInTrouble } from '../../server/domain/fleet/in-trouble.ts'
import { isReason } from '../../server/domain/reason.ts'
import { type Attention, noticed } from './attention-item.ts'
import { isSilenced, liesOn } from './bucket-attention.ts'
import { afterColon } from './causes.ts'
import { count, list, plural } from './format.ts'
import { answers } from './health.ts'
import { clusterHref } from './hrefs.ts'
import { name, say } from './parts.ts'
import { sentence } from './sentence.ts'
import { sendsNoEvents } from './sweeps.ts'

/** Buckets as far as they were read; `total`: how many there are. */
export type SeenBuckets = { readonly buckets: readonly BucketPartsFragment[]; readonly total: number }

export function clusterTrouble(
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
export function eventTrouble(cluster: ClusterPartsFragment): Attention[] {
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
export function sweepNotices(cluster: ClusterPartsFragment, seen: SeenBuckets): Attention[] {
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
