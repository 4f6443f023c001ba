// The step `delete` of one key.
import { journalDeleting } from '../../db/copies/journal.ts'
import { Interrupted } from '../interrupted.ts'
import { lookAt } from './carried.ts'
import { again, done, lost, type Round, type Scene } from './key-scene.ts'
import { type KeyStep, rowOfLeft } from './key-step.ts'
import type { KeyDeps, KeyRun } from './key-work.ts'
import { requireLease } from './under-lease.ts'

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
  let versionsLeft: boolean
  const unwatch = deps.guard.watch(scene.guard, run.abort)
  try {
    requireLease(run)
    const allowed = await journalDeleting(deps.pool, deps.owner, { guard: scene.guard, key, what: step.before })
    if (!allowed) throw new Interrupted('not-allowed')
    requireLease(run)
    run.writing = true
    const deleted = await scene.target.driver.delete(scene.target.bucket, key, { signal: run.signal })
    versionsLeft = deleted.versionsLeft || scene.replica.keepsVersions
    run.writing = false
    deps.metrics.deleted(scene.target.store)
  } finally {
    unwatch()
  }
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
