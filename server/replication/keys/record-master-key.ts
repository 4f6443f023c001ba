// A dirty key of the master itself: what FaDO knows of the object is made true.
import type { BucketFacts } from '../../db/copies/copies.ts'
import { knownEtag, recordObject } from '../../db/copies/object-records.ts'
import { confirmMaster } from '../stores/master-bucket.ts'
import type { KeyDeps, KeyEnd, KeyRun } from './key-work.ts'

export async function recordMasterKey(deps: KeyDeps, run: KeyRun, bucket: BucketFacts): Promise<KeyEnd> {
  const { key } = run.claim
  const master = await deps.stores.get(bucket.masterStorageId)
  const head = await master.driver.head(bucket.masterBucket, key, { signal: run.signal })
  // A bucket that somebody made in its place must not be recorded: it would be known for the master by what is recorded of it.
  const known = await knownEtag(deps.pool, bucket.id, key)
  if (head === null || (known !== null && known !== head.etag)) {
    const there = await run.park(confirmMaster(deps, bucket, master, run.signal))
    if (there === null) return { end: 'later', seconds: 1 }
  }
  if (head === null) {
    await recordObject(deps.pool.lazily, bucket.id, key, null)
    return { end: 'done' }
  }
  const { size, etag, lastModified, metadata } = head
  await recordObject(deps.pool.lazily, bucket.id, key, {
    size,
    etag,
    lastModified,
    contentType: metadata['content-type'] ?? null,
  })
  return { end: 'done' }
}
