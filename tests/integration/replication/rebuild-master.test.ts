// A master that went backwards is made again from a copy.
import { rm } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import { forEachOf } from '../../../server/replication/for-each-of.ts'
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
  putBack,
  putInParts,
  rebuildOf,
  stopOf,
} from '../../support/regressed-master.ts'

const stores = minios('hpc', 'edge', 'cloud')

test('a master that comes back empty is held, and made again from the copy that lacks nothing', async () => {
  const fleet = await stores.fleet()
  const bucket = 'empty-disk'
  const id = await inSync(fleet, bucket, 8)
  const parts = Buffer.alloc(6 * 1024 * 1024, 'x')
  await fleet.put('hpc', bucket, 'large', parts, { 'content-type': 'text/x', 'x-amz-meta-a': 'b' })
  await fleet.event(id, 'large')
  for (const store of ['edge', 'cloud']) await fleet.settled(id, store)
  const before = await bothShown(fleet, bucket)
  await stores.process('hpc').kill9()
  await rm(path.join(stores.process('hpc').dataDir, bucket), { recursive: true })
  await stores.process('hpc').restart()
  await isBack(fleet)
  await isStopped(fleet, id)
  await fleet.idle()
  expect(await found(fleet, id)).toMatchObject({ bucket: 'missing', missing: 9, older: 0 })
  expect(await bothShown(fleet, bucket)).toEqual(before)
  await choose(fleet, id, 'rebuild', 'cloud')
  await isEqual(fleet, id, bucket)
  expect((await fleet.store('hpc').head(bucket, 'large'))?.metadata).toMatchObject({ 'x-amz-meta-a': 'b' })
  expect(await rebuildOf(fleet, id)).toMatchObject({ from: 'cloud', total: 9, done: 9, copied: 9, kept: 0, unfit: 0 })
  expect((await rebuildOf(fleet, id))?.endedAt).not.toBeNull()
})

test('what somebody writes to a master that is held is newer, and stays when it is rebuilt', async () => {
  const fleet = await stores.fleet()
  const bucket = 'written-meanwhile'
  const id = await inSync(fleet, bucket, 6)
  const backup = await backUp(stores.process('hpc'))
  await fleet.nextSecond()
  for (const key of [keyOf(1), keyOf(2)]) await fleet.put('hpc', bucket, key, 'of the lost time')
  await fleet.event(id, keyOf(1), keyOf(2))
  for (const store of ['edge', 'cloud']) await fleet.settled(id, store)
  await putBack(fleet, backup)
  await isStopped(fleet, id)
  await fleet.nextSecond()
  await fleet.put('hpc', bucket, keyOf(1), 'written since')
  await fleet.put('hpc', bucket, 'unknown', 'written since')
  await choose(fleet, id, 'rebuild', 'edge')
  await isEqual(fleet, id, bucket)
  expect(await fleet.text('edge', bucket, keyOf(1))).toBe('written since')
  expect(await fleet.text('cloud', bucket, 'unknown')).toBe('written since')
  expect(await fleet.text('hpc', bucket, keyOf(2))).toBe('of the lost time')
  expect(await rebuildOf(fleet, id)).toMatchObject({ copied: 1, kept: 1, unfit: 0 })
})

test('a rebuild whose mover is killed in the middle is gone on with, and leaves no unfinished upload', async () => {
  const fleet = await stores.fleet()
  const bucket = 'killed-rebuild'
  const id = await fleet.bucket(bucket, 'hpc')
  const large = Buffer.alloc(11 * 1024 * 1024, 'l')
  const first = await fleet.spawnMover()
  await fleet.task(id, 'hpc', 'master_sweep')
  await fleet.replica(id, 'edge')
  await fleet.settled(id, 'edge')
  const backup = await backUp(stores.process('hpc'))
  const keys = Array.from({ length: 30 }, (_, i) => keyOf(i))
  await forEachOf(keys, 8, (key) => fleet.put('hpc', bucket, key, `kept ${key}`))
  await putInParts(fleet.store('hpc'), bucket, 'large', large)
  await fleet.event(id, 'large', ...keys)
  await fleet.settled(id, 'edge')
  await putBack(fleet, backup)
  await isStopped(fleet, id)
  // The large one cannot be noted: there the rebuild stands still.
  await fleet.pool.transaction(async (tx) => {
    await tx.query('LOCK TABLE rebuild_upload IN EXCLUSIVE MODE')
    await choose(fleet, id, 'rebuild', 'edge')
    await eventually('the others are there', async () => (await fleet.keys('hpc', bucket)).length === keys.length)
    await first.kill9()
  })
  expect(await stopOf(fleet, id)).toBe('regressed')
  fleet.startMover()
  await isEqual(fleet, id, bucket, ['edge'])
  expect(await fleet.keys('hpc', bucket)).toHaveLength(keys.length + 1)
  expect((await fleet.pool.query('SELECT 1 FROM rebuild_upload')).rowCount).toBe(0)
}, 60_000)
