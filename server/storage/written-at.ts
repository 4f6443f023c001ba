// When an object was written, as far as the answer for it tells.
import type { WriteResult } from './storage-values.ts'

/** An answer that takes longer (milliseconds) does not tell when in that time the object was written. */
const quick = 1_000

export type TimedWrite = WriteResult & {
  /** The store's clock at the write, as its answer says; null: that does not tell. */
  readonly writtenAt: number | null
}

export async function timed(write: Promise<WriteResult>): Promise<TimedWrite> {
  const sentAt = performance.now()
  const written = await write
  return { ...written, writtenAt: performance.now() - sentAt < quick ? written.serverDate : null }
}
