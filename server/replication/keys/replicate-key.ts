// One dirty key of one replica: look at the replica, then at the master, decide, act, look again. Nothing here remembers an
// event; whatever happened, the copy becomes what the master is now. The order of the steps is what makes two movers that
// work on the same key unable to harm each other: the replica is read before the source, and every write names what it
// replaces.
import { observe } from '../../db/copies/replica.ts'
import { sweepSoon } from '../../db/queue/sweeps.ts'
import type { SourceVersion } from '../../storage/copy-request.ts'
import { listedOnly } from '../../storage/hidden-keys.ts'
import { StorageError } from '../../storage/storage-error.ts'
import { confirmOverwrite, stopUnlessRecorded } from '../stores/master-bucket.ts'
import { amendKey } from './amend-key.ts'
import { lookAt } from './carried.ts'
import { compareContent } from './compare-content.ts'
import { copyKey } from './copy-key.ts'
import { copyNew } from './copy-new.ts'
import { copyWhileAway } from './copy-while-away.ts'
import type { KeyFacts } from './decide-key.ts'
import { deleteKey } from './delete-key.ts'
import { again, done, lost, outrun, type Round, type Scene, setScene } from './key-scene.ts'
import { forgetsWrite, type KeyStep, keyStep, rowOfUnaskable, uploadToResume } from './key-step.ts'
import type { KeyDeps, KeyEnd, KeyRun } from './key-work.ts'
import { notDone } from './not-done.ts'
import { noteKey } from './note-key.ts'
import { recordMasterKey } from './record-master-key.ts'
import { underLease } from './under-lease.ts'
import { hadItsTime, waitForWrite } from './undone-write.ts'
import { wentBack } from './went-back.ts'

/** A key that changes faster than it can be copied is left to its next turn. */
const mostRounds = 5
/** Somebody may have undone it, once. */
const mostLosses = 2

export async function workOnKey(all: KeyDeps, run: KeyRun): Promise<KeyEnd> {
  const deps = { ...all, statements: underLease(all.statements, run) }
  const { bucketId, storageId, key } = run.claim
  let outruns = 0
  let losses = 0
  let store = ''
  for (let rounds = 0; rounds < mostRounds; rounds++) {
    // Of a key that failed the master alone is asked.
    const others = run.others && run.claim.attempts === 0
    const copy = await deps.statements.load({ bucketId, storageId, key, others })
    if (copy === null) return done
    if (copy.bucket.masterStorageId === storageId) return recordMasterKey(deps, run, copy)
    const { replica } = copy
    if (replica === null) return done
    if (!replica.mayWrite) return { end: 'later', seconds: 0.5 }
    const scene = await setScene(deps, key, copy, replica)
    const end = await replicateKey(deps, run, scene)
    if (end !== again && end !== outrun && end !== lost) return end
    if (end === outrun) outruns++
    store = scene.target.store
    if (end === lost && ++losses === mostLosses) throw notDone(store, key)
  }
  if (outruns < mostRounds) return { end: 'later', seconds: 0.1 }
  throw new StorageError(
    'precondition-failed',
    `${store} refuses to write ${JSON.stringify(key)}, for it has another object there than it shows`,
  )
}

async function replicateKey(deps: KeyDeps, run: KeyRun, scene: Scene): Promise<Round> {
  // Not only its writes: a comparison of bytes may read for long, and a pause ends that too.
  const unwatch = deps.guard.watch(scene.guard, run.abort)
  try {
    if (run.masterAway) return await copyWhileAway(deps, run, scene)
    const ended = await copyNew(deps, run, scene)
    if (ended !== null) return ended
    const next = await nextStep(deps, run, scene)
    if (next === 'elsewhere') return { end: 'later', seconds: 1 }
    if (next === 'older') return leaveToMasterSweep(deps, run, scene)
    if (next === 'unsettled') return waitForWrite(deps, scene)
    return await act(deps, run, scene, next)
  } catch (error) {
    if (!(error instanceof StorageError)) throw error
    if (error.kind === 'precondition-failed') return again
    if (error.kind === 'no-such-bucket' && deps.stores.originOf(error) === scene.target.storageId)
      return replicaBucketGone(deps, scene, error)
    throw error
  } finally {
    unwatch()
  }
}

/** `shown`: the master's object, as it was looked at for this step. */
type Next = { readonly step: KeyStep; readonly shown: SourceVersion | null }

/**
 * `elsewhere`: the master's bucket is not the one that FaDO knows, and so says nothing: neither that the key was deleted, nor what
 * is to replace an object of the copy. A key may have waited while somebody made another bucket in its place. `older`: the master
 * has an earlier version than FaDO saw there. `unsettled`: a write that was cut off may still land.
 */
