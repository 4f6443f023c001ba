// A key that is not found was deleted only if its bucket is there to say so: the bucket must answer after the key did. Many
// keys share one such question, which is asked at most once a second for each bucket.
import { setTimeout as sleep } from 'node:timers/promises'

export type MasterConfirmation = {
  /** Whether the bucket is there, asked after this call. `ask` is sent once for all who wait. */
  confirm(bucketId: string, ask: () => Promise<boolean>): Promise<boolean>
}

type Question = { askedAt: number; next: Promise<boolean> | null }

const mostIdle = 1_000

export function createMasterConfirmation(everyMs: number): MasterConfirmation {
  const questions = new Map<string, Question>()

  function forgetIdle(now: number): void {
    if (questions.size < mostIdle) return
    for (const [id, question] of questions)
      if (question.next === null && now - question.askedAt > everyMs) questions.delete(id)
  }
  async function askLater(question: Question, ask: () => Promise<boolean>): Promise<boolean> {
    const wait = question.askedAt + everyMs - performance.now()
    await (wait > 0 ? sleep(wait) : Promise.resolve()) // never at once: `next` must be set first
    question.askedAt = performance.now()
    question.next = null // whoever comes from now on needs an answer to a later question
    return ask()
  }
  return {
    confirm(bucketId, ask) {
      forgetIdle(performance.now())
      const question = questions.get(bucketId) ?? { askedAt: Number.NEGATIVE_INFINITY, next: null }
      questions.set(bucketId, question)
      question.next ??= askLater(question, ask)
      return question.next
    },
  }
}
