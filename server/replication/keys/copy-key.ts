// The step `copy` of one key: journal, bytes, a look at what is there, a look at the master.
import type { WriteGuard } from '../../db/copies/journal-announce.ts'
import type { JournalRow } from '../../db/copies/journal-row.ts'
import { copyObject } from '../../storage/copy-object.ts'
import type { CopyOutcome, SourceVersion } from '../../storage/copy-request.ts'
import { StorageError } from '../../storage/storage-error.ts'
import type { OpenedObject, WriteCondition } from '../../storage/storage-values.ts'
import { Interrupted } from '../interrupted.ts'
import type { CopyResult } from '../report/mover-metrics.ts'
import { differ, lookAt, type Seen, seenOf } from './carried.ts'
import { announce } from './guarded-write.ts'
import { again, done, lost, outrun, type Round, type Scene } from './key-scene.ts'
import {
  type KeyStep,
  rowOfBadCopy,
  rowOfCopy,
  rowOfLostCopy,
  rowOfRefusal,
  rowOfUnseen,
  rowOfUntagged,
  uploadToResume,
} from './key-step.ts'
import type { KeyDeps, KeyRun } from './key-work.ts'
import { noteKey } from './note-key.ts'
import { isOwnWrite, stoodBefore } from './own-write.ts'
import { haveSameBytes } from './same-bytes.ts'
import { type Lender, refuseLender, sourceOf, waitForLender } from './source-of.ts'

type Copied = Extract<CopyOutcome, { outcome: 'copied' }>

export type CopyStep = Extract<KeyStep, { step: 'copy' }>

/** What is counted of a copy; `from`: the store that gives the bytes, by name. */
export type Attempt = { result: CopyResult; bytes: number; from: string }

/** `shown`: the step's source with what is beside its bytes, as the master just showed it. */
export async function copyKey(
  deps: KeyDeps,
  run: KeyRun,
  scene: Scene,
  step: CopyStep,
  shown: SourceVersion,
): Promise<Round> {
  const source = await sourceOf(deps, run, scene, { size: step.source.size, version: step.source })
  if (source === 'wait') return waitForLender()
  const lent = typeof source === 'string' ? null : { ...source, shown }
  return counted(deps, scene, run, (attempt) => tryToCopy(deps, run, scene, step, attempt, { lent }))
}

/** Somebody else than the master gives the bytes of what is shown. */
export type Lent = Lender & { readonly shown: SourceVersion }

/**
 * `lent`: null: the master gives the bytes. `opened`: it has begun to, and nothing was looked at before; nor is afterwards, where
 * the answer for the write tells enough.
 */
type CopyWay = { readonly lent: Lent | null; readonly opened?: OpenedObject }

/** `copy` says in `attempt` how it went; an error is how it went, too. */
export async function counted<T>(
  deps: KeyDeps,
  scene: Scene,
  run: KeyRun,
  copy: (attempt: Attempt) => Promise<T>,
): Promise<T> {
  const attempt: Attempt = { result: 'failed', bytes: 0, from: scene.source.store }
  const begunAt = performance.now()
  try {
    return await copy(attempt)
  } catch (error) {
    if (run.signal.aborted || error instanceof Interrupted) attempt.result = 'interrupted'
    throw error
  } finally {
    const link = { source: attempt.from, target: scene.target.store }
    deps.metrics.copy(link, attempt.result, attempt.bytes, (performance.now() - begunAt) / 1000)
  }
}

export async function tryToCopy(
  deps: KeyDeps,
  run: KeyRun,
  scene: Scene,
  step: CopyStep,
  attempt: Attempt,
  { lent, opened }: CopyWay,
): Promise<Round> {
  const { source, replaced, before } = step
  const { key } = scene.at
  const condition: WriteCondition = replaced === null ? { ifNoneMatch: '*' } : { ifMatch: replaced.etag }
  const guard: WriteGuard = lent === null ? scene.guard : { ...scene.guard, from: lent.place.storageId }
  if (lent !== null) attempt.from = lent.place.store
  const unwatch = deps.guard.watch(guard, run.abort)
  let journaled: JournalRow | undefined
  let sentAt = 0
  try {
    const outcome = await copyObject({
      source: lent?.place ?? scene.source,
      target: scene.target,
      key,
      sourceEtag: source.etag,
      sourceCoding: source.coding,
      ...(lent === null ? {} : { version: lent.shown }),
      ...(opened === undefined ? {} : { opened }),
      condition,
      // What was begun with bytes of another store is not gone on with.
      resume: lent === null ? uploadToResume(scene.journal, step) : null,
      keepsUpload: (error) => lent === null && isPassing(run, error),
      signal: run.signal,
      onBytes(bytes) {
        attempt.bytes += bytes
        run.onBytes(bytes)
      },
      async beforeWrite({ uploadId }) {
        run.signal.throwIfAborted()
        sentAt = performance.now()
        if (journaled?.uploadId === uploadId) return deps.guard.assertAllowed(guard)
        const row = { ...before, uploadId }
        await announce(run, deps.statements.journalWriting({ guard, key, what: row }))
        journaled = row
      },
    })
    run.writing = false
    if (outcome.outcome === 'untagged') {
      attempt.result = 'refused'
      attempt.bytes = outcome.bytes
      return await noteUntagged(deps, run, scene, written(source, lent, outcome), outcome.targetEtag)
    }
    if (outcome.outcome !== 'copied') {
      attempt.result = 'changed'
      // It is ours, as the journal says: the next round takes it for that.
      const mayBeOwn = outcome.outcome === 'target-changed' && opened === undefined
      if (mayBeOwn && (await isOwnWrite(run, scene, source, sentAt))) return again
      // Nothing was written: the journal says again what it said before.
      if (journaled !== undefined) await deps.statements.putJournal({ at: scene.at, row: scene.journal })
      if (outcome.outcome === 'target-changed') return outrun
      if (lent !== null) await refuseLender(deps, run, scene, lent)
      return again
    }
    const end = opened !== undefined && isKnownByAnswer(run, outcome) ? noteUnseen : verifyCopy
    const round = await end(deps, run, scene, written(source, lent, outcome), outcome)
    attempt.result = 'copied'
    attempt.bytes = outcome.bytes
    return round
  } catch (error) {
    if (lent !== null && !run.writing && deps.stores.originOf(error) === lent.place.storageId) {
      await refuseLender(deps, run, scene, lent, error)
      return again
    }
    // In parts it may be gone on with.
    const atOnce = opened !== undefined && journaled?.uploadId === null
    if (atOnce && (await stoodBefore(run, scene, sentAt))) {
      run.writing = false
      attempt.result = 'changed'
      await deps.statements.putJournal({ at: scene.at, row: scene.journal })
      return outrun
    }
    if (!isRefusal(deps, scene, error)) throw error
    run.writing = false
    attempt.result = 'refused'
    await noteKey(deps, run, scene, rowOfRefusal(step, scene.journal))
    return done
  } finally {
    unwatch()
  }
}

