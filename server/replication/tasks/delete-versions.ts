// Versions go one by one, for ever. What a retention or a legal hold keeps is counted, with its end.
import type { ObjectVersion, Retention } from '../../storage/object-version.ts'
import { forEachOf } from '../for-each-of.ts'
import type { Store } from '../stores/stores.ts'
import { againIn, type TaskDeps } from './task-work.ts'

/** Times are milliseconds by the store's clock. */
export type KeptByRetention = {
  readonly versions: number
  /** When the first of them may go and when the last; null when only legal holds keep them. */
  readonly firstEnd: number | null
  readonly lastEnd: number | null
  /** How many of them a legal hold keeps, until somebody lifts it. */
  readonly holds: number
}

export const nothingKept: KeptByRetention = { versions: 0, firstEnd: null, lastEnd: null, holds: 0 }

export function addKept(a: KeptByRetention, b: KeptByRetention): KeptByRetention {
  const ends = (pick: (...all: number[]) => number, ...all: (number | null)[]) => {
    const known = all.filter((end) => end !== null)
    return known.length === 0 ? null : pick(...known)
  }
  return {
    versions: a.versions + b.versions,
    firstEnd: ends(Math.min, a.firstEnd, b.firstEnd),
    lastEnd: ends(Math.max, a.lastEnd, b.lastEnd),
    holds: a.holds + b.holds,
  }
}

const keptBy = ({ until, legalHold }: Retention): KeptByRetention =>
  legalHold
    ? { versions: 1, firstEnd: null, lastEnd: null, holds: 1 }
    : { versions: 1, firstEnd: until, lastEnd: until, holds: 0 }

/** `versions` are of one key, newest first: the oldest goes first, so that none is uncovered on the way. */
export async function deleteVersions(
  { driver }: Store,
  bucket: string,
  versions: readonly ObjectVersion[],
  signal: AbortSignal,
): Promise<KeptByRetention> {
  let kept = nothingKept
  for (const { key, versionId } of versions.toReversed()) {
    const retention = await driver.deleteVersion(bucket, key, versionId, { signal })
    if (retention !== null) kept = addKept(kept, keptBy(retention))
  }
  return kept
}

/** All versions of one key, newest first. */
export async function versionsOf(
  { driver }: Store,
  bucket: string,
  key: string,
  signal: AbortSignal,
): Promise<ObjectVersion[]> {
  const found: ObjectVersion[] = []
  for await (const page of driver.listVersions(bucket, { prefix: key, signal })) {
    const own = page.filter((version) => version.key === key)
    found.push(...own)
    if (own.length < page.length) return found // a key comes before those that it is a prefix of
  }
  return found
}

/**
 * One pass over all keys of a bucket that keeps versions: what `choose` takes of each goes. `deleted`: another pass may
 * find more, as stores may hide `f/g` while there is an `f`.
 */
export async function deletePass(
  deps: Pick<TaskDeps, 'limits'>,
  store: Store,
  bucket: string,
  choose: (ofKey: readonly ObjectVersion[]) => readonly ObjectVersion[],
  signal: AbortSignal,
): Promise<{ readonly kept: KeptByRetention; readonly deleted: number; readonly left: number }> {
  let kept = nothingKept
  let deleted = 0
  let left = 0
  async function work(groups: readonly (readonly ObjectVersion[])[]): Promise<void> {
    await forEachOf(groups, deps.limits.perTask, async (ofKey) => {
      const doomed = choose(ofKey)
      const still = await deleteVersions(store, bucket, doomed, signal)
      kept = addKept(kept, still)
      deleted += doomed.length - still.versions
      left += ofKey.length - doomed.length
    })
  }
  // The last key of a page may go on in the next.
  let open: ObjectVersion[] = []
  for await (const page of store.driver.listVersions(bucket, { signal })) {
    const groups = [...Map.groupBy([...open, ...page], ({ key }) => key).values()]
    open = groups.pop() ?? []
    await work(groups)
    signal.throwIfAborted()
  }
  if (open.length > 0) await work([open])
  return { kept, deleted, left }
}

/** When to try again: at the first end, and now and then before it, for a retention may be shortened and a hold lifted. */
export function afterRetention(
  store: string,
  kept: KeptByRetention,
  { sweepMinS, keptMaxS }: TaskDeps['times'],
  now: number,
) {
  const { versions, firstEnd, lastEnd, holds } = kept
  const seconds = firstEnd === null ? keptMaxS : (firstEnd - now) / 1000 + 1
  const trouble = { kind: 'versions_kept', store, versions, lastEnd, holds } as const
  return againIn(Math.min(keptMaxS, Math.max(sweepMinS, seconds)) * 1000, trouble)
}