async function nextStep(deps: KeyDeps, run: KeyRun, scene: Scene): Promise<Next | 'elsewhere' | 'older' | 'unsettled'> {
  const { key } = scene.at
  const askedAt = performance.now()
  // The replica before the source, or an older version can win a race.
  const target = (await lookAt(scene.target, key, run.signal))?.seen ?? null
  run.waitedForWrite ||= hadItsTime(deps, scene, performance.now() - askedAt)
  const looked = await lookAt(scene.source, key, run.signal)
  const source = looked?.seen ?? null
  const { bucket } = scene
  const listed = await listedOnly(scene.source.driver, scene.source.bucket, key, run.signal)
  if (listed !== null) return { step: { step: 'note', journal: rowOfUnaskable(listed) }, shown: null }
  const master = await deps.stores.get(scene.source.storageId)
  // Asked after what it is about was seen there.
  if (source === null && (await run.park(stopUnlessRecorded(deps, bucket, master, run.signal))) === null)
    return 'elsewhere'
  if (looked !== null && wentBack(looked.head, scene)) return 'older'
  const facts = { journal: scene.journal, target, source, takingOver: scene.replica.takingOver }
  const step = await compareBytes(run, scene, facts)
  if (!run.waitedForWrite && forgetsWrite(facts, step)) return 'unsettled'
  const overwrites = step.step === 'copy' && step.replaced !== null
  if (overwrites && !(await run.park(confirmOverwrite(deps, bucket, master, run.signal)))) return 'elsewhere'
  return { step, shown: looked }
}

/** The step; the bytes are read where only they tell. */
async function compareBytes(run: KeyRun, scene: Scene, facts: Omit<KeyFacts, 'sameBytes'>): Promise<KeyStep> {
  const step = keyStep({ ...facts, sameBytes: null })
  if (step.step !== 'compare') return step
  const [left, right] = [
    { ...scene.source, seen: step.source },
    { ...scene.target, seen: step.target },
  ]
  return keyStep({ ...facts, sameBytes: await compareContent(left, right, scene.at.key, run.signal) })
}

async function act(deps: KeyDeps, run: KeyRun, scene: Scene, { step, shown }: Next): Promise<Round> {
  if (uploadToResume(scene.journal, step) === null) await dropUnfinishedUpload(deps, run, scene)
  switch (step.step) {
    case 'nothing':
      run.changed ||= run.claim.ranOut
      return done
    case 'note':
      await noteKey(deps, run, scene, step.journal)
      // What a write did that was cut off.
      run.changed ||= scene.journal?.state === 'writing' && step.journal?.state === 'there'
      return done
    case 'copy':
      return shown === null ? again : copyKey(deps, run, scene, step, shown)
    case 'amend':
      return amendKey(deps, run, scene, step)
    case 'delete':
      // Whatever told of it told it of a master that may have been put back since.
      if (scene.bucket.unjudged) return { end: 'later', seconds: 0.5 }
      return run.claim.mayDelete || step.ordered ? deleteKey(deps, run, scene, step) : leaveToSweep(deps, run, scene)
    case 'compare':
      return again // it moved meanwhile
  }
}

/**
 * Nobody told of the delete. Only a whole comparison may suggest it, for that one counts and brakes. Until then the copy is as
 * old as this change: of what the brake holds already it tells the age itself.
 */
async function leaveToSweep({ pool }: KeyDeps, { claim }: KeyRun, { replica }: Scene): Promise<KeyEnd> {
  await sweepSoon(pool, claim.bucketId, claim.storageId)
  return replica.braked > 0 ? done : { end: 'untold' }
}

/** Only a look at the whole master may decide whether it went backwards. */
async function leaveToMasterSweep({ pool }: KeyDeps, { claim }: KeyRun, { bucket }: Scene): Promise<KeyEnd> {
  await sweepSoon(pool, claim.bucketId, bucket.masterStorageId)
  return { end: 'untold' }
}

/** A copy that was cut off left it, and it is of no use any more; the journal is about to forget its id. */
async function dropUnfinishedUpload(deps: KeyDeps, run: KeyRun, { target, journal, guard, at }: Scene): Promise<void> {
  if (journal?.uploadId == null) return
  await deps.guard.assertAllowed(guard)
  await target.driver.abortUpload(target.bucket, at.key, journal.uploadId, { signal: run.signal })
}

/** Somebody removed the replica's bucket: the copy begins anew. */
async function replicaBucketGone(deps: KeyDeps, scene: Scene, error: StorageError): Promise<KeyEnd> {
  if ((await scene.target.driver.headBucket(scene.target.bucket)) !== null) throw error
  await deps.pool.transaction((tx) => observe(tx, scene.replica.id, 'lost'))
  return { end: 'later', seconds: 0.5 }
}
