// A mover whose lease on a key ran out while it waited for the database, and that claims the key again before it is answered.
import { v7 } from 'uuid'
import { expect, test } from 'vitest'
import type { Pool, Sql } from '../../../server/db/core/pool.ts'
import { createLog } from '../../../server/log.ts'
import { createMover } from '../../../server/replication/mover.ts'
import { eventually } from '../../support/eventually.ts'
import { minios } from '../../support/minios.ts'
import { type MoverFleet, quickTimes } from '../../support/mover-fleet.ts'

const stores = minios('hpc', 'edge')
const shortLeases = { lease: 1_200, heartbeat: 200, leaseMargin: 400 }

/**
 * A mover at a database that from `holdNext` on keeps back what the journal is told after the next write, and prolongs no lease.
 * `die`: what was kept back is done, and nothing that is asked later.
 */
function heldMover(fleet: MoverFleet) {
  let state: 'well' | 'holds' | 'dead' = 'well'
  let held: (() => void) | null = null
  const dead = () => Promise.reject(new Error('the mover is dead'))
  const slow = (sql: Sql): Sql => ({
    ...sql,
    async query(text, values, prepared) {
      if (state === 'dead' || (state === 'holds' && prepared === 'renew_objects')) return dead()
      if (state === 'holds' && prepared === 'put_journal' && held === null)
        await new Promise<void>((resolve) => {
          held = resolve
        })
      return sql.query(text, values, prepared)
    },
  })
  const { pool } = fleet
  const slowPool: Pool = {
    ...{ ...pool, ...slow(pool), lazily: slow(pool.lazily) },
    transaction: (work, options) => (state === 'dead' ? dead() : pool.transaction(work, options)),
  }
  const { wakeups, storageFor } = fleet
  const times = { ...quickTimes, ...shortLeases, sweepMinS: 600 }
  const log = createLog('silent', 'mover')
  const mover = createMover({ pool: slowPool, wakeups, storageFor, log, owner: v7(), times })
  mover.start()
  fleet.onEnd(() => mover.stop())
  return {
    holdNext() {
      state = 'holds'
    },
    isHeld: () => held !== null,
    die() {
      state = 'dead'
      held?.()
    },
    stop: mover.stop,
  }
}

test('what is said late of a key is not said of what the same mover writes there under its next lease', async () => {
  const fleet = await stores.fleet()
  const bucket = 'claimed-again'
  const id = await fleet.bucket(bucket, 'hpc')
  await fleet.put('hpc', bucket, 'k', 'first')
  const { holdNext, isHeld, die, stop } = heldMover(fleet)
  await fleet.replica(id, 'edge')
  await fleet.settled(id, 'edge')
  holdNext()
  await fleet.put('hpc', bucket, 'k', 'second')
  await fleet.event(id, 'k')
  await eventually('the journal waits', isHeld)
  await fleet.put('hpc', bucket, 'k', 'third')
  await fleet.event(id, 'k')
  await eventually('it was claimed again', async () => {
    const { rowCount } = await fleet.pool.query('SELECT 1 FROM dirty_object WHERE look_again_at IS NOT NULL')
    return rowCount === 1
  })
  // What is claimed later is written by now.
  await fleet.put('hpc', bucket, 'other', 'v')
  await fleet.event(id, 'other')
  await eventually('another is written', async () => (await fleet.text('edge', bucket, 'other')) === 'v')
  die()
  await stop()
  await fleet.put('hpc', bucket, 'k', 'fourth')
  await fleet.event(id, 'k')
  fleet.startMover({ times: { ...shortLeases, sweepMinS: 600 } })
  await fleet.settled(id, 'edge')
  expect(await fleet.text('edge', bucket, 'k')).toBe('fourth')
  expect((await fleet.replicaRow(id, 'edge')).conflicts).toBe(0)
})
