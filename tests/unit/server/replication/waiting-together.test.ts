import { expect, test } from 'vitest'
import { Interrupted } from '../../../../server/replication/interrupted.ts'
import { createSharedAnswers, orInterrupted } from '../../../../server/replication/stores/shared-answers.ts'

test('who comes while a question is under way gets the answer to a later one, which is shared', async () => {
  const answers: PromiseWithResolvers<number>[] = []
  const ask = () => {
    const answer = Promise.withResolvers<number>()
    answers.push(answer)
    return answer.promise
  }
  const shared = createSharedAnswers<number>(30)
  const first = shared('b', ask)
  await Promise.resolve()
  expect(answers).toHaveLength(1)
  const late = [shared('b', ask), shared('b', ask)]
  answers[0]?.resolve(1)
  expect(await first).toBe(1)
  while (answers.length < 2) await new Promise((resolve) => setTimeout(resolve, 1))
  answers[1]?.resolve(2)
  expect(await Promise.all(late)).toEqual([2, 2])
  expect(answers).toHaveLength(2)
})

test('a question that fails fails for those who waited only', async () => {
  const shared = createSharedAnswers<string>(1)
  await expect(shared('b', () => Promise.reject(new Error('away')))).rejects.toThrow('away')
  expect(await shared('b', async () => 'here')).toBe('here')
})

test('after an answer that took long the next question is not put off for longer than said', async () => {
  const shared = createSharedAnswers<string>(1, 20)
  await shared('b', () => new Promise((resolve) => setTimeout(resolve, 300, 'slow')))
  const begun = performance.now()
  expect(await shared('b', async () => 'quick')).toBe('quick')
  expect(performance.now() - begun).toBeLessThan(1_500)
})

test('waiting for an answer ends with the work that waits', async () => {
  const work = new AbortController()
  const waiting = orInterrupted(new Promise(() => undefined), work.signal)
  work.abort(new Interrupted('lease'))
  await expect(waiting).rejects.toMatchObject({ reason: 'lease' })
})

test('an answer may fail when nobody waits for it any more', async () => {
  const answer = Promise.withResolvers<number>()
  await expect(orInterrupted(answer.promise, AbortSignal.abort(new Interrupted('stopping')))).rejects.toMatchObject({
    reason: 'stopping',
  })
  answer.reject(new Error('closed'))
  await new Promise((resolve) => setImmediate(resolve)) // an unhandled rejection would fail the run
})
