// When a command that stays is asked to go: Ctrl-C, SIGTERM, a closed terminal, the end of the process that started it.
import { onParentGone } from '../supervise/die-with-parent.ts'

export type StopSignals = {
  /** The first wish: stop in order. */
  readonly stop: AbortSignal
  /** The second one: at once. */
  readonly force: AbortSignal
}

/** One Ctrl-C can arrive twice: from the terminal, and passed on by npm or by what started us. */
const sameWishMs = 1_000
/** What has not ended by then, after it was forced or its parent is gone, is cut off. */
const lastMs = 5_000

export function watchStopSignals(): StopSignals {
  const stop = new AbortController()
  const force = new AbortController()
  let wishedAt = 0
  const cutOff = () => setTimeout(() => process.exit(1), lastMs).unref()
  function wish() {
    if (!stop.signal.aborted) {
      wishedAt = performance.now()
      stop.abort(new Error('stopped'))
    } else if (performance.now() - wishedAt > sameWishMs && !force.signal.aborted) {
      force.abort(new Error('stopped'))
      cutOff()
    }
  }
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, wish)
  onParentGone(() => {
    wish()
    cutOff()
  })
  return { stop: stop.signal, force: force.signal }
}
