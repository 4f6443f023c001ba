// The step `delete` of one key.
import { lookAt } from './carried.ts'
import { guardedWrite } from './guarded-write.ts'
import { again, done, lost, type Round, type Scene } from './key-scene.ts'
import { type KeyStep, rowOfLeft } from './key-step.ts'
import type { KeyDeps, KeyRun } from './key-work.ts'

export async function deleteKey(
  deps: KeyDeps,
  run: KeyRun,
  scene: Scene,
  step: Extract<KeyStep, { step: 'delete' }>,
): Promise<Round> {
  const { key } = scene.at
  // Time has passed while the master's bucket was asked.
  const target = (await lookAt(scene.target, key, run.signal))?.seen
  if (target?.etag !== step.target.etag || target.carried !== step.target.carried) return again
  const { guard, target: place } = scene
  const deleted = await guardedWrite(deps, run, guard, {
    journal: () => deps.statements.journalDeleting({ guard, key, what: step.before }),
    write: () => place.driver.delete(place.bucket, key, { signal: run.signal }),
  })
  const versionsLeft = deleted.versionsLeft || scene.replica.keepsVersions
  deps.metrics.deleted(place.store)
  const [left, source] = await Promise.all([
    lookAt(scene.target, key, run.signal),
    lookAt(scene.source, key, run.signal),
  ])
  // Stores know no conditional delete: if the source is back by now, the next round copies it again.
  if (source !== null) return again
  if (left?.seen.etag === target.etag) return lost
  await deps.statements.putJournal({ at: scene.at, row: versionsLeft ? rowOfLeft(step.before) : null })
  run.changed = true
  return done
}
