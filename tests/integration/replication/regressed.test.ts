// A master that comes back with an earlier state: real stores, whose data is put back while they are down.
import { rm } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { markObjects } from '../../../server/db/queue/dirty-objects.ts'
import { sweepStore } from '../../../server/db/queue/sweeps.ts'
import type { StorageDriver } from '../../../server/storage/storage-driver.ts'
import { eventually } from '../../support/eventually.ts'
import { minios } from '../../support/minios.ts'
import { backUp } from '../../support/put-back.ts'
import {
  bothShown,
  choose,
  found,
  inSync,
  isBack,
  isEqual,
  isStopped,
  keyOf,
  knownByAge,
  putBack,
  runsSince,
  stopOf,
} from '../../support/regressed-master.ts'
import { withCalls } from '../../support/with-calls.ts'

const stores = minios('hpc', 'edge', 'cloud')

test.each([
  ['rebuild', 'of the lost time'],
  ['accept', 'first 3'],
] as const)(
  'a master that is put back by an hour touches no object of any replica until somebody chooses to %s',
  async (choice, expected) => {
    const fleet = await stores.fleet()
    const bucket = `put-back-${choice}`
    const id = await inSync(fleet, bucket, 100)
    await knownByAge(fleet, id)
    const backup = await backUp(stores.process('hpc'))
    await fleet.nextSecond()
    // 3 %: one overwritten, one written anew, one deleted.
    for (const key of [keyOf(3), 'new']) await fleet.put('hpc', bucket, key, 'of the lost time')
    await fleet.store('hpc').delete(bucket, keyOf(5))
    const changed = [keyOf(3), keyOf(5), 'new']
    await fleet.event(id, ...changed)
    for (const store of ['edge', 'cloud']) await fleet.settled(id, store)
    const before = await bothShown(fleet, bucket)

    await putBack(fleet, backup)
    // Told of once more, as if they waited since the lost time.
    await markObjects(
      fleet.pool,
      changed.map((key) => ({ bucketId: id, key, removed: key === keyOf(5) })),
    )
    await isStopped(fleet, id)
    for (const store of ['edge', 'cloud']) await fleet.task(id, store, 'sweep', { allowDeletes: true })
    await fleet.idle()
    expect(await bothShown(fleet, bucket)).toEqual(before)
    expect(await found(fleet, id)).toMatchObject({ bucket: 'there', missing: 1, older: 1 })
    expect((await found(fleet, id)).samples.map(({ key, now }) => [key, now !== null])).toEqual([
      ['new', false],
      [keyOf(3), true],
    ])
    expect((await fleet.causes(id, 'edge')).map(({ code }) => code)).toEqual(['MASTER_REGRESSED'])

    await choose(fleet, id, choice, choice === 'rebuild' ? 'edge' : null)
    await isEqual(fleet, id, bucket)
    expect(await fleet.text('edge', bucket, keyOf(3))).toBe(expected)
    expect(await fleet.text('hpc', bucket, 'new')).toBe(choice === 'rebuild' ? 'of the lost time' : null)
    expect(await fleet.text('cloud', bucket, keyOf(5)), 'nothing is deleted at a master').toBe('first 5')
  },
  60_000,
)

test('an event alone of the lost time acts on nothing, though nobody noted yet that the store was away', async () => {
  const fleet = await stores.fleet()
  const bucket = 'not-noted'
  const id = await inSync(fleet, bucket, 10)
  await knownByAge(fleet, id)
  await runsSince(fleet)
  const backup = await backUp(stores.process('hpc'))
  await fleet.nextSecond()
  await fleet.put('hpc', bucket, keyOf(3), 'of the lost time')
  await fleet.store('hpc').delete(bucket, keyOf(5))
  await fleet.event(id, keyOf(3), keyOf(5))
  for (const store of ['edge', 'cloud']) await fleet.settled(id, store)
  const before = await bothShown(fleet, bucket)
  await backup.putBack()
  await markObjects(fleet.pool, [
    { bucketId: id, key: keyOf(3), removed: false },
    { bucketId: id, key: keyOf(5), removed: true },
  ])
  await isStopped(fleet, id)
  await fleet.idle()
  expect(await bothShown(fleet, bucket)).toEqual(before)
  expect(await found(fleet, id)).toMatchObject({ missing: 0, older: 1 })
})