/**
 * The same copy may be gone on with later. What is not allowed any more must not stay, nor what would take the room that a full
 * store lacks.
 */
function isPassing({ signal }: KeyRun, error: unknown): boolean {
  const reason: unknown = signal.aborted ? signal.reason : error
  if (reason instanceof Interrupted) return reason.reason !== 'not-allowed'
  return reason instanceof StorageError && reason.retryable && reason.kind !== 'quota'
}
/** What was written: of what was lent the version that was shown, whose times the lender does not know. */
const written = (source: Seen, lent: Lent | null, { sourceHead, tags }: Pick<Copied, 'sourceHead' | 'tags'>): Seen =>
  lent === null ? seenOf(sourceHead, tags) : source

/** These very bytes are there, since a time that is known, and nobody else can have changed the key meanwhile: news keep it due. */
const isKnownByAnswer = (run: KeyRun, { verified, writtenAt }: Copied): boolean =>
  verified === 'etag' && writtenAt !== null && run.holds()

async function noteUnseen(
  deps: KeyDeps,
  run: KeyRun,
  { at }: Scene,
  written: Seen,
  { writtenAt }: Copied,
): Promise<Round> {
  await deps.statements.putJournal({ at, row: rowOfUnseen(written, writtenAt) })
  run.changed = true
  return done
}

/** All but the tags was written, and is ours. */
async function noteUntagged(
  deps: KeyDeps,
  run: KeyRun,
  scene: Scene,
  written: Seen,
  targetEtag: string,
): Promise<Round> {
  const target = (await lookAt(scene.target, scene.at.key, run.signal))?.seen
  if (target?.etag !== targetEtag) {
    await deps.statements.putJournal({ at: scene.at, row: rowOfLostCopy(written, targetEtag) })
    return lost
  }
  await noteKey(deps, run, scene, rowOfUntagged(written, target))
  return done
}

/** The journal says what was written; the key is done when the source still is that, in everything that was carried. */
export async function verifyCopy(
  deps: KeyDeps,
  run: KeyRun,
  scene: Scene,
  written: Seen,
  { targetEtag, verified }: Pick<Copied, 'targetEtag' | 'verified'>,
): Promise<Round> {
  const { key } = scene.at
  const [target, source] = await Promise.all([
    lookAt(scene.target, key, run.signal),
    run.masterAway ? null : lookAt(scene.source, key, run.signal),
  ])
  if (target?.seen.etag !== targetEtag) {
    await deps.statements.putJournal({ at: scene.at, row: rowOfLostCopy(written, targetEtag) })
    return lost
  }
  if (verified === 'size' && differ(written, target.seen)) {
    if (run.masterAway) return noteDoubt(deps, scene, written, target.seen)
    await requireSameBytes(deps, run, scene, written, target.seen)
  }
  await deps.statements.putJournal({ at: scene.at, row: rowOfCopy(written, target.seen) })
  run.changed = true
  if (run.masterAway) return done // as far as it can be
  const now = source?.seen
  const still =
    now?.etag === written.etag && now.lastModified === written.lastModified && now.carried === written.carried
  return still ? done : again
}

/** Only the master's bytes could tell: it is copied again when that is back. */
async function noteDoubt(deps: KeyDeps, { at }: Scene, written: Seen, target: Seen): Promise<Round> {
  await deps.statements.putJournal({ at, row: rowOfBadCopy(written, target) })
  return done
}

/**
 * Both ETags look like digests and differ: the source's may be none, or what was read was not what is there. Read once more:
 * a store whose ETags are no digests sends the same again.
 */
async function requireSameBytes(deps: KeyDeps, run: KeyRun, scene: Scene, written: Seen, target: Seen): Promise<void> {
  const [from, to] = [
    { ...scene.source, seen: written },
    { ...scene.target, seen: target },
  ]
  if (await haveSameBytes(from, to, scene.at.key, run.signal)) return
  await deps.statements.putJournal({ at: scene.at, row: rowOfBadCopy(written, target) })
  throw new StorageError('bad-digest', 'The master sent other bytes than it has; the object is copied again')
}

/** The store cannot hold this object at all: shown like something in the way, and not tried again without a cause. */
export function isRefusal(deps: KeyDeps, { target }: Scene, error: unknown): boolean {
  return error instanceof StorageError && error.isOfObject && deps.stores.originOf(error) === target.storageId
}
