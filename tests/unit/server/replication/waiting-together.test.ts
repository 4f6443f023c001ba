import { expect, test } from 'vitest'
import { createLinkGate } from '../../../../server/replication/claims/link-gate.ts'
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

test('a gate admits events before bulk, keeps places for them, and takes a place back once', async () => {
  const gate = createLinkGate({ perLink: 3, keptForEvents: 1, keptForBulk: 1 })
  const order: string[] = []
  const enter = async (name: string, bulk: boolean) => {
    const leave = await gate.enter(bulk, 1)
    order.push(name)
    return leave
  }
  const bulk = [enter('bulk1', true), enter('bulk2', true), enter('bulk3', true)]
  const leave1 = await bulk[0]
  await bulk[1]
  const event = await enter('event1', false)
  const late = enter('event2', false)
  expect(order).toEqual(['bulk1', 'bulk2', 'event1'])
  leave1?.()
  leave1?.()
  await late
  expect(order).toEqual(['bulk1', 'bulk2', 'event1', 'event2'])
  event()
  await bulk[2]
  expect(order.at(-1)).toBe('bulk3')
})

test('a gate lets bulk in beside events that never end', async () => {
  const gate = createLinkGate({ perLink: 2, keptForEvents: 1, keptForBulk: 1 })
  const leave = await Promise.all([gate.enter(false, 1), gate.enter(false, 1)])
  const order: string[] = []
  const waiting = [gate.enter(false, 1), gate.enter(false, 1), gate.enter(true, 1)].map(async (one, place) => {
    await one
    order.push(place === 2 ? 'bulk' : 'event')
  })
  leave[0]()
  await waiting[2]
  expect(order).toEqual(['bulk'])
  leave[1]()
  await waiting[0]
  expect(order).toEqual(['bulk', 'event'])
})

const turn = () => new Promise((resolve) => setImmediate(resolve))

test('a large object takes the places of many, waits until they are free, and is not passed by those that ask later', async () => {
  const gate = createLinkGate({ perLink: 4, keptForEvents: 1, keptForBulk: 1 })
  const order: string[] = []
  const enter = async (name: string, bulk: boolean, places: number) => {
    const leave = await gate.enter(bulk, places)
    order.push(name)
    return leave
  }
  const [one, two] = await Promise.all([enter('small1', false, 1), enter('small2', false, 1)])
  const large = enter('large', false, 3)
  const later = enter('later', false, 1)
  await turn()
  expect(order).toEqual(['small1', 'small2'])
  one()
  const leaveLarge = await large
  await turn()
  expect(order).toEqual(['small1', 'small2', 'large'])
  two()
  const leaveLater = await later
  leaveLarge()
  leaveLater()
  // One that wants more than there is, or than bulk may have, gets what there is.
  const leave = await enter('huge', true, 9)
  const after = enter('after', false, 1)
  await turn()
  expect(order.at(-1)).toBe('huge')
  leave()
  await after
})
