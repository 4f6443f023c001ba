import { expect, onTestFinished, test, vi } from 'vitest'
import { createWakeups } from '../../../../server/db/core/notify.ts'
import { createLog } from '../../../../server/log.ts'
import { createChangeFeed } from '../../../../server/services/events/change-feed.ts'
import { freshPool } from '../../../support/fresh-pool.ts'

test('what is held up by a transaction that has nothing to tell is told when that ends', async () => {
  const pool = await freshPool(4)
  const wakeups = await createWakeups(pool, () => undefined)
  onTestFinished(() => wakeups.stop())
  vi.useFakeTimers({ toFake: ['setInterval'] }) // the feed's poll never comes: it would find it in the end
  onTestFinished(() => void vi.useRealTimers())
  const feed = await createChangeFeed({ pool, wakeups, log: createLog('silent', 'test') })
  vi.useRealTimers()
  onTestFinished(() => feed.stop())
  const watched = feed.watch('any', undefined, new AbortController().signal)
  expect((await watched.next()).value?.subjects).toEqual(['everything'])
  const told = watched.next()
  await pool.transaction(async (holding) => {
    await holding.query('UPDATE fleet SET version = version + 1')
    await pool.transaction(async (tx) => tx.changed('cluster', ['hpc']))
    await pool.query('SELECT pg_sleep(0.2)') // longer than a wake-up needs: it was read, and nothing was to be seen
  })
  expect((await told).value?.subjects).toEqual(['cluster:hpc'])
})
