// Single questions asked as few statements: those that come while one statement is under way go together in the next. Who asks
// alone does not wait; where many ask, the next statement waits a moment for more of them, for it costs both sides more than a
// question in it does.
import { setTimeout as sleep } from 'node:timers/promises'

/** Most questions of one statement, and how many are enough not to wait for more. */
const mostAtOnce = 500
const enough = 64
/** How long the next statement waits for more (milliseconds). */
const gatherMs = 3

type Asked<Item, Answer> = {
  readonly item: Item
  readonly answer: (answer: Answer) => void
  readonly fail: (error: unknown) => void
}

/**
 * `askAll` asks one statement for all items and resolves to their answers in the same order. Where it fails for several, each
 * is asked alone, so that what is wrong with one is told to that one only; `isCommon` says of an error that it is no item's
 * own (the database is away).
 */
export function grouped<Item, Answer>(
  askAll: (items: readonly Item[]) => Promise<readonly Answer[]>,
  isCommon: (error: unknown) => boolean,
): (item: Item) => Promise<Answer> {
  let waiting: Asked<Item, Answer>[] = []
  let asking = false

  async function ask(group: readonly Asked<Item, Answer>[]): Promise<void> {
    try {
      const answers = await askAll(group.map(({ item }) => item))
      for (const [i, { answer }] of group.entries()) answer(answers[i] as Answer)
    } catch (error) {
      if (group.length > 1 && !isCommon(error)) for (const one of group) await ask([one])
      else for (const { fail } of group) fail(error)
    }
  }

  async function askWaiting(): Promise<void> {
    asking = true
    while (waiting.length > 0) {
      const group = waiting.slice(0, mostAtOnce)
      waiting = waiting.slice(mostAtOnce)
      await ask(group)
      if (group.length > 1 && waiting.length < enough) await sleep(gatherMs)
    }
    asking = false
  }

  return (item) =>
    new Promise((answer, fail) => {
      waiting.push({ item, answer, fail })
      // What the same turn of the event loop asks goes along.
      if (waiting.length === 1 && !asking) setImmediate(() => void askWaiting())
    })
}
