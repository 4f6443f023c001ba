// Makes a master again that went backwards, from a replica that a user chose: what the replica has verified and the master lacks
// or has older is copied back. It deletes nothing, and every write holds only if there is still what was seen, so that what somebody
// writes to the master meanwhile stays. Each run begins anew and finds what is left to do, so that one that is killed is gone on with.
import { setTimeout as sleep } from 'node:timers/promises'
import { type BucketFacts, loadCopy, type ReplicaFacts } from '../../db/copies/copies.ts'
import { countOurs } from '../../db/copies/journal-counts.ts'
import { dropChoice, recordMasterCreatedOn, recordMasterSweep } from '../../db/copies/master.ts'
import { loadMoverPolicies } from '../../db/copies/mover-policies.ts'
import { type JournalEntry, readJournal } from '../../db/copies/read-journal.ts'
import { forgetUpload, leftUploads, mayRebuild, noteUpload, writeRebuild } from '../../db/copies/rebuild.ts'
import { databaseNow } from '../../db/core/clock.ts'
import type { Rebuild } from '../../domain/replica/regress.ts'
import type { TaskEnd } from '../../domain/replica/task-end.ts'
import { copyObject } from '../../storage/copy-object.ts'
import { StorageError } from '../../storage/storage-error.ts'
import type { ListedObject, WriteCondition } from '../../storage/storage-values.ts'
import { forEachOf } from '../for-each-of.ts'
import { Interrupted } from '../interrupted.ts'
import { createdOf } from '../stores/bucket-identity.ts'
import { identifyMaster } from '../stores/master-bucket.ts'
import { evidenceOf } from '../stores/master-evidence.ts'
import type { Store } from '../stores/stores.ts'
import { batched } from './batched.ts'
import { wholeLook } from './checkpoints.ts'
import { compareMaster, type FoundAtMaster } from './compare-master.ts'
import { lookAtMaster, storeBegan } from './master-listing.ts'
import { mergeJoin } from './merge-join.ts'
import { rebuildStep } from './rebuild-step.ts'
import { subscribeMaster } from './subscribe-master.ts'
import { againIn, gone, type TaskDeps, type TaskRun } from './task-work.ts'

/** A key that changes faster than it can be copied is left to its writer. */
const mostPasses = 5

type Subject = {
  readonly bucket: BucketFacts
  readonly replica: ReplicaFacts
  readonly master: Store
  readonly from: Store
}
type Wanted = { readonly journal: JournalEntry; readonly replaced: string | null }

/** The bucket is there, and is the master's from now on: the user ordered so. */
async function ensureMaster(deps: TaskDeps, { bucket, master }: Subject, signal: AbortSignal): Promise<void> {
  const identity = await identifyMaster(deps, bucket, master, signal)
  if ('createdOn' in identity) return
  if (identity.is === 'missing') await master.driver.createBucket(bucket.masterBucket, { signal })
  const createdOn = await createdOf(deps, master, bucket.masterBucket, signal)
  if (createdOn !== null) await recordMasterCreatedOn(deps.pool, bucket.id, createdOn)
}

/** What a run left that was killed. */
async function abortUploads({ pool }: TaskDeps, { bucket, master }: Subject, signal: AbortSignal): Promise<void> {
  for (const { key, uploadId } of await leftUploads(pool, bucket.id)) {
    await master.driver.abortUpload(bucket.masterBucket, key, uploadId, { signal })
    await forgetUpload(pool, bucket.id, key)
  }
}

