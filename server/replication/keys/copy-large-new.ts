// A large object of which the copy has nothing, as `copy-new.ts` says, with its bytes passing as they come. What it is stands before
// its bytes, so nothing was written when it turns out not to be simple; whether they are what its ETag digests the copy's store finds
// out, which is told the digest before them. Where another copy is to lend them, both sides are looked at first and last.
import { seenOf } from './carried.ts'
import { counted, tryToCopy } from './copy-key.ts'
import type { Round, Scene } from './key-scene.ts'
import type { KeyDeps, KeyRun } from './key-work.ts'
import { isSimple, newStep, nullIfGone } from './new-object.ts'
import { sourceOf, waitForLender } from './source-of.ts'

/** Null: it is not so simple, and nothing was written. */
export async function copyLargeNew(deps: KeyDeps, run: KeyRun, scene: Scene): Promise<Round | null> {
  const from = await sourceOf(deps, run, scene, { size: run.claim.size ?? 0, version: null })
  if (from === 'wait') return waitForLender()
  if (from !== 'master') return null
  const { source, at } = scene
  const opened = await source.driver.open(source.bucket, at.key, { signal: run.signal }).catch(nullIfGone)
  if (opened === null) return null
  if (!isSimple(opened.head, scene)) {
    opened.body.destroy()
    return null
  }
  const step = newStep(seenOf(opened.head, []))
  return counted(deps, scene, run, (attempt) => tryToCopy(deps, run, scene, step, attempt, { lent: null, opened }))
}
