// Events are hints: some never come, some come three times, none in order; and one key that is written without a pause.
import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import type { StorageDriver } from '../../../server/storage/storage-driver.ts'
import { eventually } from '../../support/eventually.ts'
import { minios } from '../../support/minios.ts'
import { withCalls } from '../../support/with-calls.ts'

const stores = minios('hpc', 'edge')

/** Events that come together. */
const atOnce = 8

/** How often something was written to the replica's store. */
function counted(fleet: Awaited<ReturnType<typeof stores.fleet>>) {
  let copies = 0
  const count = (driver: StorageDriver): Partial<StorageDriver> => ({
    async put(...args) {
      copies++
      return driver.put(...args)
    },
  })
  return { storageFor: withCalls(fleet, 'edge', count), copies: () => copies }
}

function shuffled<T>(all: readonly T[]): T[] {
  return all
    .map((one) => [Math.random(), one] as const)
    .sort(([a], [b]) => a - b)
    .map(([, one]) => one)
}

test('events that are lost, tripled and shuffled: all is equal after one sweep, and next to nothing was copied twice', async () => {
  const fleet = await stores.fleet()
  const bucket = 'odd-events'
  const id = await fleet.bucket(bucket, 'hpc')
  const keys = Array.from({ length: 200 }, (_, n) => `k${n}`)
  await Promise.all(keys.slice(0, 100).map((key) => fleet.put('hpc', bucket, key, `old ${key}`)))
  const { storageFor, copies } = counted(fleet)
  fleet.startMover({ storageFor, times: { sweepMinS: 600 } })
  await fleet.task(id, 'hpc', 'master_sweep')
  await fleet.replica(id, 'edge')
  await fleet.settled(id, 'edge')
  const before = copies()
  await fleet.nextSecond()
  // Ten deletes, which is as many as a brake lets go, sixty new versions, a hundred new objects.
  const [gone, overwritten, made] = [keys.slice(0, 10), keys.slice(10, 70), keys.slice(100)]
  await Promise.all([
    ...gone.map((key) => fleet.store('hpc').delete(bucket, key)),
    ...[...overwritten, ...made].map((key) => fleet.put('hpc', bucket, key, randomBytes(500))),
  ])
  const told = [...gone, ...overwritten, ...made].filter((_, n) => n % 5 > 0)
  const all = shuffled([...told, ...told, ...told])
  for (let from = 0; from < all.length; from += atOnce)
    await fleet.event(id, ...new Set(all.slice(from, from + atOnce)))
  await eventually('what was told is done', async () => (await fleet.waiting(id)) === 0)
  await fleet.sweep(id, 'edge')
  await fleet.settled(id, 'edge')
  expect(await fleet.differences(id, bucket, 'hpc', 'edge')).toEqual([])
  const changed = overwritten.length + made.length
  expect(copies() - before).toBeGreaterThanOrEqual(changed)
  expect(copies() - before).toBeLessThanOrEqual(changed * 1.1)
  expect(await fleet.replicaRow(id, 'edge')).toMatchObject({ braked: 0, conflicts: 0 })
}, 60_000)

test('a key that is overwritten a thousand times ends as its master has it, with fewer copies than writes, and holds up no other', async () => {
  const fleet = await stores.fleet()
  const bucket = 'overwritten'
  const id = await fleet.bucket(bucket, 'hpc')
  const { storageFor, copies } = counted(fleet)
  fleet.startMover({ storageFor })
  await fleet.replica(id, 'edge')
  await fleet.settled(id, 'edge')
  const before = copies()
  const writes = 1_000
  let beside: number | null = null
  for (let n = 1; n <= writes; n++) {
    await fleet.put('hpc', bucket, 'hot', `version ${n}`)
    const event = fleet.event(id, 'hot')
    if (n % 10 === 0) await event
    if (n === writes / 2) {
      await fleet.put('hpc', bucket, 'beside', 'v')
      await fleet.event(id, 'beside')
    }
    if (beside === null && n > writes / 2 && n % 20 === 0 && (await fleet.text('edge', bucket, 'beside')) !== null)
      beside = n
  }
  expect(beside, 'another key came while it was written').not.toBeNull()
  await fleet.settled(id, 'edge')
  expect(await fleet.text('edge', bucket, 'hot')).toBe(`version ${writes}`)
  expect(await fleet.differences(id, bucket, 'hpc', 'edge')).toEqual([])
  expect(copies() - before).toBeLessThan(writes)
  expect(await fleet.causes(id, 'edge')).toEqual([])
}, 60_000)
