// What a store refuses because something is in the way may be in the way of itself: a proxy before the store that lost the answer of a
// write sends it once more (nginx does so with a PUT), and tells of the second. And a refusal may be lost: a store that reads no more of
// a body closes the connection, and what was in the way all the time must not pass for what was written.
import { type Moment, msSince } from '../moment.ts'
import { lookAt, type Seen } from './carried.ts'
import type { Scene } from './key-scene.ts'
import type { KeyRun } from './key-work.ts'

/** Both times of an answer are in whole seconds. */
const roundingMs = 1_000
/** Some stores look at their clock once a second. */
const lateClockMs = 1_000

/**
 * Whether what is there now is what was sent at `sentAt`, right after something else, or nothing, was seen
 * there: it is the same in all that is carried, and was written since.
 */
export async function isOwnWrite(run: KeyRun, { target, at }: Scene, sent: Seen, sentAt: Moment): Promise<boolean> {
  const looked = await lookAt(target, at.key, run.signal)
  if (looked === null) return false
  const { seen, head } = looked
  if (seen.etag !== sent.etag || seen.size !== sent.size || seen.carried !== sent.carried) return false
  return head.serverDate !== null && head.serverDate - head.lastModified <= msSince(sentAt) + roundingMs
}

/**
 * Of a write that holds only if nothing is there, sent at `sentAt`, and whose answer was lost: whether something is there that is older
 * than it, so that it was refused, or will be. False also where that cannot be seen.
 */
export async function stoodBefore(run: KeyRun, { target, at }: Scene, sentAt: Moment): Promise<boolean> {
  if (!run.writing) return false
  const looked = await lookAt(target, at.key, run.signal).catch(() => null)
  if (looked === null || looked.head.serverDate === null) return false
  const { serverDate, lastModified } = looked.head
  return serverDate - lastModified > msSince(sentAt) + roundingMs + lateClockMs
}
