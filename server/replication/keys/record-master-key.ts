// A dirty key of the master itself: what FaDO knows of the object is made true.
import type { BucketFacts } from '../../db/copies/copies.ts'
import { replicasOf } from '../../db/copies/replica.ts'
import { markFound } from '../../db/queue/dirty-objects.ts'
import { listedOnly } from '../../storage/hidden-keys.ts'
import { confirmOverwrite, stopUnlessRecorded } from '../stores/master-bucket.ts'
import type { KeyDeps, KeyEnd, KeyRun } from './key-work.ts'

/** The bucket is not the master's. */
const elsewhere: KeyEnd = { end: 'later', seconds: 1 }

export async function recordMasterKey(deps: KeyDeps, run: KeyRun, bucket: BucketFacts): Promise<KeyEnd> {
  const { key, mayDelete, bulk } = run.claim
  const master = await deps.stores.get(bucket.masterStorageId)
  const head = await master.driver.head(bucket.masterBucket, key, { signal: run.signal })
  const found = head ?? (await listedOnly(master.driver, bucket.masterBucket, key, run.signal))
  if (found === null) {
    if ((await run.park(stopUnlessRecorded(deps, bucket, master, run.signal))) === null) return elsewhere
    await deps.statements.record({ bucketId: bucket.id, key, seen: null })
    // What a look at the master marked in bulk its copies were told by that look, counted by the brake.
    if (!mayDelete && !bulk) await tellCopies(deps, bucket.id, key)
    return { end: 'done' }
  }
  // A bucket that somebody made in its place must not be recorded: it would pass for the master's by what is recorded of it.
  const known = await deps.statements.knownEtag({ bucketId: bucket.id, key })
  const overwrites = known !== null && known !== found.etag
  if (overwrites && !(await run.park(confirmOverwrite(deps, bucket, master, run.signal)))) return elsewhere
  const { size, etag, lastModified } = found
  const contentType = head?.metadata['content-type'] ?? null
  await deps.statements.record({ bucketId: bucket.id, key, seen: { size, etag, lastModified, contentType } })
  return { end: 'done' }
}

/**
 * Nobody told that it went. A copy made before may have it still, and once there is neither object nor record no look at the
 * master would find that out.
 */
async function tellCopies({ pool }: KeyDeps, bucketId: string, key: string): Promise<void> {
  const storageIds = (await replicasOf(pool, bucketId)).map(({ storageId }) => storageId)
  await markFound(pool, { bucketId, storageIds, bulk: false }, [{ key, size: null, since: null, mayDelete: false }])
}
