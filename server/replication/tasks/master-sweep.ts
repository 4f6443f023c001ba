// Looks at a whole master: whether it went backwards, and else what events did not tell.

import { type BucketFacts, loadCopy } from '../../db/copies/copies.ts'
import {
  recordMasterCreatedOn,
  recordMasterSweep,
  recordMasterVersioning,
  regressMaster,
} from '../../db/copies/master.ts'
import { loadMoverPolicies, type MoverPolicies } from '../../db/copies/mover-policies.ts'
import { noteUntold } from '../../db/copies/untold.ts'
import { sweepAllowingDeletes } from '../../db/queue/sweeps.ts'
import type { BucketVersioning } from '../../domain/bucket-versioning.ts'
import type { TaskEnd } from '../../domain/replica/task-end.ts'
import { createdOf } from '../stores/bucket-identity.ts'
import { identifyMaster } from '../stores/master-bucket.ts'
import { evidenceOf } from '../stores/master-evidence.ts'
import type { Store } from '../stores/stores.ts'
import { versioningOf } from '../stores/versioning.ts'
import { beginLook, noteOf } from './checkpoints.ts'
import { compareMaster, type FoundAtMaster, foundNothing } from './compare-master.ts'
import { type Judgement, judgeLostBucket, judgeMaster } from './judge-master.ts'
import { lookAtMaster, type MasterLook } from './master-listing.ts'
import { nextSweep, sweepPlan } from './next-sweep.ts'
import { subscribeMaster } from './subscribe-master.ts'
import { againIn, gone, putOff, type TaskDeps, type TaskRun } from './task-work.ts'

type Subject = {
  readonly bucket: BucketFacts
  readonly master: Store
  readonly look: MasterLook
  readonly policies: MoverPolicies
}

/** Whether the master went backwards, where its store may have been put back. */
async function judge(
  deps: TaskDeps,
  subject: Subject,
  versioning: BucketVersioning | null,
  signal: AbortSignal,
): Promise<Judgement> {
  const evidence = await evidenceOf(deps, subject.bucket.id, subject.master, signal)
  if (evidence.evidence === 'watched' && subject.bucket.masterStop !== 'regressed')
    return { regress: null, same: false }
  const keepsVersions = versioning !== null && versioning.versions !== 'none'
  return judgeMaster(deps, { ...subject, evidence, keepsVersions }, signal)
}

const unjudged: Judgement = { regress: null, same: false }

/** The bucket is missing or another one. Where its store was away it is as one that came back empty: the user may rebuild it. */
async function judgeUnrecorded(deps: TaskDeps, bucket: BucketFacts, master: Store, signal: AbortSignal): Promise<void> {
  const { evidence } = await evidenceOf(deps, bucket.id, master, signal)
  if (evidence !== 'away') return
  const { is } = await identifyMaster(deps, bucket, master, signal)
  const found = await judgeLostBucket(deps, bucket.id, is === 'missing' ? 'missing' : 'replaced')
  if (found.missing > 0) await deps.pool.transaction((tx) => regressMaster(tx, bucket.id, found))
}

/** Accepted as it is: whatever lies under its name is the master's bucket from now on. */
async function adoptBucket(deps: TaskDeps, bucket: BucketFacts, master: Store, signal: AbortSignal): Promise<void> {
  const createdOn = await createdOf(deps, master, bucket.masterBucket, signal)
  if (createdOn !== null) await recordMasterCreatedOn(deps.pool, bucket.id, createdOn)
}

/**
 * Writes the subscription again where it may be lost: the store began anew, or what fell silent may have lost it to somebody else.
 * Where looks are far apart they see whether it is there. False: the store offers none any more.
 */
