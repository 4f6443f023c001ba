// Files that are read again as they change, such as certificates that are renewed.
import type { Log } from '../server/log.ts'

export type Watched<T> = { readonly current: () => T; readonly stop: () => void }

/** How long a file that was renewed may wait, in milliseconds. */
export const rereadMs = 10_000

/**
 * Throws what `read` throws where the files cannot be used at first. Later that is told in the log, and what was read before
 * holds. `what`: what they are, for the log. `changed`: called with what is new, not with what is there at first.
 */
export async function watchFiles<T>(options: {
  readonly what: string
  readonly read: () => Promise<T>
  readonly same: (a: T, b: T) => boolean
  readonly changed: (fresh: T) => void
  readonly log: Log
  readonly everyMs: number
}): Promise<Watched<T>> {
  const { what, read, same, changed, log, everyMs } = options
  let current = await read()
  let trouble = ''
  const timer = setInterval(() => void reread(), everyMs)
  timer.unref()

  async function reread() {
    try {
      const fresh = await read()
      trouble = ''
      if (same(fresh, current)) return
      current = fresh
      changed(fresh)
      log.info(`${what} was read again`)
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      if (message !== trouble) log.error(`${message} The one before goes on.`)
      trouble = message
    }
  }

  return { current: () => current, stop: () => clearInterval(timer) }
}