/** Shows how it goes, at most so often as other figures. */
function createProgress(deps: TaskDeps, { claim: { bucketId }, tell }: TaskRun, from: string, total: number) {
  let now: Rebuild = { from, total, done: 0, copied: 0, bytes: 0, kept: 0, unfit: 0, endedAt: null }
  let writtenAt = 0
  const write = async (): Promise<void> => {
    writtenAt = performance.now()
    await deps.pool.transaction((tx) => writeRebuild(tx, bucketId, now))
  }
  return {
    write,
    async add(more: Partial<Pick<Rebuild, 'done' | 'copied' | 'bytes' | 'kept' | 'unfit'>>): Promise<void> {
      const { done = 0, copied = 0, bytes = 0, kept = 0, unfit = 0 } = more
      now = {
        ...now,
        done: now.done + done,
        copied: now.copied + copied,
        bytes: now.bytes + bytes,
        kept: now.kept + kept,
        unfit: now.unfit + unfit,
      }
      tell({ found: { objects: total, bytes: null }, done: { objects: now.copied, bytes: now.bytes } })
      if (performance.now() - writtenAt >= deps.times.report) await write()
    },
    /** Each pass looks at all keys once more; what was copied adds up. */
    begin(): void {
      now = { ...now, done: 0, kept: 0, unfit: 0 }
    },
    end: async (): Promise<Rebuild> => ({ ...now, endedAt: await databaseNow(deps.pool) }),
  }
}
type Progress = ReturnType<typeof createProgress>

/** False: what was seen there is not there any more. */
async function copyBack(
  deps: TaskDeps,
  run: TaskRun,
  subject: Subject,
  { journal, replaced }: Wanted,
  progress: Progress,
): Promise<boolean> {
  const { bucket, replica, master, from } = subject
  const { key, targetEtag } = journal
  const { signal } = run
  const condition: WriteCondition = replaced === null ? { ifNoneMatch: '*' } : { ifMatch: replaced }
  let noted: string | null = null
  try {
    const outcome = await copyObject({
      source: { driver: from.driver, bucket: replica.bucketName },
      target: { driver: master.driver, bucket: bucket.masterBucket },
      key,
      sourceEtag: targetEtag ?? '',
      condition,
      signal,
      async beforeWrite({ uploadId }) {
        signal.throwIfAborted()
        if (!(await mayRebuild(deps.pool, bucket.id, from.id))) throw new Interrupted('superseded')
        if (uploadId === null || uploadId === noted) return
        await noteUpload(deps.pool, bucket.id, { key, uploadId })
        noted = uploadId
      },
    })
    if (noted !== null) await forgetUpload(deps.pool, bucket.id, key)
    if (outcome.outcome === 'source-gone' || outcome.outcome === 'source-changed') await progress.add({ unfit: 1 })
    if (outcome.outcome === 'copied' || outcome.outcome === 'untagged')
      await progress.add({ copied: 1, bytes: outcome.bytes })
    return outcome.outcome !== 'target-changed'
  } catch (error) {
    if (error instanceof StorageError && error.kind === 'precondition-failed') return false
    if (!(error instanceof StorageError) || !error.isOfObject) throw error
    deps.log.warn({ err: error, bucket: bucket.name }, 'the master cannot hold an object of its replica')
    await progress.add({ unfit: 1 })
    return true
  }
}

/** Looks at every key once. Resolves to how many have to be looked at again. */
async function pass(deps: TaskDeps, run: TaskRun, subject: Subject, progress: Progress): Promise<number> {
  const { bucket, replica, master, from } = subject
  const { signal } = run
  const look = await lookAtMaster(deps, bucket, master, signal)
  if (look === null) throw new Interrupted('superseded')
  const processStartedAt = storeBegan(look, await evidenceOf(deps, bucket.id, master, signal))
  let again = 0
  const copies = batched<Wanted>((batch) =>
    forEachOf(batch, deps.limits.perTask, async (wanted) => {
      if (!(await copyBack(deps, run, subject, wanted, progress))) again++
      await progress.add({ done: 1 })
    }),
  )
  const joined = mergeJoin<ListedObject, JournalEntry, ListedObject>(
    master.driver.list(bucket.masterBucket, { signal }),
    readJournal(deps.pool, replica.id, 0),
    from.driver.list(replica.bucketName, { signal }),
  )
  for await (const { a: listed, b: journal, c: copy } of joined) {
    signal.throwIfAborted()
    const step = rebuildStep(journal, copy, listed, processStartedAt)
    if (step === undefined || journal === undefined) continue
    if (step.step === 'copy') await copies.add({ journal, replaced: step.replaced })
    else await progress.add({ done: 1, kept: step.step === 'keep' ? 1 : 0, unfit: step.step === 'unfit' ? 1 : 0 })
  }
  await copies.flush()
  return again
}