async function ensureSubscribed(
  deps: TaskDeps,
  { claim, signal }: TaskRun,
  { bucket, master, policies }: Subject,
): Promise<boolean> {
  if (!policies.subscribes) return true
  const lost = claim.resubscribe || policies.events === 'silent'
  const { quietLooks } = claim
  const plan = lost ? null : await sweepPlan(deps.pool, claim, { policies, quietLooks, times: deps.times })
  const isRare = plan !== null && plan.seconds > deps.times.sweepMaxS
  return (!lost && !isRare) || subscribeMaster(deps, bucket, master, { keep: !lost, signal })
}

export async function sweepMaster(deps: TaskDeps, run: TaskRun): Promise<TaskEnd> {
  const { claim, signal } = run
  const { pool, times } = deps
  const again = againIn(times.sweepMinS * 1000)
  const copy = await loadCopy(pool, claim.bucketId, claim.storageId)
  if (copy === null || copy.bucket.masterStorageId !== claim.storageId) return gone
  if (copy.bucket.state !== 'active') return againIn(times.idle)
  const accepted = copy.bucket.choice === 'accept' && !copy.bucket.choiceIsVoid
  const master = await deps.stores.get(copy.bucket.masterStorageId)
  if (accepted) await adoptBucket(deps, copy.bucket, master, signal)
  const { bucket } = (accepted ? await loadCopy(pool, claim.bucketId, claim.storageId) : copy) ?? copy
  const policies = await loadMoverPolicies(pool, bucket.id)
  const look = await lookAtMaster(deps, bucket, master, signal)
  if (look === null) {
    await judgeUnrecorded(deps, bucket, master, signal)
    return again
  }
  const subject = { bucket, master, look, policies }
  // First the events, then the look: what happens in between is told by one of them.
  const subscribed = await ensureSubscribed(deps, run, subject)
  const versioning = await versioningOf(master, bucket.masterBucket, signal)
  const mustJudge = !accepted && (bucket.unjudged || bucket.hasGap || bucket.masterStop === 'regressed')
  const { regress, same } = mustJudge ? await judge(deps, subject, versioning, signal) : unjudged
  if (regress !== null) {
    const { missing, older } = regress
    deps.log.error({ bucket: bucket.name, store: master.name, missing, older }, 'a master went backwards: it is held')
    await pool.transaction((tx) => regressMaster(tx, bucket.id, regress))
    return putOff(times.sweepMinS * 1000, { kind: 'master_regressed', store: master.name, bucket: bucket.masterBucket })
  }
  const compared = { judged: accepted || mustJudge, deletes: accepted ? 'leave' : 'tell' } as const
  const walk = await beginLook<FoundAtMaster>(deps, run, {
    kind: 'master_sweep',
    bucket,
    buckets: async () => [look.createdOn],
    lastLook: bucket.masterSweptAt,
    startedAt: look.startedAt,
  })
  const found = same ? (walk.before ?? foundNothing) : await compareMaster(deps, { ...subject, walk }, compared, signal)
  if (found === null) return againIn(0) // from now on it is known that the store was away, or it looks at all keys
  deps.metrics.found('master_sweep', found.keys)
  run.tell({ found: { objects: found.keys, bytes: null }, note: noteOf(walk) })
  await pool.transaction(async (tx) => {
    const isSilent = found.untold > 0 && (await noteUntold(tx, bucket.id, walk.startedAt))
    const believed = policies.events === 'believed' && subscribed && !isSilent
    if (versioning !== null) await recordMasterVersioning(tx, bucket.id, versioning)
    // Users are shown as of when such a bucket is known; where events come it is known at any time.
    if (!believed) tx.changed('bucket', [bucket.id])
    await recordMasterSweep(tx, bucket.id, { createdOn: look.createdOn, startedAt: walk.startedAt })
    if (accepted) await sweepAllowingDeletes(tx, bucket.id)
  })
  const known = subscribed ? policies : { ...policies, events: 'none' as const }
  return nextSweep(pool, claim, { kind: 'master_sweep', found: found.untold > 0, policies: known, times })
}
