import { setTimeout as delay } from 'node:timers/promises'

/** Asks until the answer is truthy; after `seconds` fails with what it was asked for and the last error. */
export async function eventually<T>(what: string, ask: () => T | Promise<T>, seconds = 15): Promise<NonNullable<T>> {
  const end = performance.now() + seconds * 1000
  let last: unknown
  do {
    try {
      const answer = await ask()
      if (answer) return answer
      last = answer
    } catch (error) {
      last = error
    }
    await delay(20)
  } while (performance.now() < end)
  const cause = last instanceof Error ? last.message : JSON.stringify(last)
  throw new Error(`not within ${seconds} s: ${what}; last: ${cause}`)
}
