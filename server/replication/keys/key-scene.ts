// Where the work on one key takes place, and how a round of it can end.
import type { BucketFacts, CopyOfKey, ReplicaFacts, SeenVersion } from '../../db/copies/copies.ts'
import type { WriteGuard } from '../../db/copies/journal-announce.ts'
import type { JournalRow } from '../../db/copies/journal-row.ts'
import type { OtherCopies } from '../../db/copies/other-copies.ts'
import type { Place } from './carried.ts'
import type { KeyDeps, KeyEnd } from './key-work.ts'

/** `store`: its name. */
export type StorePlace = Place & { readonly storageId: string; readonly store: string }

export type Scene = {
  readonly bucket: BucketFacts
  readonly replica: ReplicaFacts
  readonly journal: JournalRow | null
  readonly undoneSeconds: number | null
  readonly record: SeenVersion | null
  /** What other copies hold of the key; null: there are none, or the key failed, and then only the master is asked. */
  readonly others: OtherCopies | null
  readonly guard: WriteGuard
  /** The master. */
  readonly source: StorePlace
  readonly target: StorePlace
  /** Of the journal's row. */
  readonly at: { readonly replicaId: string; readonly key: string; readonly epoch: number }
}

/** Something is not as it was when it was looked at: look again. */
export const again = 'again'
/** Look again, too: the store refused the write, for it has another object there than it showed. */
export const outrun = 'outrun'
/** Look again, too: the store answered that it has written or deleted the copy, and does not show it so. */
export const lost = 'lost'
export type Round = KeyEnd | typeof again | typeof outrun | typeof lost
export const done: KeyEnd = { end: 'done' }

export async function setScene(
  deps: KeyDeps,
  key: string,
  { bucket, journal, undoneSeconds, record, others }: CopyOfKey,
  replica: ReplicaFacts,
): Promise<Scene> {
  const [master, store] = await Promise.all([
    deps.stores.get(bucket.masterStorageId),
    deps.stores.get(replica.storageId),
  ])
  const { id: replicaId, epoch, generation, storageId } = replica
  return {
    bucket,
    replica,
    journal,
    undoneSeconds,
    record,
    others,
    guard: { replicaId, epoch, generation },
    source: {
      driver: master.driver,
      bucket: bucket.masterBucket,
      storageId: bucket.masterStorageId,
      store: master.name,
    },
    target: { driver: store.driver, bucket: replica.bucketName, storageId, store: store.name },
    at: { replicaId, key, epoch },
  }
}
