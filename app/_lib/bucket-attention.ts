// What of a bucket and its copies needs a person: each with its cause and one place to act.
import type { BucketPartsFragment } from '../../graphql/generated/operations.ts'
import { isReason } from '../../server/domain/reason.ts'
import type { Attention, LiveReplica } from './attention-item.ts'
import { isClosed } from './callers.ts'
import { isDeleting, legendOf, type Sign } from './cells.ts'
import { copyName } from './copy-name.ts'
import { list, plural } from './format.ts'
import { bucketHref, resyncHref } from './hrefs.ts'
import { masterStop, ownCauses, servesWithout } from './master.ts'
import { name, say } from './parts.ts'
import { foundWords, type MayBeRegressed, type Regressed, waysWords } from './regressed.ts'
import { causeSentences, reasonSentence, sentence } from './sentence.ts'
import { isOutside, saidOnce } from './words.ts'

/** Keys that are named of what was lost. */
const shownSamples = 3

export const liesOn = (bucket: BucketPartsFragment, store: string): boolean =>
  bucket.master.storageDeployment.id === store || bucket.replicas.some((one) => one.storageDeployment.id === store)

/** One cause, one line: a store or functions that are down, or a copy that failed, tell of the buckets that are short of it. */
export function bucketTrouble(bucket: MayBeRegressed, down: ReadonlySet<string>): Attention[] {
  if (isDeleting(bucket)) return []
  const grave = [...violation(bucket), ...stoppedMaster(bucket)]
  return grave.length > 0 ? grave : otherTrouble(bucket, down)
}

const base = (bucket: BucketPartsFragment) => ({ href: bucketHref(bucket.name), act: 'Open', since: null })
/** Nobody takes its calls. */
const isDark = ({ route }: Pick<BucketPartsFragment, 'route'>): boolean => route.state === 'UNROUTABLE'

const dark: Sign = { glyph: 'fail', tone: 'bad', word: 'its calls get 503' }
const closed: Sign = { glyph: 'fail', tone: 'bad', word: 'nobody may call' }

/** That none of its calls are served; null: some are, or it is being deleted and gets none. */
export function refusedSign(bucket: Pick<BucketPartsFragment, 'route' | 'placement'>): Sign | null {
  if (isDeleting(bucket)) return null
  return isClosed(bucket) ? closed : isDark(bucket) ? dark : null
}

/** What the signs before buckets' names and those of their copies mean, each once. */
export function matrixLegend(...[buckets, clusters]: Parameters<typeof legendOf>): readonly Sign[] {
  const refused = [closed, dark].filter((sign) => buckets.some((bucket) => refusedSign(bucket) === sign))
  return [...refused, ...legendOf(buckets, clusters)]
}

/** Its data may serve there, and no functions answer: its calls get 503. */
export const isSilenced = (bucket: BucketPartsFragment, cluster: string): boolean =>
  isDark(bucket) && bucket.route.upstreams.some((one) => one.cluster.id === cluster)

function violation(bucket: BucketPartsFragment): Attention[] {
  if (!isOutside(bucket)) return []
  const ofIt = bucket.placement.reasons.filter((reason) => isReason(reason, 'RESIDENCY_VIOLATION'))
  const why = ofIt.map(reasonSentence).join(' ')
  const alone = isDark(bucket) ? ' No other copy serves: calls get 503.' : ''
  const what = say`Residency violation: ${name(bucket.name)} has data where its zones forbid it`
  return [
    {
      ...base(bucket),
      id: `bucket:${bucket.id}`,
      glyph: 'stray',
      tone: 'bad',
      what,
      why: `${why}${alone}`,
      harm: 0,
    },
  ]
}

/** Whatever else is wrong: the data itself may be lost. */
function stoppedMaster(bucket: MayBeRegressed): Attention[] {
  const stop = masterStop(bucket)
  if (stop === null) return []
  const serves = servesWithout(bucket)
  const calls =
    serves.length === 0
      ? 'No copy serves: calls get 503.'
      : `${list(serves)} ${serves.length === 1 ? 'serves' : 'serve'} what it last had.`
  const what = say`The master bucket of ${name(bucket.name)} on ${name(bucket.master.storageDeployment.name)} is ${stop}`
  const found = bucket.master.regressed
  const todo = found ? regressWords(bucket, found) : 'Put it back, or delete the bucket here and create it anew.'
  const why = `Nothing is copied from it or deleted by it, and no calls go there. ${calls} ${todo}`
  return [
    {
      ...base(bucket),
      id: `master:${bucket.id}`,
      glyph: 'master-stopped',
      tone: 'bad',
      what,
      why,
      harm: isDark(bucket) ? 0 : 1,
    },
  ]
}

