// Asks the first of several that can answer for the same thing, and the others only when it is needed.
import { setTimeout as sleep } from 'node:timers/promises'

/** How long the first one may take until the others are asked too, in milliseconds. */
const patienceMs = 300

/**
 * What each answered, in their order. Where the first one is well the others are not asked, or not waited for (undefined).
 * `ask` must not reject, and ends by itself.
 */
export async function askInTurn<T, R>(
  things: readonly T[],
  ask: (thing: T) => Promise<R>,
  isWell: (answer: R) => boolean,
): Promise<(R | undefined)[]> {
  const [first, ...others] = things
  if (first === undefined) return []
  const answer = ask(first)
  const timer = new AbortController()
  const patience = sleep(patienceMs, undefined, { signal: timer.signal }).catch(() => undefined)
  const early = await Promise.race([answer, patience])
  timer.abort()
  if (early !== undefined && isWell(early)) return [early]
  const rest = Promise.all(others.map(ask))
  const asked = await answer
  return isWell(asked) ? [asked] : [asked, ...(await rest)]
}