test('a delete that was told is not done before a master that was away has been judged', async () => {
  const fleet = await stores.fleet()
  const bucket = 'told-unjudged'
  const id = await inSync(fleet, bucket, 4, ['edge'])
  await fleet.idle()
  await fleet.pool.query(
    `UPDATE replica_task SET lease_owner = gen_random_uuid(), lease_until = now() + interval '1 h'`,
  )
  await fleet.pool.query('UPDATE bucket SET away_since = now()')
  await fleet.store('hpc').delete(bucket, keyOf(1))
  await markObjects(fleet.pool, [{ bucketId: id, key: keyOf(1), removed: true }])
  await eventually('it was looked at, and waits', async () => {
    const { rowCount } = await fleet.pool.query(
      'SELECT 1 FROM dirty_object WHERE storage_id = $1 AND lease_owner IS NULL AND not_before > now() AND may_delete',
      [fleet.storeId('edge')],
    )
    return rowCount === 1
  })
  expect(await fleet.text('edge', bucket, keyOf(1))).toBe('first 1')
  await fleet.pool.query('UPDATE bucket SET away_since = NULL')
  await eventually('it is done', async () => (await fleet.text('edge', bucket, keyOf(1))) === null)
})

test('a comparison of a copy deletes nothing where the store was away and nobody noted it', async () => {
  const fleet = await stores.fleet()
  const bucket = 'compared-first'
  const id = await inSync(fleet, bucket, 10)
  await runsSince(fleet)
  const backup = await backUp(stores.process('hpc'))
  await fleet.nextSecond()
  const fresh = ['new-a', 'new-b', keyOf(1)]
  for (const key of fresh) await fleet.put('hpc', bucket, key, 'fresh')
  await fleet.event(id, ...fresh)
  for (const store of ['edge', 'cloud']) await fleet.settled(id, store)
  const before = await bothShown(fleet, bucket)
  await backup.putBack()
  await fleet.task(id, 'edge', 'sweep', { allowDeletes: true })
  await isStopped(fleet, id)
  await fleet.idle()
  expect(await bothShown(fleet, bucket), 'two are gone and one is older').toEqual(before)
})

test('a store that restarts and has lost nothing stops nothing', async () => {
  const fleet = await stores.fleet()
  const bucket = 'only-restarted'
  const id = await inSync(fleet, bucket, 10, ['edge'])
  await fleet.store('hpc').delete(bucket, keyOf(1)) // told by an event that waits
  await stores.process('hpc').restart()
  await fleet.event(id, keyOf(1))
  await isBack(fleet)
  await fleet.put('hpc', bucket, keyOf(2), 'written since')
  await fleet.store('hpc').delete(bucket, keyOf(3)) // and nobody tells: one of ten passes the brake
  await fleet.event(id, keyOf(2))
  await eventually('all of it arrives', async () => (await fleet.keys('edge', bucket)).length === 8)
  await isEqual(fleet, id, bucket, ['edge'])
})

test('objects that go while the store is never away are no regress: events pass, the brake holds the others', async () => {
  const fleet = await stores.fleet()
  const bucket = 'never-away'
  const id = await inSync(fleet, bucket, 10, ['edge'])
  await fleet.policy(id, 'delete_brake', { objects: 2, percent: 10 })
  for (let i = 0; i < 5; i++) await fleet.store('hpc').delete(bucket, keyOf(i))
  await fleet.event(id, ...Array.from({ length: 5 }, (_, i) => keyOf(i)))
  await eventually('events pass', async () => (await fleet.keys('edge', bucket)).length === 5)
  for (let i = 5; i < 9; i++) await fleet.store('hpc').delete(bucket, keyOf(i))
  await fleet.task(id, 'hpc', 'master_sweep')
  await eventually('the brake holds', async () => (await fleet.replicaRow(id, 'edge')).braked === 4)
  await fleet.idle()
  expect(await stopOf(fleet, id)).toBeNull()
})

