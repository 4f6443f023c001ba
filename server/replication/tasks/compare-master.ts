// Makes what FaDO knows of a master's objects true, and marks what no event told.
import type { BucketFacts } from '../../db/copies/copies.ts'
import type { MoverPolicies } from '../../db/copies/mover-policies.ts'
import { type ObjectRecord, readRecords, recordListed } from '../../db/copies/object-records.ts'
import { replicasOf } from '../../db/copies/replica.ts'
import { type FoundKey, markFound } from '../../db/queue/dirty-objects.ts'
import { isOlder } from '../../domain/replica/regress.ts'
import { headHidden } from '../../storage/hidden-keys.ts'
import type { ListedObject } from '../../storage/storage-values.ts'
import { evidenceOf } from '../stores/master-evidence.ts'
import type { Store } from '../stores/stores.ts'
import { batched } from './batched.ts'
import type { LookWalk } from './checkpoints.ts'
import { collectDoomed } from './doomed-keys.ts'
import { mostMasterDeletes, settleMasterDeletes } from './master-deletes.ts'
import { knownSince, lastWhole, type MasterLook } from './master-listing.ts'
import { mergeJoin } from './merge-join.ts'
import type { TaskDeps } from './task-work.ts'

/** The listing shows what is recorded. */
export const isRecorded = (listed: ListedObject, record: ObjectRecord): boolean =>
  listed.etag === record.etag &&
  listed.size === record.size &&
  Math.floor(listed.lastModified / 1000) === Math.floor(record.lastModified / 1000)

/** What a listing says otherwise than FaDO's records; not `listed`: it is gone. `less`: it is gone or older. */
type Difference = { readonly listed: ListedObject | undefined; readonly mark: FoundKey; readonly less: boolean }

type Subject = {
  readonly bucket: BucketFacts
  readonly master: Store
  readonly look: Pick<MasterLook, 'aheadMs'>
  readonly walk: LookWalk<FoundAtMaster>
  readonly policies: MoverPolicies
}

/**
 * Keys of which FaDO's record is not true, and those of them that nobody had marked: changes of which no event has told. Checkpoints
 * keep it: a change of it raises their `shape`.
 */
export type FoundAtMaster = { readonly keys: number; readonly untold: number }
export const foundNothing: FoundAtMaster = { keys: 0, untold: 0 }

/**
 * `judged`: whether it is known that the master did not go backwards, or that this is accepted. `deletes`: whether copies are told
 * of what is gone, as far as their brakes let it pass. Resolves to what was found; null: something
 * is less than it was, and nothing of that was recorded or marked: the store was away since, so the master must be judged, or this
 * look went on where another run was cut off, and what is gone is counted from the first key on.
 */
export async function compareMaster(
  deps: TaskDeps,
  { bucket, master, look, walk, policies }: Subject,
  { judged, deletes }: { readonly judged: boolean; readonly deletes: 'tell' | 'leave' },
  signal: AbortSignal,
): Promise<FoundAtMaster | null> {
  const { pool } = deps
  let believed = judged
  let doubtful = false
  const replicas = (await replicasOf(pool, bucket.id)).map(({ storageId }) => storageId)
  const doomed = collectDoomed(mostMasterDeletes)
  let { keys, untold } = walk.before ?? foundNothing
  const differences = batched<Difference>(async (batch) => {
    if (!believed && batch.some(({ less }) => less)) {
      believed = (await evidenceOf(deps, bucket.id, master, signal)).evidence === 'watched'
      doubtful = !believed
    }
    if (doubtful) return
    const there = batch.flatMap(({ listed, mark }) => (listed === undefined ? [] : [{ listed, mark }]))
    const marks = there.map(({ mark }) => mark)
    await recordListed(
      pool,
      bucket.id,
      there.map(({ listed }) => listed),
    )
    await markFound(pool, { bucketId: bucket.id, storageIds: replicas, bulk: false }, marks)
    // The master's own record of each key, e.g. for its content type, which no listing shows. Marked as `bulk`, after all
    // else: no copy waits for it.
    const all = batch.map(({ mark }) => mark)
    untold += await markFound(pool, { bucketId: bucket.id, storageIds: [bucket.masterStorageId], bulk: true }, all)
  })
  const isHidden = async ({ key, etag }: ObjectRecord) =>
    (await headHidden(master.driver, bucket.masterBucket, key, signal))?.etag === etag
  const listing = master.driver.list(bucket.masterBucket, { signal, ...walk.from })
  const records = readRecords(pool, bucket.id, walk.from.startAfter)
  const steps = walk.steps(mergeJoin(listing, records), {
    isClean: () => doomed.count() === 0 && !doubtful,
    settle: differences.flush,
    sums: () => ({ keys, untold }),
  })
  for await (const { key, a: listed, b: record } of steps) {
    signal.throwIfAborted()
    if (doubtful) return null
    // Also a key that waits for its record: its copies may have had their turn before the change of which nobody told.
    if (listed !== undefined && record !== undefined && isRecorded(listed, record)) continue
    if (listed === undefined && record !== undefined && (await isHidden(record))) continue
    const since = knownSince(lastWhole(bucket, bucket.masterSweptAt), listed?.lastModified ?? null, look)
    const mark = { key, size: listed?.size ?? null, since, mayDelete: false }
    if (listed === undefined) {
      if (walk.before !== null) return null
      doomed.add(mark)
    }
    const less = record !== undefined && (listed === undefined || isOlder(listed.lastModified, record.lastModified))
    await differences.add({ listed, mark, less })
    keys++
  }
  await differences.flush()
  if (doubtful) return null
  if (deletes === 'tell') await settleMasterDeletes({ pool }, bucket, doomed, policies)
  return { keys, untold }
}
