// The first sync of a replica: its bucket, then every key of the master; complete when each was looked at and verified.
import { setTimeout as sleep } from 'node:timers/promises'
import { loadCopy } from '../../db/copies/copies.ts'
import { loadMoverPolicies } from '../../db/copies/mover-policies.ts'
import { hasBulk, observe, recordCreatedOn, recordVerified, recordVersioning } from '../../db/copies/replica.ts'
import { endWaitForComparison, markUnlisted } from '../../db/queue/dirty-objects.ts'
import { hasOtherCopy } from '../../db/queue/held-objects.ts'
import { beginProgress } from '../../db/queue/running-tasks.ts'
import type { TaskEnd } from '../../domain/replica/task-end.ts'
import { createdOf } from '../stores/bucket-identity.ts'
import { versioningOf } from '../stores/versioning.ts'
import { beginLook, noteOf } from './checkpoints.ts'
import { compareReplica, type ReplicaSums } from './compare-replica.ts'
import { ensureBucket } from './ensure-bucket.ts'
import { fillWhileAway } from './fill-while-away.ts'
import { openMaster } from './master-listing.ts'
import { overwriteConflicts } from './overwrite-conflicts.ts'
import { sweepReplica } from './sweep.ts'
import { againIn, gone, type TaskDeps, type TaskRun } from './task-work.ts'

const shortestPollMs = 20
const longestPollMs = 250
/** A copy takes so much longer than it must, for nobody tells when its last key is done. */
const pollShare = 1 / 16

/**
 * Until no key of the first sync is left; other movers may work on them too. Nobody does when the copy is not filled any more,
 * e.g. when its bucket was seen to be gone: then there is nothing to wait for.
 */
async function untilCopied({ pool }: TaskDeps, replicaId: string, signal: AbortSignal): Promise<void> {
  const begun = performance.now()
  const pause = () => Math.min(longestPollMs, Math.max(shortestPollMs, (performance.now() - begun) * pollShare))
  while (await hasBulk(pool, replicaId)) await sleep(pause(), undefined, { signal })
}

export async function firstSync(deps: TaskDeps, run: TaskRun): Promise<TaskEnd> {
  const { claim, signal } = run
  const { pool, times } = deps
  const copy = await loadCopy(pool, claim.bucketId, claim.storageId)
  if (copy === null || copy.replica === null) return gone
  const { bucket, replica } = copy
  const settled = { end: 'done', kind: 'sweep', seconds: times.sweepMinS, quietLooks: 0 } as const
  // Orders that came meanwhile are a sweep's.
  if (replica.observed === 'complete') return sweepReplica(deps, run)
  if (!replica.mayWrite || replica.observed === 'deleting') return againIn(times.idle)

  const [master, store] = await Promise.all([
    deps.stores.get(bucket.masterStorageId),
    deps.stores.get(replica.storageId),
  ])
  const isAway = deps.stores.broken().has(master.id) && (await hasOtherCopy(pool, claim))
  const look = isAway ? null : await openMaster(deps, bucket, master, signal)
  if (look === null && !isAway) return againIn(times.sweepMinS * 1000)
  const made = await ensureBucket(deps, run, { bucket, replica }, store)
  if (made === 'foreign')
    return againIn(times.sweepMinS * 1000, { kind: 'foreign_bucket', store: store.name, bucket: replica.bucketName })
  if (made === 'unclear') return againIn(times.storeRetry)
  if (look === null) return fillWhileAway(deps, run, bucket, master)

  // Asked while keys are copied: with many first syncs at a time the answer takes a second.
  const created = createdOf(deps, store, replica.bucketName, signal)
  created.catch(() => undefined) // seen below

  if (claim.overwrite) await overwriteConflicts(deps, run, replica.id)
  const policies = await loadMoverPolicies(pool, bucket.id)
  const versioning = await versioningOf(store, replica.bucketName, signal)
  const walk = await beginLook<ReplicaSums>(deps, run, {
    kind: 'first_sync',
    bucket,
    buckets: async () => [look.createdOn, await created],
    lastLook: replica.verifiedAt,
    startedAt: look.startedAt,
  })
  // What is not copied yet is looked at anyway.
  const turn = () => ({ after: null, since: look.startedAt, most: 0 })
  const options = { bulk: true, allowDeletes: claim.allowDeletes, turn, policies, signal }
  const result = await compareReplica(deps, { bucket, replica, master, store, look, walk }, options)
  if (result === null) return againIn(times.idle)
  deps.metrics.found('first_sync', result.found.objects)
  run.tell({ found: result.found, note: noteOf(walk) })
  await markUnlisted(pool, claim)
  await pool.transaction((tx) => beginProgress(tx, claim, result.inMaster))
  deps.reporter.touch(claim)
  run.leave()
  await untilCopied(deps, replica.id, signal)

  const createdOn = await created
  const complete = await pool.transaction(async (tx) => {
    if ((await observe(tx, replica.id, 'synced')) !== 'complete') return false
    if (createdOn !== null) await recordCreatedOn(tx, replica.id, createdOn)
    if (versioning !== null) await recordVersioning(tx, replica.id, versioning)
    await recordVerified(tx, replica.id, { startedAt: walk.startedAt, braked: result.braked, turn: result.turn })
    await endWaitForComparison(tx, claim)
    return true
  })
  if (!complete) return againIn(0)
  run.tell({ done: result.found })
  deps.reporter.touch(claim)
  return settled
}
