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
/** Whatever hangs is forced after the first wish, and cut off a moment later: all is gone within 10 s. */
const forcedMs = 9_000
const lastMs = 500
/** After the second wish, or when its parent is gone. */
const impatientMs = 5_000

export function watchStopSignals(): StopSignals {
  const stop = new AbortController()
  const force = new AbortController()
  let wishedAt = 0
  const cutOff = (ms: number) => setTimeout(() => process.exit(1), ms).unref()
  function late() {
    console.error(`fado: it has not stopped within ${forcedMs / 1000} s and is cut off`)
    force.abort(new Error('stopped'))
    cutOff(lastMs)
  }
  function wish() {
    if (!stop.signal.aborted) {
      wishedAt = performance.now()
      stop.abort(new Error('stopped'))
      setTimeout(late, forcedMs).unref()
    } else if (performance.now() - wishedAt > sameWishMs && !force.signal.aborted) {
      force.abort(new Error('stopped'))
      cutOff(impatientMs)
    }
  }
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, wish)
  onParentGone(() => {
    wish()
    cutOff(impatientMs)
  })
  return { stop: stop.signal, force: force.signal }
}
