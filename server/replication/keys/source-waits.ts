// How long a key waits for another copy to get what it lacks, too. Whether that one gets on is seen from rows; this only says that
// nobody waits for ever.
import type { CopyId } from '../../domain/replica/copy-id.ts'

/** Milliseconds: what takes longer crosses twice. */
const longestWait = 60_000
/** Those that ended elsewhere are forgotten with all others. */
const mostWaits = 10_000

type Key = CopyId & { readonly key: string }

export type SourceWaits = {
  mayWait(key: Key): boolean
  /** It waits, since now or longer. */
  waits(key: Key): void
  ended(key: Key): void
}

export function createSourceWaits(now: () => number = () => performance.now()): SourceWaits {
  const since = new Map<string, number>()
  const idOf = ({ bucketId, storageId, key }: Key) => `${bucketId} ${storageId} ${key}`
  return {
    mayWait: (key) => now() - (since.get(idOf(key)) ?? now()) < longestWait,
    waits(key) {
      if (since.size >= mostWaits) since.clear()
      const id = idOf(key)
      if (!since.has(id)) since.set(id, now())
    },
    ended: (key) => void since.delete(idOf(key)),
  }
}
