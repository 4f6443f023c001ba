// What a key of a master was, over time: the truth that answers are judged by. One writer per key, so its writes are in
// order. Times are milliseconds of one clock. Pure but for the list it keeps.

export type Content = {
  readonly sha256: string
  readonly size: number
  readonly contentType: string
  /** Without the prefix x-amz-meta-. */
  readonly metadata: Readonly<Record<string, string>>
  readonly tags: Readonly<Record<string, string>>
}
export type Write = {
  /** null: deleted, or never there. */
  readonly content: Content | null
  /** When it was sent; it cannot have been seen before. */
  readonly sentAt: number
  /** When the master had surely taken it; undefined: not known (yet). */
  doneAt?: number
}

export type KeyHistory = {
  /** A write that begins now. Tell its end with `done` or `undone`. */
  begin(content: Content | null, sentAt: number): Write
  done(write: Write, at: number): void
  /** The master turned out never to have taken it. */
  undone(write: Write): void
  /** What the master has now; undefined while that is not known. */
  current(): Content | null | undefined
  /** Everything that the master can have had at some moment of this span, the latest last. */
  during(from: number, to: number): readonly Write[]
  /** When this write was surely replaced by another one; undefined: not yet. */
  replacedAt(write: Write): number | undefined
}

export function createHistory(): KeyHistory {
  const writes: Write[] = [{ content: null, sentAt: Number.NEGATIVE_INFINITY, doneAt: Number.NEGATIVE_INFINITY }]
  const after = (write: Write) => writes.slice(writes.indexOf(write) + 1)
  const replacedAt = (write: Write) => after(write).find(({ doneAt }) => doneAt !== undefined)?.doneAt

  return {
    begin(content, sentAt) {
      const write: Write = { content, sentAt }
      writes.push(write)
      return write
    },
    done(write, at) {
      write.doneAt = at
    },
    undone(write) {
      const at = writes.indexOf(write)
      if (at > 0) writes.splice(at, 1)
    },
    current() {
      const last = writes.at(-1)
      return last?.doneAt === undefined ? undefined : last.content
    },
    during: (from, to) =>
      writes.filter((write) => write.sentAt <= to && (replacedAt(write) ?? Number.POSITIVE_INFINITY) >= from),
    replacedAt,
  }
}
