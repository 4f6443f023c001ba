// Makes a replica's bucket on its store, or finds that it is there. One that FaDO did not make is never used.

import type { BucketFacts, ReplicaFacts } from '../../db/copies/copies.ts'
import { forgetForeignBucket, recordForeignBucket } from '../../db/copies/foreign-buckets.ts'
import { countOurs, sampleOurs } from '../../db/copies/journal-counts.ts'
import { hasMovingDates } from '../../db/copies/moving-dates.ts'
import { observe, recordCreateSent } from '../../db/copies/replica.ts'
import { beginTakeover, dropTakeover, takeoverOf } from '../../db/copies/takeovers.ts'
import { databaseNow } from '../../db/core/clock.ts'
import { hasRecordedDate, mostKnown } from '../../domain/same-bucket.ts'
import { isMadeByCall } from '../../storage/made-by-call.ts'
import { StorageError } from '../../storage/storage-error.ts'
import { Interrupted } from '../interrupted.ts'
import { type BucketIdentity, createdOf, identify } from '../stores/bucket-identity.ts'
import type { Store } from '../stores/stores.ts'
import type { TaskDeps, TaskRun } from './task-work.ts'

/**
 * Whether the bucket under the replica's name is the recorded one, asked after this call. An empty one of which nothing is
 * known is ours only where dates are known to move: it is not for FaDO to fill what somebody else made (I9).
 */
export async function identifyReplica(
  deps: TaskDeps,
  replica: ReplicaFacts,
  store: Store,
  signal: AbortSignal,
): Promise<Exclude<BucketIdentity, { is: 'untold' }>> {
  const known = () => sampleOurs(deps.pool, replica.id, mostKnown)
  const recorded = { bucket: replica.bucketName, createdOn: replica.createdOn, known }
  const identity = await identify(deps, store, recorded, signal)
  if (identity.is !== 'untold') return identity
  const { createdOn, isEmpty } = identity
  return isEmpty && (await hasMovingDates(deps.pool, store.id)) ? { is: 'moved', createdOn } : { is: 'other' }
}

const isOurs = ({ is }: BucketIdentity): boolean => is === 'same' || is === 'moved'

/** Is a bucket that is there under this replica's name the one that FaDO made? */
export async function isOurBucket(
  deps: TaskDeps,
  replica: ReplicaFacts,
  store: Store,
  serverDate: number | null,
  signal: AbortSignal,
): Promise<boolean> {
  if (replica.createSentAt === null) return false
  if (replica.createdOn !== null) {
    return isOurs(await identifyReplica(deps, replica, store, signal))
  }
  if (['syncing', 'complete', 'deleting'].includes(replica.observed)) return true
  if ((await countOurs(deps.pool, replica.id)) > 0) return true
  const createdAt = await createdOf(deps, store, replica.bucketName, signal)
  if (createdAt === null) return false
  const now = await databaseNow(deps.pool)
  const seen = { createdAt, serverDate, now, sentAt: replica.createSentAt, signal }
  return isMadeByCall(store.driver, replica.bucketName, seen)
}

const guardOf = ({ id, epoch, generation }: ReplicaFacts) => ({ replicaId: id, epoch, generation })

/** Makes the bucket that a user gave to FaDO the copy's. False: another one lies there by now. */
async function takeOver(
  deps: TaskDeps,
  replica: ReplicaFacts,
  store: Store,
  createdOn: number,
  signal: AbortSignal,
): Promise<boolean> {
  const now = await createdOf(deps, store, replica.bucketName, signal)
  if (now === null) return false
  if (!hasRecordedDate(now, createdOn) && !(await hasMovingDates(deps.pool, store.id))) return false
  const begun = await deps.pool.transaction((tx) => beginTakeover(tx, guardOf(replica), now))
  if (!begun) throw new Interrupted('not-allowed')
  return true
}

async function create(deps: TaskDeps, run: TaskRun, replica: ReplicaFacts, store: Store): Promise<void> {
  const guard = guardOf(replica)
  const sent = await deps.pool.transaction(async (tx) => {
    if (!(await recordCreateSent(tx, guard))) return false
    await dropTakeover(tx, replica.id)
    await observe(tx, replica.id, 'create')
    return true
  })
  if (!sent) throw new Interrupted('not-allowed')
  const unwatch = deps.guard.watch(guard, run.abort)
  try {
    await store.driver.createBucket(replica.bucketName, { signal: run.signal })
  } finally {
    unwatch()
  }
}

async function foreign(deps: TaskDeps, replica: ReplicaFacts): Promise<'foreign'> {
  await deps.pool.transaction((tx) => recordForeignBucket(tx, replica.id))
  return 'foreign'
}

/** `foreign`: it is in the way, which is written down. Afterwards the replica's keys may be worked on. */
export async function ensureBucket(
  deps: TaskDeps,
  run: TaskRun,
  { bucket, replica }: { readonly bucket: BucketFacts; readonly replica: ReplicaFacts },
  store: Store,
): Promise<'ready' | 'foreign' | 'unclear'> {
  const { signal } = run
  const head = await store.driver.headBucket(replica.bucketName, { signal })
  if (head !== null) {
    const given = replica.createSentAt === null ? await takeoverOf(deps.pool, bucket.id, store.id) : null
    const ours =
      given === null
        ? await isOurBucket(deps, replica, store, head.serverDate, signal)
        : await takeOver(deps, replica, store, given, signal)
    if (!ours) return foreign(deps, replica)
  } else {
    try {
      await create(deps, run, replica, store)
    } catch (error) {
      // It is there by now: the next look says whose it is.
      if (error instanceof StorageError && error.kind === 'conflict') return 'unclear'
      throw error
    }
  }
  await deps.pool.transaction(async (tx) => {
    await forgetForeignBucket(tx, { storageId: replica.storageId, bucketName: replica.bucketName })
    await observe(tx, replica.id, 'created')
  })
  return 'ready'
}
