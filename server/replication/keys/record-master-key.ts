// A dirty key of the master itself: what FaDO knows of the object is made true.
import type { BucketFacts, CopyOfKey } from '../../db/copies/copies.ts'
import { replicasOf } from '../../db/copies/replica.ts'
import { markFound } from '../../db/queue/dirty-objects.ts'
import { sweepSoon } from '../../db/queue/sweeps.ts'
import { listedOnly } from '../../storage/hidden-keys.ts'
import { confirmOverwrite, stopUnlessRecorded } from '../stores/master-bucket.ts'
import { evidenceOf } from '../stores/master-evidence.ts'
import type { Store } from '../stores/stores.ts'
import type { KeyDeps, KeyEnd, KeyRun } from './key-work.ts'
import { wentBack } from './went-back.ts'

/** The bucket is not the master's. */
const elsewhere: KeyEnd = { end: 'later', seconds: 1 }

export async function recordMasterKey(deps: KeyDeps, run: KeyRun, { bucket, record }: CopyOfKey): Promise<KeyEnd> {
  const { key, mayDelete, bulk } = run.claim
  const master = await deps.stores.get(bucket.masterStorageId)
  const head = await master.driver.head(bucket.masterBucket, key, { signal: run.signal })
  const found = head ?? (await listedOnly(master.driver, bucket.masterBucket, key, run.signal))
  if (found === null) {
    if ((await run.park(stopUnlessRecorded(deps, bucket, master, run.signal))) === null) return elsewhere
    // What is known of it tells whether the master went backwards: it stays until that is known.
    const isUntold = record !== null && !mayDelete && !bulk
    if (bucket.unjudged || (isUntold && (await run.park(isAway(deps, run, bucket, master)))))
      return { end: 'later', seconds: 0.5 }
    await deps.statements.record({ bucketId: bucket.id, key, seen: null })
    // What a look at the master marked in bulk its copies were told by that look, counted by the brake.
    if (!mayDelete && !bulk) await tellCopies(deps, bucket.id, key)
    return { end: 'done' }
  }
  if (wentBack({ serverDate: head?.serverDate ?? null, ...found }, { bucket, record, journal: null }))
    return leaveToSweep(deps, bucket)
  // A bucket that somebody made in its place must not be recorded: it would pass for the master's by what is recorded of it.
  const known = await deps.statements.knownEtag({ bucketId: bucket.id, key })
  const overwrites = known !== null && known !== found.etag
  if (overwrites && !(await run.park(confirmOverwrite(deps, bucket, master, run.signal)))) return elsewhere
  const { size, etag, lastModified } = found
  const contentType = head?.metadata['content-type'] ?? null
  await deps.statements.record({ bucketId: bucket.id, key, seen: { size, etag, lastModified, contentType } })
  return { end: 'done' }
}

const isAway = async (deps: KeyDeps, run: KeyRun, bucket: BucketFacts, master: Store): Promise<boolean> =>
  (await evidenceOf(deps, bucket.id, master, run.signal)).evidence === 'away'

/** Only a look at the whole master may decide whether it went backwards. */
async function leaveToSweep({ pool }: KeyDeps, bucket: BucketFacts): Promise<KeyEnd> {
  await sweepSoon(pool, bucket.id, bucket.masterStorageId)
  return { end: 'untold' }
}

/**
 * Nobody told that it went. A copy made before may have it still, and once there is neither object nor record no look at the
 * master would find that out.
 */
async function tellCopies({ pool }: KeyDeps, bucketId: string, key: string): Promise<void> {
  const storageIds = (await replicasOf(pool, bucketId)).map(({ storageId }) => storageId)
  await markFound(pool, { bucketId, storageIds, bulk: false }, [{ key, size: null, since: null, mayDelete: false }])
}
