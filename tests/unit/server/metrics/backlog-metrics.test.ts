import { Registry } from 'prom-client'
import { expect, test } from 'vitest'
import { createBacklogMetrics } from '../../../../server/metrics/backlog-metrics.ts'
import { expose } from '../../../../server/metrics/exposition.ts'
import { sparingly } from '../../../../server/metrics/sparingly.ts'
import { readScrape } from '../../../support/scrape.ts'

const buckets = { due: 1, failing: 2, scheduled: 3, oldest: 4 }
const proxies = { connected: 1, gone: 0, refusedRoutes: 0 }
const lagging = (...names: string[]) => ({
  ...{ buckets, proxies, stores: [] },
  worst: names.map((bucket, place) => ({ bucket, store: 'edge', lag: 9 - place })),
})

test('however many scrape, one question is asked; what it took is its next pause', async () => {
  let [now, asked] = [0, 0]
  let took = 0
  const ask = sparingly({
    async work() {
      asked++
      now += took
    },
    onFailure: () => undefined,
    freshMs: 2_000,
    factor: 10,
    patienceMs: 1_000,
    now: () => now,
  })
  await Promise.all(Array.from({ length: 10 }, ask))
  expect(asked).toBe(1)
  now = 1_999
  await ask()
  expect(asked).toBe(1)
  now = 2_000
  took = 500
  await ask()
  expect(asked).toBe(2)
  now = 2_500 + 4_999
  await ask()
  expect(asked).toBe(2)
  now = 2_500 + 5_000
  await ask()
  expect(asked).toBe(3)
})

test('a question that is not answered in time holds up no scrape, and its answer is taken when it comes', async () => {
  const answer = Promise.withResolvers<void>()
  const failures: unknown[] = []
  let asked = 0
  const ask = sparingly({
    work: () => {
      asked++
      return answer.promise
    },
    onFailure: (error) => failures.push(error),
    ...{ freshMs: 60_000, factor: 0, patienceMs: 5 },
  })
  await ask()
  await ask()
  expect([asked, failures.length]).toEqual([1, 2])
  answer.resolve()
  await ask()
  expect([asked, failures.length]).toEqual([1, 2])
})

test('copies that no longer are among the worst are told no more; without the database nothing old is told', async () => {
  const registry = new Registry()
  let known: ReturnType<typeof lagging> | Error = lagging('photos', 'videos')
  const read = () => (known instanceof Error ? Promise.reject(known) : Promise.resolve(known))
  const gauges = createBacklogMetrics(registry, read, () => undefined, { freshMs: 0, factor: 0 })
  const again = async () => readScrape(await expose(registry, gauges.refresh).text())
  const bucketsOf = (told: Awaited<ReturnType<typeof again>>) =>
    told.samples('fado_replica_lag_seconds').map(({ labels }) => labels['bucket'])
  expect(bucketsOf(await again())).toEqual(['photos', 'videos'])
  known = lagging('scans')
  const second = await again()
  expect(bucketsOf(second)).toEqual(['scans'])
  expect([second.sum('fado_backlog_up'), second.sum('fado_dirty_buckets')]).toEqual([1, 6])
  known = new Error('the database is away')
  const third = await again()
  expect(third.sum('fado_backlog_up')).toBe(0)
  expect(third.text).not.toMatch(/^fado_(?!backlog_up)/m)
})
