// Buckets of whose changes nobody tells, or nobody who is believed: they are looked at in turns, and what changed between two looks
// is not known yet.
import type {
  BucketPartsFragment,
  BucketSweepsQuery,
  EventSource,
  EventsState,
} from '../../graphql/generated/operations.ts'
import { unprovenInterval, untoldInterval } from '../../server/domain/replica/sweep-interval.ts'
import { duration, plural, roughly } from './format.ts'
import { name, type Parts, say } from './parts.ts'

type Store = { readonly eventSource: EventSource }
export const sendsNoEvents = (store: Store): boolean => store.eventSource === 'SWEEP'

/** For how many seconds a change may be unknown. */
function turnOf(bucket: Pick<BucketPartsFragment, 'policies'>): number {
  const staleness = bucket.policies.find((policy) => policy.name === 'max_staleness')?.value
  return typeof staleness === 'number' ? untoldInterval(staleness) : unprovenInterval
}

/** " as of 12 s ago", where that is all that is known; else nothing. */
export function asOf({ master }: Pick<BucketPartsFragment, 'master'>, now: Date): string {
  if (master.events.state === 'BELIEVED' || master.lastVerifiedAt === null) return ''
  const seconds = (now.getTime() - new Date(master.lastVerifiedAt).getTime()) / 1000
  return seconds < 2 ? ' as of now' : ` as of ${roughly(seconds)} ago`
}

const why: Readonly<Record<Exclude<EventsState, 'BELIEVED'>, (store: string) => Parts>> = {
  NONE: (store) => say`${name(store)} sends no events: it is looked at in turns`,
  UNHEARD: (store) =>
    say`No event of this bucket ever arrived from ${name(store)}: until the first it is looked at in turns`,
  SILENT: (store) =>
    say`${name(store)} did not tell of changes in this bucket, so its events are not believed until the next one: it is looked at in turns`,
}

/** What it means for a bucket that nobody tells of its changes, or nobody who is believed; null when somebody does. */
export function sweepSentence(bucket: Pick<BucketPartsFragment, 'master' | 'policies'>): Parts | null {
  const { events, storageDeployment: store } = bucket.master
  if (events.state === 'BELIEVED') return null
  return say`${why[events.state](store.name)}, and a change is found within ${duration(turnOf(bucket))}, half of ${name('max_staleness')}.`
}

type Sweep = NonNullable<BucketSweepsQuery['bucket']>['sweeps'][number]

/** "Every 6 h, next in 2 h." */
export function turnWords({ everySeconds, nextAt }: Sweep, now: Date): string {
  const left = nextAt === null ? 0 : (new Date(nextAt).getTime() - now.getTime()) / 1000
  return `Every ${duration(everySeconds)}, next ${left < 2 ? 'now' : `in ${roughly(left)}`}.`
}

/** What all looks at a bucket cost once they have found nothing for long. */
export const requestWords = (sweeps: readonly Sweep[]): string =>
  `at most ${plural(Math.ceil(sweeps.reduce((sum, { requestsPerDay }) => sum + requestsPerDay, 0)), 'request')} a day at this pace`

/** What is said of a store that was just added. */
export const noEventsWords = (store: Store): readonly Parts[] =>
  sendsNoEvents(store)
    ? [say`It sends no events: its buckets are looked at in turns, within half of ${name('max_staleness')}.`]
    : []
