// An object of which the copy has nothing, as far as FaDO knows: one GET at the master (or one HEAD there, and one GET at a copy
// that lends the bytes), one PUT at the copy that holds only if nothing is there. What was read names its version, what is there
// then says by its ETag that it has these very bytes, and under the lease nobody else can have changed the key meanwhile: news of
// the source keep the key due. Anything else goes the whole way. A small object is read before anything is written; the bytes of a
// large one pass as they come (`copy-large-new.ts`).
import { hash } from 'node:crypto'
import type { PlannedWrite, WriteGuard } from '../../db/copies/journal-announce.ts'
import type { JournalRow } from '../../db/copies/journal-row.ts'
import { StorageError } from '../../storage/storage-error.ts'
import type { ObjectHead } from '../../storage/storage-values.ts'
import { timed } from '../../storage/written-at.ts'
import { type Moment, thisMoment } from '../moment.ts'
import { smallBytes } from '../settings.ts'
import { type Seen, seenOf } from './carried.ts'
import { type Attempt, type CopyStep, counted, isRefusal } from './copy-key.ts'
import { copyLargeNew } from './copy-large-new.ts'
import { announce, answered, begin, watched } from './guarded-write.ts'
import { done, type Round, type Scene, type StorePlace } from './key-scene.ts'
import { rowOfRefusal, rowOfUnseen } from './key-step.ts'
import type { KeyDeps, KeyRun } from './key-work.ts'
import { isSimple, mayBeNew, newStep, nullIfGone } from './new-object.ts'
import { noteKey } from './note-key.ts'
import { stoodBefore } from './own-write.ts'
import { type Lender, refuseLender, sourceOf, waitForLender } from './source-of.ts'
import { verifyCopy } from './verify-copy.ts'

/** `version`: what the head shows. `from`: the copy that lent the bytes; null: the master. */
export type NewObject = {
  readonly head: ObjectHead
  readonly version: Seen
  readonly bytes: Buffer
  readonly from: StorePlace | null
}

/** Null: it is not so simple, and nothing was written. */
export async function copyNew(deps: KeyDeps, run: KeyRun, scene: Scene): Promise<Round | null> {
  if (!mayBeNew(run, scene)) return null
  run.triedAsNew = true
  return (run.claim.size ?? 0) > smallBytes ? copyLargeNew(deps, run, scene) : copySmallNew(deps, run, scene)
}

async function copySmallNew(deps: KeyDeps, run: KeyRun, scene: Scene): Promise<Round | null> {
  const read = await readNew(deps, run, scene)
  if (read === 'wait') return waitForLender()
  if (read === null) return null
  return counted(deps, scene, run, (attempt) => writeNew(deps, run, scene, read, attempt))
}

/** `wait`: another copy will lend it. Null: it is not so simple. */
export async function readNew(deps: KeyDeps, run: KeyRun, scene: Scene): Promise<NewObject | 'wait' | null> {
  const source = await sourceOf(deps, run, scene, { size: run.claim.size ?? 0, version: null })
  if (source === 'wait') return source
  const lent = typeof source === 'string' ? null : await readLent(deps, run, scene, source)
  return lent ?? readSmall(run, scene)
}

/** What is wanted the master says, by a HEAD; null: that is not so simple, or not what is lent. */
async function readLent(deps: KeyDeps, run: KeyRun, scene: Scene, lender: Lender): Promise<NewObject | null> {
  const { source, at } = scene
  const { place, row } = lender
  const head = await source.driver.head(source.bucket, at.key, { signal: run.signal })
  if (head === null || !isSimple(head, scene) || head.size > smallBytes) return null
  const version = seenOf(head, [])
  if (row.sourceEtag !== version.etag || row.carried !== version.carried) return null
  try {
    const { bytes } = await place.driver.read(place.bucket, at.key, { most: smallBytes, signal: run.signal })
    run.onBytes(bytes?.length ?? 0)
    if (bytes !== null && md5Of(bytes) === head.etag) return { head, version, bytes, from: place }
    await refuseLender(deps, run, scene, lender)
  } catch (error) {
    if (!(error instanceof StorageError)) throw error
    await refuseLender(deps, run, scene, lender, error)
  }
  run.readFrom(source.storageId, 'MASTER_BEST')
  return null
}

