// The last copy comes before the clean-up (I2): a replica is evicted only after another copy that stays was listed whole and
// was seen to hold every key of it that is not deleted at the master.
import type { BucketFacts, ReplicaFacts } from '../../db/copies/copies.ts'
import { copiesInSync } from '../../db/copies/evictions.ts'
import { countOurs } from '../../db/copies/journal-counts.ts'
import { isOurs } from '../../db/copies/journal-row.ts'
import { loadMoverPolicies } from '../../db/copies/mover-policies.ts'
import { recordedKeys } from '../../db/copies/object-records.ts'
import { readJournal } from '../../db/copies/read-journal.ts'
import type { LastCopyDoubt } from '../../domain/trouble/trouble.ts'
import { headHidden } from '../../storage/hidden-keys.ts'
import { StorageError } from '../../storage/storage-error.ts'
import type { ListedObject } from '../../storage/storage-values.ts'
import { evidenceOf } from '../stores/master-evidence.ts'
import type { Store } from '../stores/stores.ts'
import { isBraked } from './brake.ts'
import { openMaster } from './master-listing.ts'
import { mergeJoin } from './merge-join.ts'
import type { TaskDeps, TaskRun } from './task-work.ts'

type Subject = { readonly bucket: BucketFacts; readonly replica: ReplicaFacts; readonly ours: number }

/** Keys of the replica that this listing lacks, as the journal has them. */
async function* missingIn(
  deps: TaskDeps,
  replica: ReplicaFacts,
  listing: AsyncIterable<readonly ListedObject[]>,
): AsyncGenerator<string> {
  for await (const { key, a, b } of mergeJoin(listing, readJournal(deps.pool, replica.id, 0)))
    if (a === undefined && b !== undefined && isOurs(b)) yield key
}

/** Null: the master is whole. Else why that cannot be shown. */
async function askMaster(
  deps: TaskDeps,
  run: TaskRun,
  { bucket, replica, ours }: Subject,
  master: Store,
): Promise<LastCopyDoubt | null> {
  const { signal } = run
  const { evidence } = await evidenceOf(deps, bucket.id, master, signal)
  if (bucket.masterStop === 'regressed' || evidence === 'away') return { because: 'unjudged', master: master.name }
  if ((await openMaster(deps, bucket, master, signal)) === null)
    return { because: 'bucket_missing', master: master.name }
  let missing = 0
  for await (const key of missingIn(deps, replica, master.driver.list(bucket.masterBucket, { signal }))) {
    if ((await headHidden(master.driver, bucket.masterBucket, key, signal)) === null) missing++
  }
  const { deleteBrake } = await loadMoverPolicies(deps.pool, bucket.id)
  if (!isBraked(missing, ours, deleteBrake)) return null
  return { because: 'objects_missing', master: master.name, count: missing }
}

/** Whether a replica in sync has every key that the master is known to have. */
async function hasAll(deps: TaskDeps, run: TaskRun, { bucket, replica }: Subject, storageId: string, name: string) {
  const { driver } = await deps.stores.get(storageId)
  const { signal } = run
  for await (const key of missingIn(deps, replica, driver.list(name, { signal }))) {
    if ((await recordedKeys(deps.pool, bucket.id, [key])).length === 0) continue // deleted at the master
    if ((await driver.head(name, key, { signal })) === null) return false
  }
  return true
}

/** Null: another whole copy was seen. Else why none could be shown, so that this one is kept. */
export async function proveOtherCopy(
  deps: TaskDeps,
  run: TaskRun,
  subject: { readonly bucket: BucketFacts; readonly replica: ReplicaFacts },
): Promise<LastCopyDoubt | null> {
  const { bucket, replica } = subject
  const ours = await countOurs(deps.pool, replica.id)
  if (ours === 0) return null
  const master = await deps.stores.get(bucket.masterStorageId)
  const doubt = await askMaster(deps, run, { ...subject, ours }, master).catch((error: unknown): LastCopyDoubt => {
    if (!(error instanceof StorageError) || error.kind === 'aborted') throw error
    return { because: 'not_listed', master: master.name }
  })
  if (doubt === null) return null
  for (const { storageId, bucketName } of await copiesInSync(deps.pool, bucket.id, replica.storageId)) {
    try {
      if (await hasAll(deps, run, { ...subject, ours }, storageId, bucketName)) return null
    } catch (error) {
      if (!(error instanceof StorageError) || error.kind === 'aborted') throw error
    }
  }
  return doubt
}
