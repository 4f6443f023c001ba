// One question is asked once for all who wait for its answer, and only an answer to a question that was asked after they came
// counts. E.g. a key that is not found was deleted only if its bucket is there to say so, asked after the key was: the bucket
// is asked ten times a second, however many keys were deleted. A question that takes long is asked less often.
import { setTimeout as sleep } from 'node:timers/promises'
import { Interrupted } from '../interrupted.ts'

/** Resolves to what was answered to a question asked after this call. `ask` is sent once for all who wait for it. */
export type SharedAnswers<T> = (about: string, ask: () => Promise<T>) => Promise<T>

type Question<T> = { mayAskAt: number; next: Promise<T> | null }

const mostIdle = 1_000
/** Of the time at most this part (1/n) is spent on asking. */
const mostShare = 10

/** `longestRestMs`: after a question that took long. A store that was silent for a while is not a slow one. */
export function createSharedAnswers<T>(everyMs: number, longestRestMs = 3_000): SharedAnswers<T> {
  const questions = new Map<string, Question<T>>()

  function forgetIdle(now: number): void {
    if (questions.size < mostIdle) return
    for (const [about, question] of questions)
      if (question.next === null && now > question.mayAskAt) questions.delete(about)
  }
  async function askLater(question: Question<T>, ask: () => Promise<T>): Promise<T> {
    const wait = question.mayAskAt - performance.now()
    await (wait > 0 ? sleep(wait) : Promise.resolve()) // never at once: `next` must be set first
    const askedAt = performance.now()
    question.mayAskAt = askedAt + everyMs
    question.next = null // whoever comes from now on needs the answer to a later question
    try {
      return await ask()
    } finally {
      const now = performance.now()
      const rest = Math.min(longestRestMs, (mostShare - 1) * (now - askedAt))
      question.mayAskAt = Math.max(askedAt + everyMs, now + rest)
    }
  }
  return (about, ask) => {
    forgetIdle(performance.now())
    const question = questions.get(about) ?? { mayAskAt: Number.NEGATIVE_INFINITY, next: null }
    questions.set(about, question)
    question.next ??= askLater(question, ask)
    return question.next
  }
}

/** The same, but given up when the work that waits for it is. */
export async function orInterrupted<T>(waiting: Promise<T>, signal: AbortSignal): Promise<T> {
  waiting.catch(() => undefined) // told to those who still wait
  signal.throwIfAborted()
  const { promise, reject } = Promise.withResolvers<never>()
  const stop = () => reject(signal.reason instanceof Error ? signal.reason : new Interrupted('stopping'))
  signal.addEventListener('abort', stop, { once: true })
  try {
    return await Promise.race([waiting, promise])
  } finally {
    signal.removeEventListener('abort', stop)
  }
}
