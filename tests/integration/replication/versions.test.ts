// Copies in buckets that keep versions: what FaDO takes away is gone with all its versions, or is shown with what keeps it.
import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { StorageFor } from '../../../server/replication/stores/stores.ts'
import { eventually } from '../../support/eventually.ts'
import { minios } from '../../support/minios.ts'
import type { MoverFleet } from '../../support/mover-fleet.ts'
import { rawClient } from '../../support/raw-store.ts'

const stores = minios('hpc', 'edge')

const versionsOn = async (fleet: MoverFleet, at: string, bucket: string): Promise<string[]> =>
  (await Array.fromAsync(fleet.store(at).listVersions(bucket)))
    .flat()
    .map(({ key, isMarker }) => (isMarker ? `${key} deleted` : key))

const isGone = async (fleet: MoverFleet, at: string, bucket: string) =>
  (await fleet.store(at).headBucket(bucket)) === null

const observed = async (fleet: MoverFleet, id: string) => (await fleet.replicaRow(id, 'edge')).observed

/** A copy on edge of three objects, in sync. */
async function copyOf(fleet: MoverFleet, bucket: string, options: Parameters<MoverFleet['startMover']>[0] = {}) {
  const id = await fleet.bucket(bucket, 'hpc')
  for (const key of ['a', 'b', 'c']) await fleet.put('hpc', bucket, key, 'first')
  fleet.startMover(options)
  await fleet.replica(id, 'edge')
  await fleet.settled(id, 'edge')
  return id
}

async function change(fleet: MoverFleet, id: string, bucket: string) {
  await fleet.put('hpc', bucket, 'a', 'second')
  await fleet.store('hpc').delete(bucket, 'b')
  await fleet.event(id, 'a', 'b')
  await eventually('it follows', async () => {
    const [keys, text] = [await fleet.keys('edge', bucket), await fleet.text('edge', bucket, 'a')]
    return keys.join() === 'a,c' && text === 'second'
  })
  await eventually('nothing waits', async () => (await fleet.waiting(id)) === 0)
}

for (const status of ['Enabled', 'Suspended'] as const)
  test(`an evicted copy is gone with all versions of what FaDO overwrote and deleted (${status})`, async () => {
    const fleet = await stores.fleet()
    const bucket = `evicted-${status.toLowerCase()}`
    const id = await copyOf(fleet, bucket)
    await rawClient(stores.process('edge')).setVersioning(bucket, 'Enabled')
    await fleet.put('hpc', bucket, 'b', 'again')
    await fleet.event(id, 'b')
    await eventually('it follows', async () => (await fleet.text('edge', bucket, 'b')) === 'again')
    await rawClient(stores.process('edge')).setVersioning(bucket, status)
    await fleet.sweep(id, 'edge')
    await change(fleet, id, bucket)
    // While versions are suspended what was written without any is replaced.
    const left = status === 'Enabled' ? ['a', 'a', 'b', 'b', 'b deleted', 'c'] : ['a', 'b', 'b deleted', 'c']
    expect((await versionsOn(fleet, 'edge', bucket)).sort()).toEqual(left)
    // A deleted key stays deleted, and no sweep takes its versions for something that must be looked at.
    await fleet.sweep(id, 'edge')
    expect(await fleet.keys('edge', bucket)).toEqual(['a', 'c'])
    await fleet.store('edge').delete(bucket, 'never-there') // somebody's marker without anything below it
    await fleet.withdraw(id, 'edge')
    await eventually('the copy is gone', async () => (await observed(fleet, id)) === 'absent')
    expect(await isGone(fleet, 'edge', bucket)).toBe(true)
  })

test('what others wrote in the bucket stays with its versions, and what FaDO wrote below it goes', async () => {
  const fleet = await stores.fleet()
  const bucket = 'mixed-versions'
  const id = await copyOf(fleet, bucket)
  await rawClient(stores.process('edge')).setVersioning(bucket, 'Enabled')
  await fleet.put('edge', bucket, 'a', 'theirs')
  await fleet.put('edge', bucket, 'extra', 'theirs')
  await fleet.put('edge', bucket, 'extra', 'theirs too')
  await fleet.withdraw(id, 'edge')
  await eventually('the copy is gone', async () => (await observed(fleet, id)) === 'absent')
  expect((await versionsOn(fleet, 'edge', bucket)).sort()).toEqual(['a', 'extra', 'extra'])
  expect(await fleet.text('edge', bucket, 'a')).toBe('theirs')
})

test('what a retention keeps stays shown with its end, and goes after it', async () => {
  const fleet = await stores.fleet()
  const bucket = 'retained'
  const id = await lockedCopy(fleet, bucket)
  const until = Math.ceil((Date.now() + 6_000) / 1_000) * 1_000
  await lock(fleet, bucket, 'a', until)
  await fleet.withdraw(id, 'edge')
  const cause = await keptCause(fleet, id)
  expect(cause.message).toBe(`1 version on edge is kept by a retention until ${new Date(until).toISOString()}`)
  expect(await observed(fleet, id)).toBe('deleting')
  expect(await versionsOn(fleet, 'edge', bucket)).toEqual(['a'])
  await delay(until - Date.now())
  await eventually('the copy is gone after that', async () => (await observed(fleet, id)) === 'absent')
  expect(await isGone(fleet, 'edge', bucket)).toBe(true)
})

