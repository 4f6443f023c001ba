// The step `copy` of one key: journal, bytes, what the stores answer. What is looked at afterwards: verify-copy.ts.
import type { WriteGuard } from '../../db/copies/journal-announce.ts'
import type { JournalRow } from '../../db/copies/journal-row.ts'
import { copyObject } from '../../storage/copy-object.ts'
import type { CopyOutcome, SourceVersion } from '../../storage/copy-request.ts'
import { StorageError } from '../../storage/storage-error.ts'
import type { OpenedObject, WriteCondition } from '../../storage/storage-values.ts'
import { Interrupted } from '../interrupted.ts'
import { type Moment, thisMoment } from '../moment.ts'
import type { CopyResult } from '../report/mover-metrics.ts'
import { type Seen, seenOf } from './carried.ts'
import { announce } from './guarded-write.ts'
import { again, done, outrun, type Round, type Scene } from './key-scene.ts'
import { type KeyStep, rowOfRefusal, uploadToResume } from './key-step.ts'
import type { KeyDeps, KeyRun } from './key-work.ts'
import { noteKey } from './note-key.ts'
import { isOwnWrite, stoodBefore } from './own-write.ts'
import { type Lender, refuseLender, sourceOf, waitForLender } from './source-of.ts'
import { isKnownByAnswer, noteUnseen, noteUntagged, verifyCopy } from './verify-copy.ts'

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

/** `journaled`: what the journal was told; undefined: nothing yet. `sentAt`: when the last request that writes began. */
type Told = { journaled: JournalRow | undefined; sentAt: Moment }

/** One attempt, whoever gives the bytes; `told` grows with it. */
type Try = {
  readonly deps: KeyDeps
  readonly run: KeyRun
  readonly scene: Scene
  readonly step: CopyStep
  readonly attempt: Attempt
  readonly way: CopyWay
  readonly guard: WriteGuard
  readonly told: Told
}

export async function tryToCopy(
  deps: KeyDeps,
  run: KeyRun,
  scene: Scene,
  step: CopyStep,
  attempt: Attempt,
  way: CopyWay,
): Promise<Round> {
  const { lent } = way
  const guard = lent === null ? scene.guard : { ...scene.guard, from: lent.place.storageId }
  const one: Try = { deps, run, scene, step, attempt, way, guard, told: { journaled: undefined, sentAt: thisMoment() } }
  if (lent !== null) attempt.from = lent.place.store
  const unwatch = deps.guard.watch(guard, run.abort)
  try {
    const outcome = await send(one)
    run.writing = false
    return await afterAnswer(one, outcome)
  } catch (error) {
    return await afterFailure(one, error)
  } finally {
    unwatch()
  }
}

/** The bytes go over, each write told to the journal first. */
async function send({ deps, run, scene, step, attempt, way, guard, told }: Try): Promise<CopyOutcome> {
  const { lent, opened } = way
  const { source, replaced, before } = step
  const { key } = scene.at
  const condition: WriteCondition = replaced === null ? { ifNoneMatch: '*' } : { ifMatch: replaced.etag }
  return copyObject({
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
      told.sentAt = thisMoment()
      if (told.journaled?.uploadId === uploadId) return deps.guard.assertAllowed(guard)
      const row = { ...before, uploadId }
      await announce(run, deps.statements.journalWriting({ guard, key, what: row }))
      told.journaled = row
    },
  })
}

/** The stores have answered: what that makes of the key. */
async function afterAnswer(one: Try, outcome: CopyOutcome): Promise<Round> {
  const { deps, run, scene, step, attempt, way } = one
  switch (outcome.outcome) {
    case 'copied': {
      const end = way.opened !== undefined && isKnownByAnswer(run, outcome) ? noteUnseen : verifyCopy
      const round = await end(deps, run, scene, written(step.source, way.lent, outcome), outcome)
      attempt.result = 'copied'
      attempt.bytes = outcome.bytes
      return round
    }
    case 'untagged':
      attempt.result = 'refused'
      attempt.bytes = outcome.bytes
      return noteUntagged(deps, run, scene, written(step.source, way.lent, outcome), outcome.targetEtag)
    case 'source-changed':
    case 'source-gone':
    case 'target-changed':
      attempt.result = 'changed'
      return afterChange(one, outcome)
  }
}

/** Something else is at the source or the target than was seen there. */
async function afterChange({ deps, run, scene, step, way, told }: Try, { outcome }: CopyOutcome): Promise<Round> {
  const isOfTarget = outcome === 'target-changed'
  // It is ours, as the journal says: the next round takes it for that.
  if (isOfTarget && way.opened === undefined && (await isOwnWrite(run, scene, step.source, told.sentAt))) return again
  // Nothing was written: the journal says again what it said before.
  if (told.journaled !== undefined) await deps.statements.putJournal({ at: scene.at, row: scene.journal })
  if (isOfTarget) return outrun
  if (way.lent !== null) await refuseLender(deps, run, scene, way.lent)
  return again
}

/** Rethrows what is the fault of neither the lender nor the object. */
async function afterFailure({ deps, run, scene, step, attempt, way, told }: Try, error: unknown): Promise<Round> {
  const { lent, opened } = way
  if (lent !== null && !run.writing && deps.stores.originOf(error) === lent.place.storageId) {
    await refuseLender(deps, run, scene, lent, error)
    return again
  }
  // What goes in parts may be gone on with.
  const atOnce = opened !== undefined && told.journaled?.uploadId === null
  if (atOnce && (await stoodBefore(run, scene, told.sentAt))) {
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

/** The store cannot hold this object at all: shown like something in the way, and not tried again without a cause. */
export function isRefusal(deps: KeyDeps, { target }: Scene, error: unknown): boolean {
  return error instanceof StorageError && error.isOfObject && deps.stores.originOf(error) === target.storageId
}