async function copyAll(deps: TaskDeps, run: TaskRun, subject: Subject, progress: Progress): Promise<void> {
  for (let passes = 0; passes < mostPasses; passes++) {
    progress.begin()
    if ((await pass(deps, run, subject, progress)) === 0) return
    await sleep(deps.times.backoff, undefined, { signal: run.signal })
  }
}

export async function rebuildMaster(deps: TaskDeps, run: TaskRun): Promise<TaskEnd> {
  const { claim, signal } = run
  const { pool, times, log } = deps
  const copy = await loadCopy(pool, claim.bucketId, claim.storageId)
  if (copy === null || copy.bucket.masterStorageId !== claim.storageId) return gone
  const { choice, choiceFrom } = copy.bucket
  // Another kind of work is decided for it.
  if (choice !== 'rebuild' || choiceFrom === null || copy.bucket.masterStop !== 'regressed') return againIn(times.idle)
  const chosen = await loadCopy(pool, claim.bucketId, choiceFrom)
  if (chosen?.replica?.observed !== 'complete') {
    log.warn({ bucket: copy.bucket.name }, 'the copy that a master was to be rebuilt from is not complete any more')
    await pool.transaction((tx) => dropChoice(tx, claim.bucketId))
    return againIn(times.idle)
  }
  const [master, from] = await Promise.all([deps.stores.get(claim.storageId), deps.stores.get(choiceFrom)])
  const subject = { bucket: copy.bucket, replica: chosen.replica, master, from }
  await ensureMaster(deps, subject, signal)
  await abortUploads(deps, subject, signal)
  const fresh = await loadCopy(pool, claim.bucketId, claim.storageId)
  const rebuilt = { ...subject, bucket: fresh?.bucket ?? copy.bucket }
  const progress = createProgress(deps, run, from.name, await countOurs(pool, chosen.replica.id))
  await progress.write()
  await copyAll(deps, run, rebuilt, progress)
  return end(deps, run, rebuilt, progress)
}

/** The master is what it is now: what is recorded of it is made true, and normal work goes on. */
async function end(deps: TaskDeps, run: TaskRun, subject: Subject, progress: Progress): Promise<TaskEnd> {
  const { bucket, master, from } = subject
  const { pool, times, log } = deps
  const { signal } = run
  const look = await lookAtMaster(deps, bucket, master, signal)
  if (look === null) return againIn(times.idle)
  // Its events may have been lost with its state.
  const policies = await loadMoverPolicies(pool, bucket.id)
  if (policies.subscribes) await subscribeMaster(deps, bucket, master, { keep: false, signal })
  const walk = wholeLook<FoundAtMaster>(look.startedAt)
  await compareMaster(deps, { bucket, master, look, walk, policies }, { judged: true, deletes: 'tell' }, signal)
  const rebuild = await progress.end()
  const ended = await pool.transaction(async (tx) => {
    if (!(await mayRebuild(tx, bucket.id, from.id))) return false
    await writeRebuild(tx, bucket.id, rebuild)
    await recordMasterSweep(tx, bucket.id, look)
    return true
  })
  if (!ended) return againIn(times.idle)
  log.info({ bucket: bucket.name, store: master.name, ...rebuild }, 'a master was rebuilt')
  return { end: 'done', kind: 'master_sweep', seconds: times.sweepMinS, quietLooks: 0 }
}
