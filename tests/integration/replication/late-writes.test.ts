// A write that was cut off may land when nobody waits for it any more.
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import type { StorageDriver } from '../../../server/storage/storage-driver.ts'
import { StorageError } from '../../../server/storage/storage-error.ts'
import { eventually } from '../../support/eventually.ts'
import { minios } from '../../support/minios.ts'
import type { MoverFleet } from '../../support/mover-fleet.ts'
import { withCalls } from '../../support/with-calls.ts'

const stores = minios('hpc', 'edge')

/**
 * A mover whose writes of the key `late` to edge are cut off, as by a store that is frozen: from the first of them on the store
 * answers nothing. `thaw`: it answers again, and does what it was told before when it has said that it has no such key, or when it
 * is about to be listed.
 */
function moverAtFrozenStore(fleet: MoverFleet, before: 'head' | 'list') {
  let write: (() => Promise<unknown>) | null = null
  let state: 'well' | 'frozen' | 'thawing' = 'well'
  const cut = () => Promise.reject(new StorageError('unreachable', 'The connection was cut'))
  async function land(call: typeof before) {
    if (state !== 'thawing' || call !== before) return
    state = 'well'
    await write?.()
  }
  const frozen = (driver: StorageDriver): Partial<StorageDriver> => ({
    async put(name, key, { signal: _, ...options }) {
      if (key !== 'late') return driver.put(name, key, options)
      const body = await buffer(Readable.from(options.body))
      write = () => driver.put(name, key, { ...options, body })
      state = 'frozen'
      return cut()
    },
    async headBucket(...args) {
      return state === 'frozen' ? cut() : driver.headBucket(...args)
    },
    async head(name, key, options) {
      if (state === 'frozen') return cut()
      const head = await driver.head(name, key, options)
      if (key === 'late') await land('head')
      return head
    },
    async *list(...args) {
      await land('list')
      yield* driver.list(...args)
    },
  })
  fleet.startMover({ storageFor: withCalls(fleet, 'edge', frozen), times: { sweepMinS: 600 } })
  return {
    untilFrozen: () => eventually('it was cut off', () => state === 'frozen'),
    async thaw() {
      await eventually('a request would have been over long ago', async () => {
        const { rowCount } = await fleet.pool.query('SELECT 1 FROM dirty_object WHERE look_again_at > now()')
        return rowCount === 0
      })
      state = 'thawing'
    },
    hasLanded: () => state === 'well',
  }
}

test.for([1, 300_000])(
  'a write of %i bytes that lands after its object was deleted at the master is taken away, however late',
  async (bytes) => {
    const fleet = await stores.fleet()
    const bucket = `landed-late-${bytes}`
    const id = await fleet.bucket(bucket, 'hpc')
    const { untilFrozen, thaw, hasLanded } = moverAtFrozenStore(fleet, 'head')
    await fleet.replica(id, 'edge')
    await fleet.settled(id, 'edge')
    await fleet.put('hpc', bucket, 'late', Buffer.alloc(bytes))
    await fleet.event(id, 'late')
    await untilFrozen()
    await fleet.store('hpc').delete(bucket, 'late')
    await fleet.event(id, 'late')
    await thaw()
    await fleet.settled(id, 'edge')
    expect(hasLanded()).toBe(true)
    expect(await fleet.keys('edge', bucket)).toEqual([])
    expect((await fleet.pool.query('SELECT key, state FROM replica_object')).rows).toEqual([])
  },
)

test('a write that lands after its copy was looked through goes with the copy', async () => {
  const fleet = await stores.fleet()
  const bucket = 'landed-in-eviction'
  const id = await fleet.bucket(bucket, 'hpc')
  const { untilFrozen, thaw, hasLanded } = moverAtFrozenStore(fleet, 'list')
  await fleet.replica(id, 'edge')
  await fleet.settled(id, 'edge')
  await fleet.put('hpc', bucket, 'late', 'v')
  await fleet.event(id, 'late')
  await untilFrozen()
  await fleet.withdraw(id, 'edge')
  await thaw()
  await eventually('the copy is gone', async () => (await fleet.replicaRow(id, 'edge')).observed === 'absent')
  expect(hasLanded()).toBe(true)
  expect(await fleet.store('edge').headBucket(bucket)).toBeNull()
})
