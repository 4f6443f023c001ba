// A small object of which the copy has nothing, as far as FaDO knows: one GET at the master, one PUT at the copy that holds only
// if nothing is there. What was read names its version, what is there then says by its ETag that it has these very bytes, and
// under the lease nobody else can have changed the key meanwhile: news of the source keep the key due. Anything else goes the
// whole way.
import { hash } from 'node:crypto'
import type { JournalRow, PlannedWrite } from '../../db/copies/journal.ts'
import { isAskable } from '../../storage/object-path.ts'
import type { ObjectHead } from '../../storage/storage-driver.ts'
import { StorageError } from '../../storage/storage-error.ts'
import { Interrupted } from '../interrupted.ts'
import { smallBytes } from '../settings.ts'
import { type Seen, seenOf } from './carried.ts'
import { type Attempt, type CopyStep, counted, isRefusal, verifyCopy } from './copy-key.ts'
import { done, type Round, type Scene } from './key-scene.ts'
import { keyStep, rowOfCopy, rowOfRefusal } from './key-step.ts'
import type { KeyDeps, KeyRun } from './key-work.ts'
import { noteKey } from './note-key.ts'
import { requireLease } from './under-lease.ts'
import { wentBack } from './went-back.ts'

/** An answer that takes longer (milliseconds) does not tell when the object was written. */
const quick = 1_000

export type ReadObject = { readonly head: ObjectHead; readonly bytes: Buffer }

/**
 * The size is an event's or a listing's, so it may be another by now. Most of what is taken over is there already: it is looked at
 * first, or its bytes would be read in vain.
 */
export const mayBeNew = ({ claim }: KeyRun, { journal, at, replica }: Scene): boolean =>
  journal === null && !replica.takingOver && claim.size !== null && claim.size <= smallBytes && isAskable(at.key)

/** Null: it is not so simple, and nothing was written. */
export async function copyNew(deps: KeyDeps, run: KeyRun, scene: Scene): Promise<Round | null> {
  if (!mayBeNew(run, scene)) return null
  const read = await readSmall(run, scene)
  if (read === null) return null
  return counted(deps, scene, run, (attempt) => writeNew(deps, run, scene, read, attempt))
}

/** Null: there is none, it is too large, has tags or went backwards, or the bytes are not those that its ETag digests. */
export async function readSmall(run: KeyRun, scene: Scene): Promise<ReadObject | null> {
  const { signal } = run
  const { source, at } = scene
  const read = await source.driver.read(source.bucket, at.key, { most: smallBytes, signal }).catch((error: unknown) => {
    const isGone = error instanceof StorageError && (error.kind === 'no-such-key' || error.kind === 'no-such-bucket')
    if (isGone) return null
    throw error
  })
  if (read === null || read.bytes === null) return null
  const { head, bytes } = read
  run.onBytes(bytes.length)
  if (!head.etagIsDigest || head.tagCount > 0 || wentBack(head, scene)) return null
  return hash('md5', bytes, 'hex') === head.etag ? { head, bytes } : null
}

/** What the journal says before it is written. */
export function newWrite({ guard, at }: Scene, { head }: ReadObject): PlannedWrite & { readonly step: CopyStep } {
  const step = keyStep({ journal: null, target: null, source: seenOf(head, []), sameBytes: null })
  if (step.step !== 'copy') throw new Error(`nothing there, and yet: ${step.step}`)
  return { guard, key: at.key, what: step.before, step }
}

type Sent = {
  readonly targetEtag: string
  /** What the journal says after it; null: the answer does not show that these bytes are there. */
  readonly row: JournalRow | null
}

/** The journal says already what is written here. `precondition-failed`: something is there, and nothing was written. */
export async function sendNew(run: KeyRun, { target, at }: Scene, { head, bytes }: ReadObject): Promise<Sent> {
  run.signal.throwIfAborted()
  requireLease(run)
  run.writing = true
  const sentAt = performance.now()
  const written = await target.driver.put(target.bucket, at.key, {
    body: bytes,
    size: bytes.length,
    metadata: head.metadata,
    md5: head.etag,
    condition: { ifNoneMatch: '*' },
    signal: run.signal,
  })
  run.writing = false
  const { etag, serverDate } = written
  const isSure = etag === head.etag && serverDate !== null && performance.now() - sentAt < quick && run.holds()
  return { targetEtag: etag, row: isSure ? rowOfNew(seenOf(head, []), serverDate) : null }
}

/** How the store shows what is beside the bytes is not known until somebody looks; that it is ours is told by the time of the answer. */
const rowOfNew = (written: Seen, answeredAt: number): JournalRow => ({
  ...rowOfCopy(written, written),
  targetModified: answeredAt,
  targetCarried: null,
})

async function writeNew(
  deps: KeyDeps,
  run: KeyRun,
  scene: Scene,
  read: ReadObject,
  attempt: Attempt,
): Promise<Round | null> {
  const { guard, at } = scene
  const { step, ...planned } = newWrite(scene, read)
  const unwatch = deps.guard.watch(guard, run.abort)
  try {
    // Also a question whether the write is allowed, in the same statement.
    if (!(await deps.statements.journalWriting(planned))) throw new Interrupted('not-allowed')
    const { targetEtag, row } = await sendNew(run, scene, read)
    Object.assign(attempt, { result: 'copied', bytes: read.bytes.length })
    if (row === null) return await verifyCopy(deps, run, scene, step.source, { targetEtag, verified: 'md5' })
    await deps.statements.putJournal({ at, row })
    run.changed = true
    return done
  } catch (error) {
    if (isRefusal(deps, scene, error)) {
      run.writing = false
      attempt.result = 'refused'
      await noteKey(deps, run, scene, rowOfRefusal(step, null))
      return done
    }
    if (!isTaken(error)) throw error
    run.writing = false
    attempt.result = 'changed'
    // Nothing was written: the journal says again what it said before.
    await deps.statements.putJournal({ at, row: null })
    return null
  } finally {
    unwatch()
  }
}

/** Something is there. */
export const isTaken = (error: unknown): boolean =>
  error instanceof StorageError && error.kind === 'precondition-failed'