test('deletes that were told before the store was away are no regress', async () => {
  const fleet = await stores.fleet()
  const bucket = 'told-before'
  const id = await inSync(fleet, bucket, 10, ['edge'])
  await fleet.policy(id, 'delete_brake', { objects: 2, percent: 10 })
  const told = Array.from({ length: 8 }, (_, i) => keyOf(i))
  for (const key of told) await fleet.store('hpc').delete(bucket, key)
  await fleet.pool.transaction(async (tx) => {
    await markObjects(
      tx,
      told.map((key) => ({ bucketId: id, key, removed: true })),
    )
    await sweepStore(tx, fleet.storeId('hpc'), 'not-known')
  })
  await eventually('they pass', async () => (await fleet.keys('edge', bucket)).length === 2)
  await fleet.idle()
  expect(await stopOf(fleet, id)).toBeNull()
})

test('a master that was accepted is held again when it goes back once more', async () => {
  const fleet = await stores.fleet()
  const bucket = 'twice'
  const id = await inSync(fleet, bucket, 6)
  const backup = await backUp(stores.process('hpc'))
  const goBack = async (text: string) => {
    await fleet.nextSecond()
    await fleet.put('hpc', bucket, keyOf(1), text)
    await fleet.event(id, keyOf(1))
    for (const store of ['edge', 'cloud']) await fleet.settled(id, store)
    await putBack(fleet, backup)
    await isStopped(fleet, id)
    await fleet.idle()
  }
  await goBack('of the lost time')
  await choose(fleet, id, 'accept')
  await isEqual(fleet, id, bucket)
  expect(await fleet.text('edge', bucket, keyOf(1))).toBe('first 1')
  await goBack('of another lost time')
  expect(await fleet.text('edge', bucket, keyOf(1))).toBe('of another lost time')
  await choose(fleet, id, 'rebuild', 'edge')
  await isEqual(fleet, id, bucket)
  expect(await fleet.text('hpc', bucket, keyOf(1))).toBe('of another lost time')
})

test('a master whose store gets the right data back is released by itself', async () => {
  const fleet = await stores.fleet()
  const bucket = 'mounted-late'
  const id = await inSync(fleet, bucket, 6, ['edge'])
  const whole = await backUp(stores.process('hpc'))
  await stores.process('hpc').kill9()
  await rm(path.join(stores.process('hpc').dataDir, bucket), { recursive: true })
  await stores.process('hpc').restart()
  await isBack(fleet)
  await isStopped(fleet, id)
  await putBack(fleet, whole)
  await isEqual(fleet, id, bucket, ['edge'])
})

test('what was put back is not taken for written since the store began, though the store is slow to tell since when it runs', async () => {
  const fleet = await stores.fleet()
  const bucket = 'told-late'
  const id = await fleet.bucket(bucket, 'hpc')
  for (let i = 0; i < 6; i++) await fleet.put('hpc', bucket, keyOf(i), `first ${i}`)
  const slowToTell = (driver: StorageDriver): Partial<StorageDriver> => ({
    async uptime(...args) {
      await delay(6_000)
      return driver.uptime(...args)
    },
  })
  fleet.startMover({ storageFor: withCalls(fleet, 'hpc', slowToTell) })
  await fleet.task(id, 'hpc', 'master_sweep')
  await fleet.replica(id, 'edge')
  await fleet.settled(id, 'edge')
  const backup = await backUp(stores.process('hpc'))
  await fleet.nextSecond()
  await fleet.put('hpc', bucket, keyOf(1), 'of the lost time')
  await fleet.event(id, keyOf(1))
  await fleet.settled(id, 'edge')
  await putBack(fleet, backup)
  await isStopped(fleet, id)
})
