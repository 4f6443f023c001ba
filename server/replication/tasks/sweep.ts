// Looks at a whole replica again and finds what events missed and what others did to it.
import { loadCopy, type ReplicaFacts } from '../../db/copies/copies.ts'
import { countOurs } from '../../db/copies/journal-counts.ts'
import { loadMoverPolicies, type MoverPolicies } from '../../db/copies/mover-policies.ts'
import { observe, recordCreatedOn, recordVerified, recordVersioning } from '../../db/copies/replica.ts'
import { endWaitForComparison } from '../../db/queue/dirty-objects.ts'
import { beginProgress } from '../../db/queue/running-tasks.ts'
import { sweepMasters } from '../../db/queue/sweeps.ts'
import type { TaskEnd } from '../../domain/replica/task-end.ts'
import { StorageError } from '../../storage/storage-error.ts'
import { versioningOf } from '../stores/versioning.ts'
import { beginLook, noteOf } from './checkpoints.ts'
import { compareReplica, type ReplicaSums } from './compare-replica.ts'
import { identifyReplica } from './ensure-bucket.ts'
import { openMaster } from './master-listing.ts'
import { nextSweep, sweepPlan } from './next-sweep.ts'
import { overwriteConflicts } from './overwrite-conflicts.ts'
import { againIn, gone, type TaskDeps, type TaskRun } from './task-work.ts'
import { shareOf, type Turn } from './whole-compare.ts'

export async function sweepReplica(deps: TaskDeps, run: TaskRun): Promise<TaskEnd> {
  const { claim, signal } = run
  const { pool, times } = deps
  const copy = await loadCopy(pool, claim.bucketId, claim.storageId)
  if (copy === null || copy.replica === null) return gone
  const { bucket, replica } = copy
  if (!replica.wanted || replica.observed !== 'complete' || bucket.state === 'deleting') return againIn(times.idle)

  const [master, store] = await Promise.all([
    deps.stores.get(bucket.masterStorageId),
    deps.stores.get(replica.storageId),
  ])
  const look = await openMaster(deps, bucket, master, signal)
  if (look === null) return againIn(times.sweepMinS * 1000)
  if (claim.overwrite) await overwriteConflicts(deps, run, replica.id)
  const policies = await loadMoverPolicies(pool, bucket.id)
  try {
    // A bucket that somebody removed and made again is not ours.
    const identity = await identifyReplica(deps, replica, store, signal)
    if (identity.is === 'other') return await lost(deps, replica.id)
    const versioning = await versioningOf(store, replica.bucketName, signal)
    const walk = await beginLook<ReplicaSums>(deps, run, {
      kind: 'sweep',
      bucket,
      buckets: async () => [look.createdOn, 'createdOn' in identity ? identity.createdOn : null],
      lastLook: replica.verifiedAt,
      startedAt: look.startedAt,
    })
    const turn = () => nextTurn(deps, run, replica, policies, look.startedAt)
    const options = { bulk: false, allowDeletes: claim.allowDeletes, turn, policies, signal }
    const result = await compareReplica(deps, { bucket, replica, master, store, look, walk }, options)
    if (result === null) return againIn(times.idle)
    deps.metrics.found('sweep', result.found.objects)
    run.tell({ found: result.found, note: noteOf(walk) })
    if (result.braked > 0) run.tell({ note: { kind: 'braked', store: store.name, count: result.braked } })
    if (result.found.objects > 0) await pool.transaction((tx) => beginProgress(tx, claim, result.found))
    await pool.transaction(async (tx) => {
      if ('createdOn' in identity) await recordCreatedOn(tx, replica.id, identity.createdOn)
      if (versioning !== null) await recordVersioning(tx, replica.id, versioning)
      await recordVerified(tx, replica.id, { startedAt: walk.startedAt, braked: result.braked, turn: result.turn })
      await endWaitForComparison(tx, claim)
      // Perhaps the master changed and nobody told: a look at it says whether its events are to be believed.
      if (result.found.objects > 0 && policies.events === 'believed') await sweepMasters(tx, [bucket.id])
    })
    deps.reporter.touch(claim)
    const found = result.found.objects > 0 || result.braked > 0
    return nextSweep(pool, claim, { kind: 'sweep', found, policies, times })
  } catch (error) {
    if (!(error instanceof StorageError) || error.kind !== 'no-such-bucket') throw error
    if (deps.stores.originOf(error) !== store.id) throw error
    return lost(deps, replica.id)
  }
}

/** A resync looks at all objects, whoever's turn it is. */
async function nextTurn(
  { pool, times }: TaskDeps,
  { claim }: TaskRun,
  replica: ReplicaFacts,
  policies: MoverPolicies,
  now: number,
): Promise<Turn> {
  if (claim.full) return { after: null, since: now, most: Number.MAX_SAFE_INTEGER }
  const plan = await sweepPlan(pool, claim, { policies, quietLooks: claim.quietLooks, times })
  const pace = {
    everyS: plan?.turnSeconds ?? policies.sweeps.fullCompare.seconds,
    pauseS: (now - (replica.verifiedAt ?? now)) / 1000,
    plannedS: plan?.seconds ?? 0,
  }
  const most = shareOf(await countOurs(pool, replica.id), pace)
  return { after: replica.comparedKey, since: replica.comparingSince ?? now, most }
}

/** Somebody removed the replica's bucket: the copy begins anew. */
async function lost(deps: TaskDeps, replicaId: string): Promise<TaskEnd> {
  await deps.pool.transaction((tx) => observe(tx, replicaId, 'lost'))
  return againIn(deps.times.idle)
}
