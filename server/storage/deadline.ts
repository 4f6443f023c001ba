export type Deadline = {
  /** From now on, instead of what was set before. */
  set(ms: number): void
  /** No time limit any more. */
  stop(): void
  /** No time limit any more, and the caller's signal is let go. */
  clear(): void
}

/**
 * Calls `abort` when the caller's signal does, with its reason, or when the time that was set is over, with a TimeoutError; until it
 * is cleared. Also at once.
 */
export function createDeadline(outer: AbortSignal | undefined, abort: (reason: Error) => void): Deadline {
  const forward = () => {
    const reason: unknown = outer?.reason
    abort(reason instanceof Error ? reason : new DOMException('It was aborted', 'AbortError'))
  }
  if (outer?.aborted) forward()
  outer?.addEventListener('abort', forward, { once: true })
  let timer: NodeJS.Timeout | undefined
  const stop = () => clearTimeout(timer)
  const clear = () => {
    stop()
    outer?.removeEventListener('abort', forward)
  }
  const set = (ms: number) => {
    stop()
    timer = setTimeout(() => abort(new DOMException('The time is over', 'TimeoutError')), ms)
  }
  return { set, stop, clear }
}