function regressWords(bucket: BucketPartsFragment, found: Regressed): string {
  if (found.choice === 'REBUILD') return 'It is being made again from a copy.'
  if (found.choice === 'ACCEPT') return 'It was accepted, and the copies become what it is.'
  const keys = found.samples.slice(0, shownSamples).map(({ key }) => key)
  const rest = found.missing + found.older - keys.length
  const names = keys.length === 0 ? '' : `: ${rest > 0 ? `${keys.join(', ')} and ${rest} more` : list(keys)}`
  return `${sentence(`${foundWords(found)}${names}`)} ${waysWords(bucket, found)}`
}

function otherTrouble(bucket: BucketPartsFragment, down: ReadonlySet<string>): Attention[] {
  const why = saidOnce(bucket.placement.reasons).map(reasonSentence).join(' ')
  const said = name(bucket.name)
  const own = { ...base(bucket), id: `bucket:${bucket.id}` }
  if (isDark(bucket) && bucket.route.upstreams.length > 0) return []
  if (isDark(bucket)) {
    const text = why || 'No cluster has a copy that may serve: calls get 503.'
    return [{ ...own, glyph: 'fail', tone: 'bad', what: say`Nothing serves ${said}`, why: text, harm: 0 }]
  }
  if (bucket.placement.condition === 'INFEASIBLE') {
    const what = say`${said} cannot be placed as asked`
    return [{ ...own, glyph: 'infeasible', tone: 'bad', what, why, harm: 3 }]
  }
  if (bucket.route.state === 'REJECTED') {
    const text = 'A proxy keeps the last good route; calls go on.'
    const what = say`The route of ${said} was rejected`
    return [
      { ...own, id: `route:${bucket.id}`, glyph: 'warn', tone: 'warn', what, why: text, href: '/routing', harm: 6 },
    ]
  }
  const folded =
    [...down].some((store) => liesOn(bucket, store)) || bucket.replicas.some((one) => one.state === 'FAILED')
  if (bucket.placement.condition !== 'DEGRADED' || folded) return []
  return [{ ...own, glyph: 'warn', tone: 'warn', what: say`${said} is short of a copy`, why, harm: 7 }]
}

/** `stopped`: ids of buckets whose stopped master is told; `uncalled`: of stores whose copies never take calls. */
export function replicaTrouble(
  live: LiveReplica,
  down: ReadonlySet<string>,
  stopped: ReadonlySet<string>,
  uncalled: ReadonlySet<string>,
): Attention[] {
  const replica = stopped.has(live.bucket.id) ? ownCauses(live) : live
  const isTold = stopped.has(live.bucket.id) && replica.causes.length === 0
  if (down.has(replica.storageDeployment.id)) return []
  const { bucket, lag, serving, storageDeployment: store } = replica
  const copy = name(copyName(replica))
  const own = { id: `replica:${replica.id}`, href: bucketHref(bucket.name), act: 'Open', since: null }
  if (lag.heldDeletes > 0) {
    const one = lag.heldDeletes === 1
    const what = say`${plural(lag.heldDeletes, 'delete')} of ${name(bucket.name)} on ${copy} ${one ? 'waits' : 'wait'} for your order`
    const late = serving ? '' : ' It is late by now and serves nothing.'
    const why = `More than the policy delete_brake lets go by itself. Resync the copy and allow deletes if ${one ? 'it was' : 'they were'} meant.${late}`
    const href = resyncHref(bucket.name, store.name)
    return [{ ...own, glyph: 'lag', tone: 'warn', what, why, href, act: 'Decide', harm: serving ? 7 : 6 }]
  }
  if (isTold) return []
  if (replica.state === 'FAILED') {
    const what = say`The copy of ${name(bucket.name)} on ${copy} failed`
    const why = causeSentences(replica) ?? 'It is tried again.'
    return [{ ...own, glyph: 'fail', tone: 'bad', what, why, harm: 4 }]
  }
  const isLate = !uncalled.has(store.id) || replica.causes.length > 0
  if (replica.state === 'LAGGING' && !serving && isLate) {
    const what = say`${name(bucket.name)} is late on ${copy}`
    const late = `${plural(lag.objects, 'object')} behind: it serves nothing until it has caught up.`
    return [{ ...own, glyph: 'lag', tone: 'warn', what, why: causeSentences(replica) ?? late, harm: 7 }]
  }
  return []
}
