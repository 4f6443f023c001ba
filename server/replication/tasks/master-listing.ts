// The master as a whole may be compared with only if its bucket is the recorded one.
import type { BucketFacts } from '../../db/copies.ts'
import { databaseNow } from '../../db/copies.ts'
import { masterMissing, masterReplaced, setMasterCause } from '../../db/master-observations.ts'
import { orInterrupted } from '../shared-answers.ts'
import type { Store } from '../stores.ts'
import { type TaskDeps, tellAll } from './task-work.ts'

export type MasterLook = {
  /** When it began, in milliseconds by PostgreSQL's clock. */
  readonly startedAt: number
  /** How far the store's clock is ahead of PostgreSQL's; 0 when it does not tell. */
  readonly aheadMs: number
  readonly createdOn: number
}

/** Null: the store has no such bucket. */
export async function createdOf(
  { creationDates }: Pick<TaskDeps, 'creationDates'>,
  { id, driver }: Store,
  bucket: string,
  signal: AbortSignal,
): Promise<number | null> {
  const dates = creationDates(id, async () => {
    const buckets = await driver.listBuckets()
    return new Map(buckets.map(({ name, createdAt }) => [name, createdAt]))
  })
  return (await orInterrupted(dates, signal)).get(bucket) ?? null
}

/** Is this the bucket that was recorded? Two of one name are never made in the same moment; stores and our column round. */
export const isSameBucket = (createdOn: number, recorded: number | null): boolean =>
  recorded === null || Math.abs(createdOn - recorded) < 2

/** Null: the bucket is missing or another one; that is written down. */
export async function openMaster(
  deps: TaskDeps,
  bucket: BucketFacts,
  master: Store,
  signal: AbortSignal,
): Promise<MasterLook | null> {
  const startedAt = await databaseNow(deps.pool)
  const head = await master.driver.headBucket(bucket.masterBucket, { signal })
  const createdOn = head === null ? null : await createdOf(deps, master, bucket.masterBucket, signal)
  const cause =
    head === null || createdOn === null
      ? masterMissing(master.name, bucket.masterBucket)
      : isSameBucket(createdOn, bucket.masterCreatedOn)
        ? null
        : masterReplaced(master.name, bucket.masterBucket)
  if (cause !== null || createdOn === null) {
    if (await deps.pool.transaction((sql) => setMasterCause(sql, bucket.id, cause))) tellAll(deps)
    return null
  }
  const serverDate = head?.serverDate ?? null
  return { startedAt, createdOn, aheadMs: serverDate === null ? 0 : serverDate - startedAt }
}

/**
 * Since when a change that a listing shows can be known, in milliseconds by PostgreSQL's clock: the later of the last whole
 * look and the object's own time. Null: now.
 */
export function knownSince(lastLook: number | null, lastModified: number | null, look: MasterLook): number | null {
  if (lastModified === null) return lastLook
  // A store's Date header tells whole seconds.
  return Math.max(lastLook ?? 0, lastModified - look.aheadMs)
}
