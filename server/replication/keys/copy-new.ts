// A small object of which the copy has nothing, as far as FaDO knows: one GET at the master, one PUT at the copy that holds only
// if nothing is there. What was read names its version, what is there then says by its ETag that it has these very bytes, and
// under the lease nobody else can have changed the key meanwhile: news of the source keep the key due. Anything else goes the
// whole way.
import { createHash } from 'node:crypto'
import { isAskable } from '../../storage/object-path.ts'
import type { OpenedObject } from '../../storage/storage-driver.ts'
import { StorageError } from '../../storage/storage-error.ts'
import { Interrupted } from '../interrupted.ts'
import { smallBytes } from '../settings.ts'
import { type Seen, seenOf } from './carried.ts'
import { type Attempt, counted, isRefusal, verifyCopy } from './copy-key.ts'
import { done, type Round, type Scene } from './key-scene.ts'
import { keyStep, rowOfCopy, rowOfRefusal } from './key-step.ts'
import type { KeyDeps, KeyRun } from './key-work.ts'
import { noteKey } from './note-key.ts'

/** An answer that takes longer (milliseconds) does not tell when the object was written. */
const quick = 1_000

/** The size is an event's or a listing's, so it may be another by now. */
const mayBeNew = ({ claim }: KeyRun, { journal, at }: Scene): boolean =>
  journal === null && claim.size !== null && claim.size <= smallBytes && isAskable(at.key)

/** Null: it is not so simple, and nothing was written. */
export async function copyNew(deps: KeyDeps, run: KeyRun, scene: Scene): Promise<Round | null> {
  if (!mayBeNew(run, scene)) return null
  const read = await readSmall(run, scene)
  return read === null ? null : counted(deps, scene, run, (attempt) => writeNew(deps, run, scene, read, attempt))
}

type Read = { readonly head: OpenedObject['head']; readonly bytes: Buffer }

/** Null: there is none, it is too large or has tags, or the bytes are not those that its ETag digests. */
async function readSmall(run: KeyRun, { source, at }: Scene): Promise<Read | null> {
  const { signal } = run
  const opened = await source.driver.open(source.bucket, at.key, { signal }).catch((error: unknown) => {
    if (error instanceof StorageError && (error.kind === 'no-such-key' || error.kind === 'no-such-bucket')) return null
    throw error
  })
  if (opened === null) return null
  const { head, body, length } = opened
  if (!head.etagIsDigest || head.tagCount > 0 || length > smallBytes || length !== head.size) {
    body.destroy()
    return null
  }
  const chunks: Buffer[] = []
  for await (const chunk of body as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    run.onBytes(chunk.length)
  }
  const bytes = Buffer.concat(chunks)
  return createHash('md5').update(bytes).digest('hex') === head.etag ? { head, bytes } : null
}

async function writeNew(
  deps: KeyDeps,
  run: KeyRun,
  scene: Scene,
  { head, bytes }: Read,
  attempt: Attempt,
): Promise<Round | null> {
  const { target, guard, at } = scene
  const source = seenOf(head, [])
  const step = keyStep({ journal: null, target: null, source, sameBytes: null })
  if (step.step !== 'copy') throw new Error(`nothing there, and yet: ${step.step}`)
  const unwatch = deps.guard.watch(guard, run.abort)
  try {
    // Also a question whether the write is allowed, in the same statement.
    if (!(await deps.statements.journalWriting({ guard, key: at.key, what: step.before })))
      throw new Interrupted('not-allowed')
    run.signal.throwIfAborted()
    if (!run.holds()) throw new Interrupted('lease')
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
    const { serverDate } = written
    const isSure =
      written.etag === head.etag && serverDate !== null && performance.now() - sentAt < quick && run.holds()
    const round = isSure
      ? await noteNew(deps, scene, source, serverDate)
      : await verifyCopy(deps, run, scene, source, { targetEtag: written.etag, verified: 'md5' })
    Object.assign(attempt, { result: 'copied', bytes: bytes.length })
    return round
  } catch (error) {
    if (isRefusal(deps, scene, error)) {
      run.writing = false
      attempt.result = 'refused'
      await noteKey(deps, scene, rowOfRefusal(step, null))
      return done
    }
    if (!(error instanceof StorageError) || error.kind !== 'precondition-failed') throw error
    run.writing = false
    attempt.result = 'changed'
    // Nothing was written: the journal says again what it said before.
    await deps.statements.putJournal({ at, row: null })
    return null
  } finally {
    unwatch()
  }
}

/** How the store shows what is beside the bytes is not known until somebody looks; that it is ours is told by the time of the answer. */
async function noteNew(deps: KeyDeps, { at }: Scene, source: Seen, answeredAt: number): Promise<Round> {
  const row = { ...rowOfCopy(source, source), targetModified: answeredAt, targetCarried: null }
  await deps.statements.putJournal({ at, row })
  return done
}
