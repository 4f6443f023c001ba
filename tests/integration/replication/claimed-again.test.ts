// A mover whose lease ran out while it waited for the database: what is done then what it had asked for is of another time.
import { expect, test } from 'vitest'
import type { Pool, Sql } from '../../../server/db/core/pool.ts'
import { eventually } from '../../support/eventually.ts'
import { minios } from '../../support/minios.ts'
import { type MoverFleet, shortLeases } from '../../support/mover-fleet.ts'
import { withCalls } from '../../support/with-calls.ts'

const stores = minios('hpc', 'edge')

/**
 * A mover at a database that from `holdNext` on keeps back the next such statement, and prolongs no lease. `die`: what was kept back is
 * done, and nothing that is asked later.
 */
function heldMover(fleet: MoverFleet, isHeld: (text: string) => boolean) {
  let state: 'well' | 'holds' | 'dead' = 'well'
  let held: (() => void) | null = null
  let isDone = false
  const dead = () => Promise.reject(new Error('the mover is dead'))
  const slow = (sql: Sql): Sql => ({
    ...sql,
    async query<R extends object>(text: string, values?: unknown[], prepared?: string) {
      if (state === 'dead' || (state === 'holds' && prepared?.startsWith('renew_'))) return dead()
      if (state !== 'holds' || held !== null || !isHeld(text)) return sql.query<R>(text, values, prepared)
      await new Promise<void>((resolve) => {
        held = resolve
      })
      const answer = await sql.query<R>(text, values, prepared)
      isDone = true
      return answer
    },
  })
  const { pool } = fleet
  const slowPool: Pool = {
    ...{ ...pool, ...slow(pool), lazily: slow(pool.lazily) },
    transaction: (work, options) => (state === 'dead' ? dead() : pool.transaction(work, options)),
  }
  const mover = fleet.startMover({ over: slowPool, times: { ...shortLeases, sweepMinS: 600 } })
  return {
    holdNext() {
      state = 'holds'
    },
    isHeld: () => held !== null,
    async die() {
      state = 'dead'
      held?.()
      await eventually('it is done', () => isDone)
      await mover.stop()
    },
  }
}
const nextMover = (fleet: MoverFleet) => fleet.startMover({ times: { ...shortLeases, sweepMinS: 600 } })

test('what is said late of a key is not said of what the same mover writes there under its next lease', async () => {
  const fleet = await stores.fleet()
  const bucket = 'claimed-again'
  const id = await fleet.bucket(bucket, 'hpc')
  await fleet.put('hpc', bucket, 'k', 'first')
  const { holdNext, isHeld, die } = heldMover(
    fleet,
    (text) => text.startsWith('INSERT INTO replica_object') && text.includes('verified_at'),
  )
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
  await die()
  await fleet.put('hpc', bucket, 'k', 'fourth')
  await fleet.event(id, 'k')
  nextMover(fleet)
  await fleet.settled(id, 'edge')
  expect(await fleet.text('edge', bucket, 'k')).toBe('fourth')
  expect((await fleet.replicaRow(id, 'edge')).conflicts).toBe(0)
})

test('what an eviction forgets late is not forgotten of the copy that is there again', async () => {
  const fleet = await stores.fleet()
  const bucket = 'evicted-late'
  const id = await fleet.bucket(bucket, 'hpc')
  await fleet.put('hpc', bucket, 'k', 'first')
  const { holdNext, isHeld, die } = heldMover(fleet, (text) => text.startsWith('DELETE FROM replica_object'))
  await fleet.replica(id, 'edge')
  await fleet.settled(id, 'edge')
  holdNext()
  await fleet.withdraw(id, 'edge')
  await eventually('it is about to be forgotten', isHeld)
  nextMover(fleet)
  await eventually('another took it away', async () => (await fleet.replicaRow(id, 'edge')).observed === 'absent')
  await fleet.pool.query('UPDATE replica SET wanted = true, generation = generation + 1, withdrawn_at = NULL')
  await fleet.task(id, 'edge', 'first_sync')
  await fleet.settled(id, 'edge')
  await die()
  await fleet.put('hpc', bucket, 'k', 'second')
  await fleet.event(id, 'k')
  await fleet.settled(id, 'edge')
  expect(await fleet.text('edge', bucket, 'k')).toBe('second')
  expect((await fleet.replicaRow(id, 'edge')).conflicts).toBe(0)
})

test('a key is worked on again while another one is under way that it was worked on together with', async () => {
  const fleet = await stores.fleet()
  const bucket = 'together'
  const id = await fleet.bucket(bucket, 'hpc')
  await fleet.put('hpc', bucket, 'plain', 'first')
  await fleet.put('hpc', bucket, 'tagged', 'v')
  await fleet.store('hpc').putTags(bucket, 'tagged', [{ key: 'k', value: 'v' }])
  const held = Promise.withResolvers<void>()
  let isHeld = false
  const storageFor = withCalls(fleet, 'edge', (driver) => ({
    async put(name, key, options) {
      if (key === 'tagged') {
        isHeld = true
        await held.promise
      }
      return driver.put(name, key, options)
    },
  }))
  fleet.startMover({ storageFor, times: { sweepMinS: 600 } })
  await fleet.replica(id, 'edge')
  await eventually('one of them is under way', () => isHeld)
  await fleet.put('hpc', bucket, 'plain', 'second')
  await fleet.event(id, 'plain')
  await eventually('the other is copied', async () => (await fleet.text('edge', bucket, 'plain')) === 'second')
  held.resolve()
  await fleet.settled(id, 'edge')
})
