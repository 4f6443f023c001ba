// One dirty key of one replica: look at the replica, then at the master, decide, act, look again. Nothing here remembers an
// event; whatever happened, the copy becomes what the master is now. The order of the steps is what makes two movers that
// work on the same key unable to harm each other: the replica is read before the source, and every write names what it
// replaces.
import { type BucketFacts, type CopyOfKey, loadCopyOfKey, type ReplicaFacts } from '../db/copies.ts'
import { type JournalRow, journalDeleting, journalWriting, putJournal, type WriteGuard } from '../db/journal.ts'
import { noteConflict, observe } from '../db/replica-observations.ts'
import { copyObject } from '../storage/copy-object.ts'
import type { WriteCondition } from '../storage/storage-driver.ts'
import { StorageError } from '../storage/storage-error.ts'
import { lookAt, type Place, type Seen, seenOf } from './carried.ts'
import { decideKey, type KeyAction } from './decide-key.ts'
import { Interrupted } from './interrupted.ts'
import type { KeyDeps, KeyEnd, KeyRun } from './key-work.ts'
import { confirmMaster } from './master-bucket.ts'
import { recordMasterKey } from './record-master-key.ts'
import { haveSameBytes } from './same-bytes.ts'

/** A key that changes faster than it can be copied is left to its next turn. */
const mostTries = 5
const again = 'again'
type Step = KeyEnd | typeof again

const done: KeyEnd = { end: 'done' }

type Scene = {
  readonly bucket: BucketFacts
  readonly replica: ReplicaFacts
  readonly journal: JournalRow | null
  readonly guard: WriteGuard
  readonly source: Place
  readonly target: Place & { readonly storageId: string }
}

export async function workOnKey(deps: KeyDeps, run: KeyRun): Promise<KeyEnd> {
  const { bucketId, storageId, key } = run.claim
  for (let tries = 0; tries < mostTries; tries++) {
    const copy = await loadCopyOfKey(deps.pool, bucketId, storageId, key)
    if (copy === null) return done
    if (copy.bucket.masterStorageId === storageId) return recordMasterKey(deps, run, copy.bucket)
    const { bucket, replica } = copy
    if (replica === null) return done
    if (!replica.wanted || bucket.narrowing || bucket.masterStopped || bucket.state === 'deleting')
      return { end: 'later', seconds: 0.5 }
    const step = await replicateKey(deps, run, await setScene(deps, copy, replica))
    if (step !== again) return step
  }
  return { end: 'later', seconds: 0.1 }
}

async function setScene(deps: KeyDeps, { bucket, journal }: CopyOfKey, replica: ReplicaFacts): Promise<Scene> {
  const [master, store] = await Promise.all([
    deps.stores.get(bucket.masterStorageId),
    deps.stores.get(replica.storageId),
  ])
  return {
    bucket,
    replica,
    journal,
    guard: { replicaId: replica.id, epoch: replica.epoch, generation: replica.generation },
    source: { driver: master.driver, bucket: bucket.masterBucket },
    target: { driver: store.driver, bucket: replica.bucketName, storageId: replica.storageId },
  }
}

async function replicateKey(deps: KeyDeps, run: KeyRun, scene: Scene): Promise<Step> {
  const { key } = run.claim
  try {
    // The replica before the source, or an older version can win a race.
    const target = (await lookAt(scene.target, key, run.signal).catch(nullIfUnholdable))?.seen ?? null
    const source = (await lookAt(scene.source, key, run.signal))?.seen ?? null
    if (source === null) {
      const master = await deps.stores.get(scene.bucket.masterStorageId)
      if ((await run.park(confirmMaster(deps, scene.bucket, master, run.signal))) === null)
        return { end: 'later', seconds: 1 }
    }
    await dropUnfinishedUpload(deps, run, scene)
    const facts = { journal: scene.journal, target, source, sameBytes: null }
    const action = decideKey(facts)
    if (action.action !== 'compare' || source === null || target === null)
      return await act(deps, run, scene, action, source, target)
    const left = { ...scene.source, seen: source }
    const sameBytes = await haveSameBytes(left, { ...scene.target, seen: target }, key, run.signal)
    return await act(deps, run, scene, decideKey({ ...facts, sameBytes }), source, target)
  } catch (error) {
    if (!(error instanceof StorageError)) throw error
    if (error.kind === 'precondition-failed') return again
    if (error.kind === 'no-such-bucket' && deps.stores.originOf(error) === scene.target.storageId)
      return replicaBucketGone(deps, scene, error)
    throw error
  }
}

