// A share of a bandwidth limit that the database gave too late.
import { expect, onTestFinished, test, vi } from 'vitest'
import type { Pool } from '../../../server/db/core/pool.ts'
import { createBandwidth } from '../../../server/replication/stores/bandwidth.ts'
import { eventually } from '../../support/eventually.ts'
import { freshPool } from '../../support/fresh-pool.ts'
import { fleet } from '../../support/world/fleet.ts'

test('a share whose lease is over when it is granted ends at once', async () => {
  const pool = await freshPool()
  const world = fleet(pool)
  const { store } = await world.cluster('hpc')
  await world.policy(null, 'bandwidth_limit', 1_000_000)
  const errors: unknown[] = []
  let [late, granted] = [0, 0]
  const now = performance.now.bind(performance)
  vi.spyOn(performance, 'now').mockImplementation(() => now() + late)
  const timers = vi.spyOn(globalThis, 'setTimeout')
  onTestFinished(() => void vi.restoreAllMocks())
  const slow: Pool = {
    ...pool,
    async transaction(work) {
      const share = await pool.transaction(work)
      late += 2_000
      granted++
      return share
    },
  }
  const onError = (error: unknown) => errors.push(error)
  const bandwidth = createBandwidth({ pool: slow, owner: crypto.randomUUID(), onChange: () => undefined, onError })
  onTestFinished(() => bandwidth.stop())
  await eventually('the limit is known', () => bandwidth.of(store.id) !== null)
  void bandwidth.of(store.id)?.take(1)
  await eventually('a share was granted', () => granted > 1)
  expect(timers.mock.calls.filter(([, ms = 0]) => ms < 0)).toEqual([])
  expect(errors).toEqual([])
})
