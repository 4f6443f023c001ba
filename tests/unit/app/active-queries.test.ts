import { Client, type Exchange, gql } from 'urql'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { filter, map, pipe, subscribe } from 'wonka'
import { createActiveQueries } from '../../../app/_lib/active-queries.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A client whose questions are written down, each with its root field, and answered with nothing. */
function asking() {
  const asked: string[] = []
  const queries = createActiveQueries()
  const answer: Exchange = () => (operations) =>
    pipe(
      operations,
      filter((operation) => operation.kind !== 'teardown'),
      map((operation) => {
        asked.push(String(operation.variables?.['of']))
        return { operation, data: {}, stale: false, hasNext: false }
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
  return { asked, queries, show, last: () => asked.splice(0) }
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

test('after a gap all that is on screen is asked again at once', async () => {
  const { queries, show, last } = asking()
  show('buckets')
  show('clusters')
  last()
  queries.refetchAll()
  await vi.advanceTimersByTimeAsync(0)
  expect(last()).toEqual(['buckets', 'clusters'])
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
