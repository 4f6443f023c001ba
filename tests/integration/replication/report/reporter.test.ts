import { expect, onTestFinished, test } from 'vitest'
import type { Pool } from '../../../../server/db/core/pool.ts'
import { createReporter } from '../../../../server/replication/report/reporter.ts'
import { eventually } from '../../../support/eventually.ts'
import { freshPool } from '../../../support/fresh-pool.ts'
import { fleet } from '../../../support/world/fleet.ts'

test('a last report that the database does not take is made again: what is over is not shown for ever', async () => {
  const pool = await freshPool(3)
  const rows = fleet(pool)
  const [hpc, edge] = [await rows.cluster('hpc'), await rows.cluster('edge')]
  const bucket = await hpc.store.bucket('photos')
  await bucket.replica(edge.store)
  const failing = { count: 1, example: { store: 'edge', error: 'quota', detail: 'full' } }
  await pool.query('UPDATE replica SET keys_trouble = $1', [JSON.stringify({ conflicts: [], failing })])
  let fails = 2
  const failingPool: Pool = {
    ...pool,
    transaction: (work) => (fails-- > 0 ? Promise.reject(new Error('the connection is gone')) : pool.transaction(work)),
  }
  const reporter = createReporter({ pool: failingPool, everyMs: 10, onError: () => undefined })
  onTestFinished(() => reporter.stop())
  reporter.touch({ bucketId: bucket.id, storageId: edge.store.id })
  await eventually('nothing is wrong any more', async () => {
    const { rows: found } = await pool.query<{ trouble: unknown }>('SELECT keys_trouble AS trouble FROM replica')
    return found[0]?.trouble === null
  })
  expect(fails).toBeLessThan(0)
})