/** A store that cannot have such a key has none; the write says so again and is then shown. */
function nullIfUnholdable(error: unknown): null {
  if (error instanceof StorageError && error.kind === 'bad-key') return null
  throw error
}

async function act(
  deps: KeyDeps,
  run: KeyRun,
  scene: Scene,
  action: KeyAction,
  source: Seen | null,
  target: Seen | null,
): Promise<Step> {
  const { key } = run.claim
  const at = { replicaId: scene.replica.id, key, epoch: scene.replica.epoch }
  switch (action.action) {
    case 'nothing':
      return done
    case 'forget':
      await putJournal(deps.pool, at, null)
      return done
    case 'record':
      await putJournal(deps.pool, at, rowOf(action.state, source, target, action.state === 'there'))
      return done
    case 'conflict':
      await writeConflict(deps, scene, key, rowOf('conflict', source, target, scene.journal?.verified ?? false))
      return done
    case 'delete':
      return target === null ? again : deleteCopy(deps, run, scene, target)
    case 'copy':
      return source === null ? again : copy(deps, run, scene, source, action.ifMatch === null ? null : target)
    case 'compare':
      return again // it moved meanwhile
  }
}

const rowOf = (
  state: JournalRow['state'],
  source: Seen | null,
  target: Seen | null,
  verified: boolean,
): JournalRow => ({
  state,
  sourceEtag: source?.etag ?? null,
  sourceModified: source?.lastModified ?? null,
  carried: source?.carried ?? null,
  size: source?.size ?? null,
  ...targetOf(target),
  uploadId: null,
  verified,
})

async function writeConflict(deps: KeyDeps, scene: Scene, key: string, row: JournalRow): Promise<void> {
  const { id: replicaId, epoch } = scene.replica
  await deps.pool.transaction(async (sql) => {
    await putJournal(sql, { replicaId, key, epoch }, row)
    await noteConflict(sql, replicaId)
  })
  deps.wakeups.wake('bucket')
  deps.wakeups.wake('event')
}

/** `replaced`: what is there and will be replaced; null: only if nothing is. */
async function copy(deps: KeyDeps, run: KeyRun, scene: Scene, source: Seen, replaced: Seen | null): Promise<Step> {
  const { key } = run.claim
  const at = { replicaId: scene.replica.id, key, epoch: scene.replica.epoch }
  const condition: WriteCondition = replaced === null ? { ifNoneMatch: '*' } : { ifMatch: replaced.etag }
  const unwatch = deps.guard.watch(scene.guard, run.abort)
  let journaled: string | null | undefined
  try {
    const outcome = await copyObject({
      source: scene.source,
      target: scene.target,
      key,
      sourceEtag: source.etag,
      condition,
      signal: run.signal,
      onBytes: run.onBytes,
      async beforeWrite({ uploadId }) {
        run.signal.throwIfAborted()
        if (journaled === uploadId) return deps.guard.assertAllowed(scene.guard)
        // Also a question whether the write is allowed, in the same statement.
        const what = { ...writingOf(source, replaced), uploadId }
        if (!(await journalWriting(deps.pool, scene.guard, key, what))) throw new Interrupted('not-allowed')
        journaled = uploadId
        run.writing = true
      },
    })
    run.writing = false
    if (outcome.outcome !== 'copied') {
      // Nothing was written: the journal says again what it said before.
      if (journaled !== undefined) await putJournal(deps.pool, at, scene.journal)
      return again
    }
    const written = seenOf(outcome.sourceHead, outcome.tags)
    return await verifyCopy(deps, run, scene, written, outcome.targetEtag)
  } catch (error) {
    return await refusedByTarget(deps, run, scene, source, error)
  } finally {
    unwatch()
  }
}

