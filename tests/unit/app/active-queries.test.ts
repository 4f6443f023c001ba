import { Client, CombinedError, type Exchange, gql, type OperationResult } from 'urql'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { filter, fromValue, makeSubject, mergeMap, pipe, subscribe } from 'wonka'
import { createActiveQueries } from '../../../app/_lib/active-queries.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const noAnswer = new CombinedError({ networkError: new Error('no answer') })

/** A client whose questions are written down, each with its root field, and answered with nothing; `slow`: as it says so, `away`: never. */
function asking({ slow = false, away = false } = {}) {
  const asked: string[] = []
  const answers: (() => void)[] = []
  const queries = createActiveQueries()
  const answer: Exchange = () => (operations) =>
    pipe(
      operations,
      filter((operation) => operation.kind !== 'teardown'),
      mergeMap((operation) => {
        asked.push(String(operation.variables?.['of']))
        const said = away ? { data: undefined, error: noAnswer } : { data: {} }
        const result: OperationResult = { operation, stale: false, hasNext: false, ...said }
        if (!slow) return fromValue(result)
        const { source, next } = makeSubject<OperationResult>()
        answers.push(() => next(result))
        return source
      }),
    )
  const client = new Client({
    url: 'http://127.0.0.1/graphql',
    preferGetMethod: false,
    exchanges: [queries.exchange, answer],
  })
  const show = (field: string) => {
    const { unsubscribe } = pipe(
      client.query(gql(`query Show { ${field} }`), { of: field }),
      subscribe(() => undefined),
    )
    return unsubscribe
  }
  return { asked, queries, show, answer: () => answers.shift()?.(), last: () => asked.splice(0) }
}

test('only what is on screen and reads what changed is asked again', async () => {
  const { queries, show, last } = asking()
  show('buckets')
  show('clusters')
  const hide = show('tokens')
  hide()
  last()
  queries.refetch('buckets', 'tokens')
  await vi.advanceTimersByTimeAsync(60)
  expect(last()).toEqual(['buckets'])
})

test('a burst of hints is one question, and the next round waits a second', async () => {
  const { queries, show, last } = asking()
  show('buckets')
  last()
  for (let i = 0; i < 20; i++) queries.refetch('buckets')
  await vi.advanceTimersByTimeAsync(60)
  expect(last()).toEqual(['buckets'])
  queries.refetch('buckets')
  await vi.advanceTimersByTimeAsync(900)
  expect(last()).toEqual([])
  await vi.advanceTimersByTimeAsync(200)
  expect(last()).toEqual(['buckets'])
})

test('after a gap all that is on screen is asked again', async () => {
  const { queries, show, last } = asking()
  show('buckets')
  show('clusters')
  last()
  queries.refetchAll()
  await vi.advanceTimersByTimeAsync(60)
  expect(last()).toEqual(['buckets', 'clusters'])
})

test('what is asked already is asked again when its answer is there, which may be older than the hint', async () => {
  const { queries, show, answer, last } = asking({ slow: true })
  show('buckets')
  queries.refetchAll()
  queries.refetchAll()
  await vi.advanceTimersByTimeAsync(5_000)
  expect(last()).toEqual(['buckets'])
  answer()
  await vi.advanceTimersByTimeAsync(0)
  expect(last()).toEqual(['buckets'])
  answer()
  await vi.advanceTimersByTimeAsync(5_000)
  expect(last()).toEqual([])
})

test('what left the screen before its answer is not asked again', async () => {
  const { queries, show, answer, last } = asking({ slow: true })
  show('buckets')
  const hide = show('clusters')
  last()
  queries.refetchAll()
  await vi.advanceTimersByTimeAsync(60)
  hide()
  for (let i = 0; i < 2; i++) answer()
  await vi.advanceTimersByTimeAsync(0)
  expect(last()).toEqual(['buckets'])
})

test('what got no answer is asked again every five seconds, however often it leaves the screen and comes back', async () => {
  const { show, last } = asking({ away: true })
  for (let i = 0; i < 5; i++) show('buckets')()
  show('buckets')
  await vi.advanceTimersByTimeAsync(0)
  last()
  await vi.advanceTimersByTimeAsync(50_000)
  expect(last()).toHaveLength(10)
})

test('what is put away asks nothing later', async () => {
  const { queries, show, last } = asking()
  show('buckets')
  last()
  queries.refetch('buckets')
  queries.dispose()
  await vi.advanceTimersByTimeAsync(5_000)
  expect(last()).toEqual([])
})
