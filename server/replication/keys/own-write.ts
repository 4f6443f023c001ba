// What a store refuses because something is in the way may be in the way of itself: a proxy before the store that lost the answer of a
// write sends it once more (nginx does so with a PUT), and tells of the second.
import { lookAt, type Seen } from './carried.ts'
import type { Scene } from './key-scene.ts'
import type { KeyRun } from './key-work.ts'

/** Both times of an answer are in whole seconds. */
const roundingMs = 1_000

/**
 * Whether what is there now is what was sent at `sentAt` (of this process's clock), right after something else, or nothing, was seen
 * there: it is the same in all that is carried, and was written since.
 */
export async function isOwnWrite(run: KeyRun, { target, at }: Scene, sent: Seen, sentAt: number): Promise<boolean> {
  const looked = await lookAt(target, at.key, run.signal)
  if (looked === null) return false
  const { seen, head } = looked
  if (seen.etag !== sent.etag || seen.size !== sent.size || seen.carried !== sent.carried) return false
  return head.serverDate !== null && head.serverDate - head.lastModified <= performance.now() - sentAt + roundingMs
}