const targetOf = (target: Seen | null) => ({
  targetEtag: target?.etag ?? null,
  targetModified: target?.lastModified ?? null,
  targetCarried: target?.carried ?? null,
})
const writingOf = (source: Seen, replaced: Seen | null) => ({
  sourceEtag: source.etag,
  sourceModified: source.lastModified,
  carried: source.carried,
  size: source.size,
  ...targetOf(replaced),
})

/** A copy that was cut off left it; the journal is about to forget its id. */
async function dropUnfinishedUpload(deps: KeyDeps, run: KeyRun, { target, journal, guard }: Scene): Promise<void> {
  if (journal?.uploadId == null) return
  await deps.guard.assertAllowed(guard)
  await target.driver.abortUpload(target.bucket, run.claim.key, journal.uploadId, { signal: run.signal })
}

/** The journal says what was written; the key is done when the source still is that, in everything that was carried. */
async function verifyCopy(deps: KeyDeps, run: KeyRun, scene: Scene, written: Seen, targetEtag: string): Promise<Step> {
  const { key } = run.claim
  const at = { replicaId: scene.replica.id, key, epoch: scene.replica.epoch }
  const [target, source] = await Promise.all([
    lookAt(scene.target, key, run.signal),
    lookAt(scene.source, key, run.signal),
  ])
  if (target?.seen.etag !== targetEtag) {
    await putJournal(deps.pool, at, { ...rowOf('there', written, null, true), targetEtag })
    return again
  }
  await putJournal(deps.pool, at, rowOf('there', written, target.seen, true))
  const now = source?.seen
  const still =
    now?.etag === written.etag && now.lastModified === written.lastModified && now.carried === written.carried
  return still ? done : again
}

/** The store cannot hold this object at all: shown like something in the way, and not tried again without a cause. */
async function refusedByTarget(deps: KeyDeps, run: KeyRun, scene: Scene, source: Seen, error: unknown): Promise<Step> {
  const refused = error instanceof StorageError && (error.kind === 'bad-key' || error.kind === 'bad-layout')
  if (!refused || deps.stores.originOf(error) !== scene.target.storageId) throw error
  run.writing = false
  const { targetEtag = null, targetModified = null, targetCarried = null, verified = false } = scene.journal ?? {}
  const row = { ...rowOf('conflict', source, null, verified), targetEtag, targetModified, targetCarried }
  await writeConflict(deps, scene, run.claim.key, row)
  return done
}

async function deleteCopy(deps: KeyDeps, run: KeyRun, scene: Scene, decidedOn: Seen): Promise<Step> {
  const { key } = run.claim
  // Time has passed while the master's bucket was asked.
  const target = (await lookAt(scene.target, key, run.signal))?.seen
  if (target?.etag !== decidedOn.etag || target.carried !== decidedOn.carried) return again
  const unwatch = deps.guard.watch(scene.guard, run.abort)
  try {
    if (!(await journalDeleting(deps.pool, scene.guard, key, targetOf(target)))) throw new Interrupted('not-allowed')
    run.writing = true
    await scene.target.driver.delete(scene.target.bucket, key, { signal: run.signal })
    run.writing = false
  } finally {
    unwatch()
  }
  // Stores know no conditional delete: if the source is back by now, the next round copies it again.
  if ((await lookAt(scene.source, key, run.signal)) !== null) return again
  await putJournal(deps.pool, { replicaId: scene.replica.id, key, epoch: scene.replica.epoch }, null)
  return done
}

/** Somebody removed the replica's bucket: the copy begins anew. */
async function replicaBucketGone(deps: KeyDeps, scene: Scene, error: StorageError): Promise<KeyEnd> {
  if ((await scene.target.driver.headBucket(scene.target.bucket)) !== null) throw error
  await deps.pool.transaction((sql) => observe(sql, scene.replica.id, 'lost', null))
  deps.wakeups.wake('bucket')
  deps.wakeups.wake('event')
  return { end: 'later', seconds: 0.5 }
}
