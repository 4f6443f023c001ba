// What a user's order changed at a master is known at once: its record, and its key marked for the copies.
import { recordedEtag } from '../../db/catalogue/object-page.ts'
import type { CatalogueTx } from '../../db/core/client.ts'
import { markObjects } from '../../db/queue/dirty-objects.ts'
import { recordObjects } from '../../db/queue/record-objects.ts'
import type { ObjectHead } from '../../storage/storage-values.ts'
import type { ServiceDeps } from '../shared/deps.ts'
import { type Master, recordedMaster } from './master-access.ts'

/**
 * Whether what was seen may be recorded here. An object of a bucket that somebody made in the master's place must not be, for
 * that bucket would pass for the recorded one by it: where that is not sure the mover decides, which asks the store more closely.
 */
export async function mayRecord(deps: ServiceDeps, master: Master, head: ObjectHead): Promise<boolean> {
  const known = await recordedEtag(deps.pool, master.bucket.id, head.key)
  if (known === undefined || known === head.etag) return true
  return (await recordedMaster(deps, master)) === 'recorded'
}

/** `record` false: the mover looks at it first. */
export async function tellWritten(tx: CatalogueTx, bucketId: string, head: ObjectHead, record: boolean): Promise<void> {
  const { key, size, etag, lastModified, metadata } = head
  const contentType = metadata['content-type'] ?? null
  if (record) await recordObjects(tx, [{ bucketId, key, seen: { size, etag, lastModified, contentType } }])
  await markObjects(tx, [{ bucketId, key, size, removed: false }])
  tx.changed('bucket', [bucketId])
}

export async function tellDeleted(tx: CatalogueTx, bucketId: string, keys: readonly string[]): Promise<void> {
  if (keys.length === 0) return
  await recordObjects(
    tx,
    keys.map((key) => ({ bucketId, key, seen: null })),
  )
  await markObjects(
    tx,
    keys.map((key) => ({ bucketId, key, removed: true })),
  )
  tx.changed('bucket', [bucketId])
}
