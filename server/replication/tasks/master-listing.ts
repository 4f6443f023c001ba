// What a look at a whole master needs to know of its start.

import type { BucketFacts } from '../../db/copies/copies.ts'
import { databaseNow } from '../../db/core/clock.ts'
import { stopUnlessRecorded } from '../stores/master-bucket.ts'
import type { MasterEvidence } from '../stores/master-evidence.ts'
import type { Store } from '../stores/stores.ts'
import type { TaskDeps } from './task-work.ts'

export type MasterLook = {
  /** When it began, in milliseconds by PostgreSQL's clock. */
  readonly startedAt: number
  /** How far the store's clock is ahead of PostgreSQL's; 0 when it does not tell. */
  readonly aheadMs: number
  readonly createdOn: number
}

/** Null: the bucket is missing or another one, or went backwards, so it may not be compared with. */
export async function openMaster(
  deps: TaskDeps,
  bucket: BucketFacts,
  master: Store,
  signal: AbortSignal,
): Promise<MasterLook | null> {
  return bucket.masterStop === 'regressed' ? null : lookAtMaster(deps, bucket, master, signal)
}

/** Null: the bucket is missing or another one. */
export async function lookAtMaster(
  deps: TaskDeps,
  bucket: BucketFacts,
  master: Store,
  signal: AbortSignal,
): Promise<MasterLook | null> {
  const startedAt = await databaseNow(deps.pool)
  const createdOn = await stopUnlessRecorded(deps, bucket, master, signal)
  if (createdOn === null) return null
  const serverDate = (await master.driver.headBucket(bucket.masterBucket, { signal }))?.serverDate ?? null
  return { startedAt, createdOn, aheadMs: serverDate === null ? 0 : serverDate - startedAt }
}

/** When the store's process began, by the store's clock; null: it does not tell. */
export const storeBegan = (
  { aheadMs }: MasterLook,
  { processBegan }: Pick<MasterEvidence, 'processBegan'>,
): number | null => (processBegan === null ? null : processBegan + aheadMs)

/** What went from the master, though nobody told, went later: it was looked at whole, or its events were watched. */
export const lastWhole = (
  { watchedUntil }: Pick<BucketFacts, 'watchedUntil'>,
  lastLook: number | null,
): number | null => (lastLook === null ? null : Math.max(lastLook, watchedUntil ?? 0))

/**
 * Since when a change that a listing shows can be known, in milliseconds by PostgreSQL's clock: the later of the last whole
 * look and the object's own time. Null: now.
 */
export function knownSince(
  lastLook: number | null,
  lastModified: number | null,
  { aheadMs }: Pick<MasterLook, 'aheadMs'>,
): number | null {
  if (lastModified === null) return lastLook
  // A store's Date header tells whole seconds.
  return Math.max(lastLook ?? 0, lastModified - aheadMs)
}
