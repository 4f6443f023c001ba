// A dirty key of the master itself: what FaDO knows of the object is made true.
import type { BucketFacts } from '../../db/copies/copies.ts'
import { knownEtag, recordObject } from '../../db/copies/object-records.ts'
import { listedOnly } from '../../storage/hidden-keys.ts'
import { confirmOverwrite, stopUnlessRecorded } from '../stores/master-bucket.ts'
import type { KeyDeps, KeyEnd, KeyRun } from './key-work.ts'

/** The bucket is not the master's. */
const elsewhere: KeyEnd = { end: 'later', seconds: 1 }

export async function recordMasterKey(deps: KeyDeps, run: KeyRun, bucket: BucketFacts): Promise<KeyEnd> {
  const { key } = run.claim
  const master = await deps.stores.get(bucket.masterStorageId)
  const head = await master.driver.head(bucket.masterBucket, key, { signal: run.signal })
  const found = head ?? (await listedOnly(master.driver, bucket.masterBucket, key, run.signal))
  if (found === null) {
    if ((await run.park(stopUnlessRecorded(deps, bucket, master, run.signal))) === null) return elsewhere
    await recordObject(deps.pool.lazily, bucket.id, key, null)
    return { end: 'done' }
  }
  // A bucket that somebody made in its place must not be recorded: it would pass for the master's by what is recorded of it.
  const known = await knownEtag(deps.pool, bucket.id, key)
  const overwrites = known !== null && known !== found.etag
  if (overwrites && !(await run.park(confirmOverwrite(deps, bucket, master, run.signal)))) return elsewhere
  const { size, etag, lastModified } = found
  await recordObject(deps.pool.lazily, bucket.id, key, {
    size,
    etag,
    lastModified,
    contentType: head?.metadata['content-type'] ?? null,
  })
  return { end: 'done' }
}
