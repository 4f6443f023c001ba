// Walks several sorted listings side by side in constant memory: one page of each at a time.
import { compareKeys } from '../../storage/compare-keys.ts'

type Keyed = { readonly key: string }
type Pages<T extends Keyed> = AsyncIterable<readonly T[]>

/** The place in one listing: `now` is undefined at its end. */
type Cursor<T> = { now: T | undefined; next(): Promise<void> | undefined; close(): Promise<void> }

function createCursor<T extends Keyed>(pages: Pages<T>): Cursor<T> {
  const iterator = pages[Symbol.asyncIterator]()
  let page: readonly T[] = []
  let place = 0
  async function turn(): Promise<void> {
    do {
      const { done, value } = await iterator.next()
      if (done === true) {
        cursor.now = undefined
        return
      }
      page = value
      place = 0
    } while (page.length === 0)
    cursor.now = page[0]
  }
  const cursor: Cursor<T> = {
    now: undefined,
    next() {
      place++
      if (place < page.length) {
        cursor.now = page[place]
        return undefined
      }
      return turn()
    },
    async close() {
      await iterator.return?.()
    },
  }
  return cursor
}

/** One key with what each listing has under it; at least one has something. */
export type Joined<A, B, C> = {
  readonly key: string
  readonly a: A | undefined
  readonly b: B | undefined
  readonly c: C | undefined
}

const nothing: Pages<never> = { async *[Symbol.asyncIterator]() {} }

/** Every key of two or three listings, in UTF-8 byte order, once. A listing that fails makes this fail. */
export async function* mergeJoin<A extends Keyed, B extends Keyed, C extends Keyed = never>(
  listA: Pages<A>,
  listB: Pages<B>,
  listC: Pages<C> = nothing,
): AsyncGenerator<Joined<A, B, C>> {
  const a = createCursor(listA)
  const b = createCursor(listB)
  const c = createCursor(listC)
  try {
    await Promise.all([a.next(), b.next(), c.next()])
    for (;;) {
      let key = a.now?.key
      for (const other of [b.now?.key, c.now?.key])
        if (other !== undefined && (key === undefined || compareKeys(other, key) < 0)) key = other
      if (key === undefined) return
      const hasA = a.now?.key === key
      const hasB = b.now?.key === key
      const hasC = c.now?.key === key
      yield { key, a: hasA ? a.now : undefined, b: hasB ? b.now : undefined, c: hasC ? c.now : undefined }
      const turns = [hasA && a.next(), hasB && b.next(), hasC && c.next()].filter((turn) => turn instanceof Promise)
      if (turns.length > 0) await Promise.all(turns)
    }
  } finally {
    await Promise.allSettled([a.close(), b.close(), c.close()])
  }
}
