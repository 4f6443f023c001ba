// Looks at a whole master: what FaDO knows of its objects is made true, and what events did not tell is marked.

import { type BucketFacts, loadCopy } from '../../db/copies/copies.ts'
import { recordMasterSweep, recordMasterVersioning } from '../../db/copies/master.ts'
import { loadMoverPolicies, type MoverPolicies } from '../../db/copies/mover-policies.ts'
import { type ObjectRecord, readRecords, recordListed } from '../../db/copies/object-records.ts'
import { replicasOf } from '../../db/copies/replica.ts'
import { type FoundKey, markFound } from '../../db/queue/dirty-objects.ts'
import type { TaskEnd } from '../../db/queue/replica-tasks.ts'
import { sweepInterval } from '../../domain/replica/sweep-interval.ts'
import { headHidden } from '../../storage/hidden-keys.ts'
import type { ListedObject } from '../../storage/storage-driver.ts'
import { StorageError } from '../../storage/storage-error.ts'
import type { Store } from '../stores/stores.ts'
import { versioningOf } from '../stores/versioning.ts'
import { batched } from './batched.ts'
import { collectDoomed } from './doomed-keys.ts'
import { mostMasterDeletes, settleMasterDeletes } from './master-deletes.ts'
import { knownSince, type MasterLook, openMaster } from './master-listing.ts'
import { mergeJoin } from './merge-join.ts'
import { nextSweep } from './next-sweep.ts'
import { againIn, gone, type TaskDeps, type TaskRun } from './task-work.ts'

const isRecorded = (listed: ListedObject, record: ObjectRecord): boolean =>
  listed.etag === record.etag &&
  listed.size === record.size &&
  Math.floor(listed.lastModified / 1000) === Math.floor(record.lastModified / 1000)

const nothing: AsyncIterable<readonly ListedObject[]> = { async *[Symbol.asyncIterator]() {} }

/** What a listing says otherwise than FaDO's records; not `listed`: it is gone. */
type Difference = { readonly listed: ListedObject | undefined; readonly mark: FoundKey }

/** Resolves to the number of keys that events had not told of. */
async function compare(
  { pool }: TaskDeps,
  bucket: BucketFacts,
  master: Store,
  look: MasterLook,
  policies: MoverPolicies,
  signal: AbortSignal,
): Promise<number> {
  const replicas = (await replicasOf(pool, bucket.id)).map(({ storageId }) => storageId)
  const doomed = collectDoomed(mostMasterDeletes)
  let found = 0
  const differences = batched<Difference>(async (batch) => {
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
    await markFound(pool, { bucketId: bucket.id, storageIds: [bucket.masterStorageId], bulk: true }, all)
  })
  const isHidden = async ({ key, etag }: ObjectRecord) =>
    (await headHidden(master.driver, bucket.masterBucket, key, signal))?.etag === etag
  const listing = master.driver.list(bucket.masterBucket, { signal })
  for await (const { key, a: listed, b: record } of mergeJoin(listing, readRecords(pool, bucket.id), nothing)) {
    signal.throwIfAborted()
    // Also a key that waits for its record: its copies may have had their turn before the change of which nobody told.
    if (listed !== undefined && record !== undefined && isRecorded(listed, record)) continue
    if (listed === undefined && record !== undefined && (await isHidden(record))) continue
    const since = knownSince(bucket.masterSweptAt, listed?.lastModified ?? null, look)
    const mark = { key, size: listed?.size ?? null, since, mayDelete: false }
    if (listed === undefined) doomed.add(mark)
    await differences.add({ listed, mark })
    found++
  }
  await differences.flush()
  await settleMasterDeletes({ pool }, bucket, doomed, policies)
  return found
}

/** False: the store does not offer its events (any more), so it is swept as one without. */
async function subscribe(deps: TaskDeps, bucket: BucketFacts, master: Store, signal: AbortSignal): Promise<boolean> {
  try {
    await master.driver.subscribe(bucket.masterBucket, { signal })
    return true
  } catch (error) {
    if (!(error instanceof StorageError) || error.kind !== 'unsupported') throw error
    deps.log.warn({ store: master.name, bucket: bucket.name }, 'the store no longer offers events')
    return false
  }
}

export async function sweepMaster(deps: TaskDeps, run: TaskRun): Promise<TaskEnd> {
  const { claim, signal } = run
  const { pool, times } = deps
  const copy = await loadCopy(pool, claim.bucketId, claim.storageId)
  if (copy === null || copy.bucket.masterStorageId !== claim.storageId) return gone
  const { bucket } = copy
  if (bucket.state !== 'active') return againIn(times.idle)
  const master = await deps.stores.get(bucket.masterStorageId)
  const policies = await loadMoverPolicies(pool, bucket.id)
  const look = await openMaster(deps, bucket, master, signal)
  if (look === null) return againIn(times.sweepMinS * 1000)
  // First the events, then the look: what happens in between is told by one of them.
  const hasEvents = policies.hasEvents && (!claim.resubscribe || (await subscribe(deps, bucket, master, signal)))
  const versioning = await versioningOf(master, bucket.masterBucket, signal)
  const found = await compare(deps, bucket, master, look, policies, signal)
  deps.metrics.found('master_sweep', found)
  await pool.transaction(async (tx) => {
    if (versioning !== null) await recordMasterVersioning(tx, bucket.id, versioning)
    // Users are shown as of when such a bucket is known; where events come it is known at any time.
    if (!hasEvents) tx.changed('bucket', [bucket.id])
    await recordMasterSweep(tx, bucket.id, look)
  })
  return nextSweep({
    kind: 'master_sweep',
    intervalS: claim.intervalS,
    found: found > 0,
    leastS: times.sweepMinS,
    mostS: sweepInterval({ ...policies, hasEvents }, times.sweepMaxS),
  })
}
