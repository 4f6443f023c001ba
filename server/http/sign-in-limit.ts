// Slows down who tries tokens. Only failures count and only failures wait: behind one reverse proxy all people have one
// address, and a stranger's wrong tokens must not keep out who has a right one. (What makes guessing hopeless is the length
// of tokens; this keeps it from being cheap.)
import { setTimeout as delay } from 'node:timers/promises'

export type SignInLimit = {
  /**
   * Notes a failure of this address and resolves when it may be answered: at once within its budget (0), later beyond it,
   * with the seconds until its budget is fresh.
   */
  failed(address: string): Promise<number>
}

const windowMs = 60_000
const allowed = 10
const mostAddresses = 10_000
const lateMs = 250
/** Answers that are kept waiting at once; more are not worth our memory. */
const mostWaiting = 200

export function createSignInLimit(
  now: () => number = () => performance.now(),
  wait: (ms: number) => Promise<unknown> = delay,
): SignInLimit {
  const failures = new Map<string, { count: number; readonly since: number }>()
  let waiting = 0

  function note(address: string) {
    const entry = failures.get(address)
    if (entry !== undefined && now() - entry.since < windowMs) {
      entry.count++
      return entry
    }
    failures.delete(address) // so that the oldest stay first
    for (const oldest of failures.keys()) {
      if (failures.size < mostAddresses) break
      failures.delete(oldest)
    }
    const fresh = { count: 1, since: now() }
    failures.set(address, fresh)
    return fresh
  }

  return {
    async failed(address) {
      const { count, since } = note(address)
      if (count <= allowed) return 0
      if (waiting < mostWaiting) {
        waiting++
        await wait(lateMs).finally(() => waiting--)
      }
      return Math.max(1, Math.ceil((since + windowMs - now()) / 1000))
    },
  }
}