test('a legal hold is named as what it is, and lifting it lets the copy go', async () => {
  const fleet = await stores.fleet()
  const bucket = 'held'
  const id = await lockedCopy(fleet, bucket)
  const raw = rawClient(stores.process('edge'))
  const version = (await fleet.store('edge').listVersions(bucket, { prefix: 'a' })[Symbol.asyncIterator]().next())
    .value[0]
  await raw.setLegalHold(bucket, 'a', version.versionId, 'ON')
  await fleet.withdraw(id, 'edge')
  const cause = await keptCause(fleet, id)
  expect(cause.message).toBe('1 version on edge is kept by a legal hold on 1 version, until somebody lifts it')
  await raw.setLegalHold(bucket, 'a', version.versionId, 'OFF')
  await eventually('the copy is gone after that', async () => (await observed(fleet, id)) === 'absent')
})

test('a copy that is wanted again while a retention keeps some of it comes back', async () => {
  const fleet = await stores.fleet()
  const bucket = 'wanted-again'
  const id = await lockedCopy(fleet, bucket)
  await lock(fleet, bucket, 'a', Date.now() + 600_000)
  await fleet.withdraw(id, 'edge')
  await keptCause(fleet, id)
  await fleet.pool.query('UPDATE replica SET wanted = true, generation = generation + 1 WHERE bucket_id = $1', [id])
  await fleet.task(id, 'edge', 'evict')
  await eventually('it goes on', async () => (await observed(fleet, id)) === 'syncing')
  await fleet.task(id, 'edge', 'first_sync')
  await fleet.settled(id, 'edge')
  expect(await fleet.causes(id, 'edge')).toEqual([])
  expect(await fleet.differences(id, bucket, 'hpc', 'edge')).toEqual([])
})

test('deleting a bucket with its data takes all versions of its master', async () => {
  const fleet = await stores.fleet()
  const bucket = 'deleted-versions'
  const id = await fleet.bucket(bucket, 'hpc')
  await rawClient(stores.process('hpc')).setVersioning(bucket, 'Enabled')
  for (const text of ['1', '2']) for (const key of ['a', 'b', 'dir/c']) await fleet.put('hpc', bucket, key, text)
  await fleet.store('hpc').delete(bucket, 'a')
  await deleteWithData(fleet, id)
  await eventually('the master is done', async () => (await fleet.bucketRow(id)).masterDone)
  expect(await isGone(fleet, 'hpc', bucket)).toBe(true)
})

test('what a retention keeps of a deleted master is shown with its end, and goes after it', async () => {
  const fleet = await stores.fleet()
  const bucket = 'retained-master'
  const raw = rawClient(stores.process('hpc'))
  const id = await fleet.bucket(bucket, 'hpc')
  await fleet.store('hpc').deleteBucket(bucket)
  await raw.createLocked(bucket)
  await fleet.pool.query('UPDATE bucket SET master_created_on = NULL WHERE id = $1', [id])
  await fleet.put('hpc', bucket, 'free', '1')
  const until = Math.ceil((Date.now() + 6_000) / 1_000) * 1_000
  const retention = new Date(until).toISOString()
  const headers = { 'x-amz-object-lock-mode': 'COMPLIANCE', 'x-amz-object-lock-retain-until-date': retention }
  await raw.putLocked(bucket, 'kept', headers)
  await deleteWithData(fleet, id)
  const trouble = await eventually('it says what keeps it', async () => (await fleet.taskRow(id, 'hpc')).trouble)
  expect(trouble).toEqual({ kind: 'versions_kept', store: 'hpc', versions: 1, lastEnd: until, holds: 0 })
  expect((await fleet.bucketRow(id)).masterDone).toBe(false)
  expect(await versionsOn(fleet, 'hpc', bucket)).toEqual(['kept'])
  await delay(until - Date.now())
  await eventually('the master is done after that', async () => (await fleet.bucketRow(id)).masterDone)
  expect(await isGone(fleet, 'hpc', bucket)).toBe(true)
})

const keptCause = (fleet: MoverFleet, id: string) =>
  eventually('it says what keeps it', async () => {
    const [cause] = await fleet.causes(id, 'edge')
    return cause?.code === 'VERSIONS_KEPT' ? cause : null
  })

/** As `copyOf`, in a bucket with object lock. */
async function lockedCopy(fleet: MoverFleet, bucket: string) {
  const raw = rawClient(stores.process('edge'))
  // MinIO locks no bucket that is there already, as others do.
  const createBucket = async (name: string) => void (await raw.createLocked(name))
  const edge = { driver: { ...fleet.store('edge'), createBucket }, name: 'edge' }
  const storageFor: StorageFor = async (id) => (id === fleet.storeId('edge') ? edge : fleet.storageFor(id))
  const id = await copyOf(fleet, bucket, { storageFor, times: { keptMaxS: 1 } })
  await change(fleet, id, bucket)
  return id
}

/** The newest version of a key cannot go before then. */
async function lock(fleet: MoverFleet, bucket: string, key: string, until: number) {
  const versions = (await Array.fromAsync(fleet.store('edge').listVersions(bucket, { prefix: key }))).flat()
  await rawClient(stores.process('edge')).setRetention(bucket, key, versions[0]?.versionId ?? '', until)
}

async function deleteWithData(fleet: MoverFleet, id: string) {
  await fleet.pool.query(`UPDATE bucket SET state = 'deleting', delete_data = true WHERE id = $1`, [id])
  await fleet.task(id, 'hpc', 'master_delete')
  fleet.startMover({ times: { keptMaxS: 1 } })
}
