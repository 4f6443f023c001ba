// Stores that send no events: their buckets are looked at in turns, and what changed between two looks is not known yet.
import type { BucketPartsFragment, EventSource } from '../../graphql/generated/operations.ts'
import { longestInterval, sweepInterval } from '../../server/domain/replica/sweep-interval.ts'
import { duration, roughly } from './format.ts'
import { name, type Parts, say } from './parts.ts'

type Store = { readonly eventSource: EventSource }
export const sendsNoEvents = (store: Store): boolean => store.eventSource === 'SWEEP'

/** For how many seconds a change may be unknown. */
function turnOf(bucket: Pick<BucketPartsFragment, 'policies'>): number {
  const staleness = bucket.policies.find((policy) => policy.name === 'max_staleness')?.value
  return typeof staleness === 'number' ? sweepInterval({ hasEvents: false, maxStaleness: staleness }) : longestInterval
}

/** " as of 12 s ago", where that is all that is known; else nothing. */
export function asOf({ master }: Pick<BucketPartsFragment, 'master'>, now: Date): string {
  if (!sendsNoEvents(master.storageDeployment) || master.lastVerifiedAt === null) return ''
  const seconds = (now.getTime() - new Date(master.lastVerifiedAt).getTime()) / 1000
  return seconds < 2 ? ' as of now' : ` as of ${roughly(seconds)} ago`
}

/** What it means for a bucket that its master's store sends no events; null when it does. */
export function sweepSentence(bucket: Pick<BucketPartsFragment, 'master' | 'policies'>): Parts | null {
  const store = bucket.master.storageDeployment
  if (!sendsNoEvents(store)) return null
  return say`${name(store.name)} sends no events: it is looked at in turns, and a change is found within ${duration(turnOf(bucket))}, half of ${name('max_staleness')}.`
}

/** What is said of a store that was just added. */
export const noEventsWords = (store: Store): readonly Parts[] =>
  sendsNoEvents(store)
    ? [say`It sends no events: its buckets are looked at in turns, within half of ${name('max_staleness')}.`]
    : []