const md5Of = (bytes: Buffer): string => hash('md5', bytes, 'hex')

/** Null: there is none, it is too large, has tags or went backwards, or the bytes are not those that its ETag digests. */
async function readSmall(run: KeyRun, scene: Scene): Promise<NewObject | null> {
  const { signal } = run
  const { source, at } = scene
  const read = await source.driver.read(source.bucket, at.key, { most: smallBytes, signal }).catch(nullIfGone)
  if (read === null || read.bytes === null) return null
  const { head, bytes } = read
  run.onBytes(bytes.length)
  if (!isSimple(head, scene)) return null
  return md5Of(bytes) === head.etag ? { head, version: seenOf(head, []), bytes, from: null } : null
}

export const guardOf = (guard: WriteGuard, from: StorePlace | null): WriteGuard =>
  from === null ? guard : { ...guard, from: from.storageId }

/** What the journal says before it is written. */
export function newWrite(
  { guard, at }: Scene,
  { version, from }: NewObject,
): PlannedWrite & { readonly step: CopyStep } {
  const step = newStep(version)
  return { guard: guardOf(guard, from), key: at.key, what: step.before, step }
}

type Sent = {
  readonly targetEtag: string
  /** What the journal says after it; null: the answer does not show that these bytes are there. */
  readonly row: JournalRow | null
}

/** The journal says already what is written here. `precondition-failed`: something is there, and nothing was written. */
export async function sendNew(run: KeyRun, { target, at }: Scene, { head, version, bytes }: NewObject): Promise<Sent> {
  begin(run)
  const put = target.driver.put(target.bucket, at.key, {
    body: bytes,
    size: bytes.length,
    metadata: head.metadata,
    md5: head.etag,
    condition: { ifNoneMatch: '*' },
    signal: run.signal,
  })
  const { etag, writtenAt } = await answered(run, timed(put))
  const isSure = etag === head.etag && writtenAt !== null && run.holds()
  return { targetEtag: etag, row: isSure ? rowOfUnseen(version, writtenAt) : null }
}

async function writeNew(
  deps: KeyDeps,
  run: KeyRun,
  scene: Scene,
  read: NewObject,
  attempt: Attempt,
): Promise<Round | null> {
  const { at } = scene
  const { step, ...planned } = newWrite(scene, read)
  if (read.from !== null) attempt.from = read.from.store
  let sentAt = thisMoment()
  try {
    return await watched(deps, run, planned.guard, async () => {
      await announce(run, deps.statements.journalWriting(planned))
      sentAt = thisMoment()
      const { targetEtag, row } = await sendNew(run, scene, read)
      Object.assign(attempt, { result: 'copied', bytes: read.bytes.length })
      if (row === null) return verifyCopy(deps, run, scene, step.source, { targetEtag, verified: 'size' })
      await deps.statements.putJournal({ at, row })
      run.changed = true
      return done
    })
  } catch (error) {
    switch (await endOfFailed(deps, run, scene, { error, sentAt })) {
      case 'refused':
        attempt.result = 'refused'
        await noteKey(deps, run, scene, rowOfRefusal(step, null))
        return done
      case 'taken':
        attempt.result = 'changed'
        // The journal says again what it said before.
        await deps.statements.putJournal({ at, row: null })
        return null
      case 'unknown':
        throw error
    }
  }
}

/**
 * What a write that failed came to. `refused`: the store cannot hold the object. `taken`: something is there, and nothing was
 * written. Of both the store's answer is known from now on.
 */
export async function endOfFailed(
  deps: KeyDeps,
  run: KeyRun,
  scene: Scene,
  { error, sentAt }: { readonly error: unknown; readonly sentAt: Moment },
): Promise<'refused' | 'taken' | 'unknown'> {
  const isRefused = isRefusal(deps, scene, error)
  if (!isRefused && !isTaken(error) && !(await stoodBefore(run, scene, sentAt))) return 'unknown'
  run.writing = false
  return isRefused ? 'refused' : 'taken'
}

/** Something is there. */
const isTaken = (error: unknown): boolean => error instanceof StorageError && error.kind === 'precondition-failed'
