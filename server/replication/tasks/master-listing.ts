// The master as a whole may be compared with only if its bucket is the recorded one.
import type { BucketFacts } from '../../db/copies.ts'
import { databaseNow } from '../../db/copies.ts'
import { masterMissing, masterReplaced, setMasterCause } from '../../db/master-observations.ts'
import type { Store } from '../stores.ts'
import { type TaskDeps, tellAll } from './task-work.ts'

export type MasterLook = {
  /** When it began, in milliseconds by PostgreSQL's clock. */
  readonly startedAt: number
  /** How far the store's clock is ahead of PostgreSQL's; 0 when it does not tell. */
  readonly aheadMs: number
  readonly createdOn: number
}

/** Two buckets of one name are never made within the same millisecond; stores and our column round. */
const sameDateMs = 2

/** Null: the bucket is missing or another one; that is written down. */
export async function openMaster(
  deps: TaskDeps,
  bucket: BucketFacts,
  master: Store,
  signal: AbortSignal,
): Promise<MasterLook | null> {
  const startedAt = await databaseNow(deps.pool)
  const head = await master.driver.headBucket(bucket.masterBucket, { signal })
  const createdOn = head === null ? null : await master.driver.bucketCreatedAt(bucket.masterBucket, { signal })
  const recorded = bucket.masterCreatedOn
  const cause =
    head === null || createdOn === null
      ? masterMissing(master.name, bucket.masterBucket)
      : recorded !== null && Math.abs(createdOn - recorded) >= sameDateMs
        ? masterReplaced(master.name, bucket.masterBucket)
        : null
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
