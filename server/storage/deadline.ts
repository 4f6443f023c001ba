export type Deadline = {
  readonly signal: AbortSignal
  /** From now on, instead of what was set before. */
  set(ms: number): void
  /** No time limit any more. */
  stop(): void
  /** No time limit any more, and the caller's signal is let go. */
  clear(): void
}

/** Follows the caller's signal until it is cleared, and aborts with a TimeoutError when the time that was set is over. */
export function createDeadline(outer: AbortSignal | undefined): Deadline {
  const controller = new AbortController()
  const forward = () => controller.abort(outer?.reason)
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
    timer = setTimeout(() => controller.abort(new DOMException('The time is over', 'TimeoutError')), ms)
  }
  return { signal: controller.signal, set, stop, clear }
}
