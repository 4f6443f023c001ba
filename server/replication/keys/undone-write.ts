// A write that was cut off and is not there when its store answers may land yet: for how long it is waited for.
import { noteUndone } from '../../db/copies/journal-edits.ts'
import type { Scene } from './key-scene.ts'
import type { KeyDeps, KeyEnd } from './key-work.ts'

/** The store did not answer at some time since the write was first seen not to be done. */
const fellSilent = ({ stores }: KeyDeps, { target: { storageId }, undoneSeconds }: Scene): boolean =>
  undoneSeconds !== null &&
  stores.troubleSince({ fromStorageId: storageId, toStorageId: storageId }, undoneSeconds) !== null

/**
 * Whether a write that was cut off has had its time to land: the store has answered for so long. It may have been silent while it was
 * asked, which is a part of that time only where it answered soon.
 */
export function hadItsTime(deps: KeyDeps, scene: Scene, tookMs: number): boolean {
  const { lateWrite } = deps.times
  const silentMs = tookMs > lateWrite / 2 ? tookMs : 0
  return (scene.undoneSeconds ?? 0) * 1000 >= lateWrite + silentMs && !fellSilent(deps, scene)
}

/**
 * What lands after all would be nobody's if the journal forgot it now, so it is looked at once more: the store answers, and has by
 * then done what it was told before. Nothing is held meanwhile, and how long that is already goes by the journal: whatever ends the
 * wait does not make it begin anew, but that the store fell silent.
 */
export async function waitForWrite(deps: KeyDeps, scene: Scene): Promise<KeyEnd> {
  const { pool, owner, times } = deps
  const isAnew = fellSilent(deps, scene)
  const doneMs = isAnew ? 0 : (scene.undoneSeconds ?? 0) * 1000
  if (isAnew || scene.undoneSeconds === null) await noteUndone(pool.lazily, owner, scene.at)
  const leftMs = times.lateWrite - doneMs
  return { end: 'later', seconds: (leftMs > 0 ? leftMs : times.lateWrite) / 1000 }
}
