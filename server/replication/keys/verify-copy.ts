// What became of the bytes of one copy, once its store has answered for them: the journal says what is there.
import type { CopyOutcome } from '../../storage/copy-request.ts'
import { StorageError } from '../../storage/storage-error.ts'
import { differ, lookAt, type Seen } from './carried.ts'
import { again, done, lost, type Round, type Scene } from './key-scene.ts'
import { rowOfBadCopy, rowOfCopy, rowOfLostCopy, rowOfUnseen, rowOfUntagged } from './key-step.ts'
import type { KeyDeps, KeyRun } from './key-work.ts'
import { noteKey } from './note-key.ts'
import { haveSameBytes } from './same-bytes.ts'

type Copied = Extract<CopyOutcome, { outcome: 'copied' }>

/** These very bytes are there, since a time that is known, and nobody else can have changed the key meanwhile: news keep it due. */
export const isKnownByAnswer = (run: KeyRun, { verified, writtenAt }: Copied): boolean =>
  verified === 'etag' && writtenAt !== null && run.holds()

export async function noteUnseen(
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
export async function noteUntagged(
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
