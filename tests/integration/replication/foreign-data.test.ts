import { expect, test } from 'vitest'
import { orderOverwrite } from '../../../server/db/copies/journal-edits.ts'
import { markObjects } from '../../../server/db/queue/dirty-objects.ts'
import { StorageError } from '../../../server/storage/storage-error.ts'
import { eventually } from '../../support/eventually.ts'
import { minios } from '../../support/minios.ts'
import { rawClient } from '../../support/raw-store.ts'
import { withCalls } from '../../support/with-calls.ts'

const stores = minios('hpc', 'edge')

test('a foreign bucket is never filled or deleted; when it is gone its place is used', async () => {
  const fleet = await stores.fleet()
  const bucket = 'foreign-bucket'
  const id = await fleet.bucket(bucket, 'hpc')
  await fleet.put('hpc', bucket, 'k', 'v')
  await fleet.store('edge').createBucket(bucket)
  await fleet.put('edge', bucket, 'theirs', 'theirs')
  fleet.startMover()
  await fleet.replica(id, 'edge')
  const failed = await eventually('it is refused', async () => {
    const row = await fleet.replicaRow(id, 'edge')
    return row.observed === 'failed' ? row : null
  })
  expect(failed.observed).toBe('failed')
  await eventually('it is told', async () => (await fleet.causes(id, 'edge'))[0]?.code === 'FOREIGN_BUCKET')
  expect((await fleet.causes(id, 'edge'))[0]?.message).toBe(
    'A bucket named foreign-bucket that FaDO did not make or has given up is on edge; it is left as it is',
  )
  expect((await fleet.pool.query('SELECT 1 FROM foreign_bucket')).rowCount).toBe(1)
  await fleet.event(id, 'k')
  await fleet.idle()
  expect(await fleet.keys('edge', bucket)).toEqual(['theirs'])

  await fleet.withdraw(id, 'edge')
  await eventually('the replica is gone', async () => (await fleet.replicaRow(id, 'edge')).observed === 'absent')
  expect(await fleet.keys('edge', bucket)).toEqual(['theirs'])

  await fleet.store('edge').delete(bucket, 'theirs')
  await fleet.store('edge').deleteBucket(bucket)
  await eventually('its place is free', async () => {
    return (await fleet.pool.query('SELECT 1 FROM foreign_bucket')).rowCount === 0
  })
  expect((await fleet.pool.query('SELECT 1 FROM dirty_bucket WHERE bucket_id = $1', [id])).rowCount).toBe(1)
})

test('an empty bucket that was there before is foreign too', async () => {
  const fleet = await stores.fleet()
  const bucket = 'foreign-empty'
  const id = await fleet.bucket(bucket, 'hpc')
  await fleet.store('edge').createBucket(bucket)
  fleet.startMover()
  await fleet.replica(id, 'edge')
  await eventually('it is refused', async () => (await fleet.replicaRow(id, 'edge')).observed === 'failed')
  await fleet.withdraw(id, 'edge')
  await eventually('the replica is gone', async () => (await fleet.replicaRow(id, 'edge')).observed === 'absent')
  expect(await fleet.store('edge').headBucket(bucket)).not.toBeNull()
})

test('a bucket that somebody removed and made again in place of a copy is foreign: neither filled nor deleted', async () => {
  const fleet = await stores.fleet()
  const bucket = 'remade'
  const [filled, evicted] = [await fleet.bucket(bucket, 'hpc'), await fleet.bucket(`${bucket}-2`, 'hpc')]
  fleet.startMover()
  for (const id of [filled, evicted]) {
    await fleet.replica(id, 'edge')
    await fleet.settled(id, 'edge')
  }
  for (const name of [bucket, `${bucket}-2`]) {
    await fleet.store('edge').deleteBucket(name)
    await fleet.store('edge').createBucket(name)
  }
  await fleet.put('hpc', bucket, 'k', 'v')
  await fleet.sweep(filled, 'edge')
  await eventually(
    'it is seen to be another',
    async () => (await fleet.replicaRow(filled, 'edge')).observed === 'absent',
  )
  await fleet.task(filled, 'edge', 'first_sync')
  await eventually('it is refused', async () => (await fleet.replicaRow(filled, 'edge')).observed === 'failed')
  await fleet.event(filled, 'k')
  await fleet.idle()
  expect(await fleet.keys('edge', bucket)).toEqual([])

  await fleet.withdraw(evicted, 'edge')
  await eventually('the copy is gone', async () => (await fleet.replicaRow(evicted, 'edge')).observed === 'absent')
  expect(await fleet.store('edge').headBucket(`${bucket}-2`)).not.toBeNull()
})

test('foreign objects in the way stay untouched and are told of; equal ones are good enough; eviction leaves both', async () => {
  const fleet = await stores.fleet()
  const bucket = 'foreign-objects'
  const id = await fleet.bucket(bucket, 'hpc')
  fleet.startMover()
  await fleet.replica(id, 'edge')
  await fleet.settled(id, 'edge')
  for (const key of ['in-the-way', 'equal', 'ours']) await fleet.put('hpc', bucket, key, 'master')
  await fleet.put('edge', bucket, 'in-the-way', 'theirs')
  await fleet.put('edge', bucket, 'equal', 'master')
  await fleet.put('edge', bucket, 'elsewhere', 'theirs')
  await fleet.event(id, 'in-the-way', 'equal', 'ours', 'elsewhere')
  const cause = await fleet.conflicts(id, 'edge', 1)
  expect(cause).toBe('1 object in the way on edge was not written by FaDO: in-the-way')
  expect(await fleet.text('edge', bucket, 'in-the-way')).toBe('theirs')
  await fleet.sweep(id, 'edge')
  expect(await fleet.replicaRow(id, 'edge')).toMatchObject({ conflicts: 1 })
  expect((await fleet.causes(id, 'edge'))[0]?.message).toBe(cause)

  await fleet.store('hpc').delete(bucket, 'in-the-way')
  await fleet.event(id, 'in-the-way')
  await fleet.conflicts(id, 'edge', 0)
  await fleet.withdraw(id, 'edge')
  await eventually('the replica is gone', async () => (await fleet.replicaRow(id, 'edge')).observed === 'absent')
  expect(await fleet.keys('edge', bucket)).toEqual(['elsewhere', 'equal', 'in-the-way'])
  expect((await fleet.pool.query('SELECT 1 FROM foreign_bucket')).rowCount).toBe(1)
  // FaDO made this bucket: what is told of it when the copy is wanted again must be true, too.
  await fleet.pool.query('UPDATE replica SET wanted = true, generation = generation + 1 WHERE bucket_id = $1', [id])
  await fleet.task(id, 'edge', 'first_sync')
  await eventually('it is refused', async () => (await fleet.causes(id, 'edge'))[0]?.code === 'FOREIGN_BUCKET')
  expect((await fleet.causes(id, 'edge'))[0]?.message).toBe(
    'A bucket named foreign-objects that FaDO did not make or has given up is on edge; it is left as it is',
  )
})

test('an order overwrites what is in the way, and what has changed since it was seen it does not', async () => {
  const fleet = await stores.fleet()
  const bucket = 'overwrite'
  const id = await fleet.bucket(bucket, 'hpc')
  const mover = fleet.startMover()
  await fleet.replica(id, 'edge')
  await fleet.settled(id, 'edge')
  for (const key of ['a', 'b']) {
    await fleet.put('hpc', bucket, key, 'master')
    await fleet.put('edge', bucket, key, 'theirs')
  }
  await fleet.event(id, 'a', 'b')
  expect(await fleet.conflicts(id, 'edge', 2)).toBe('2 objects in the way on edge were not written by FaDO: a, b')
  await fleet.idle() // a look that comes later would see what is there by then
  await mover.stop()
  await fleet.put('edge', bucket, 'b', 'theirs, again')
  fleet.startMover()
  await fleet.sweep(id, 'edge', { overwrite: true })
  expect(await fleet.text('edge', bucket, 'a')).toBe('master')
  expect(await fleet.text('edge', bucket, 'b')).toBe('theirs, again')
  expect(await fleet.conflicts(id, 'edge', 1)).toContain('b')
  await fleet.sweep(id, 'edge', { overwrite: true })
  expect(await fleet.text('edge', bucket, 'b')).toBe('master')
  await fleet.conflicts(id, 'edge', 0)
})

test('what came in the way after an order to overwrite stays, also when the run that followed it fails and is tried again', async () => {
  const fleet = await stores.fleet()
  const bucket = 'overwrite-again'
  const id = await fleet.bucket(bucket, 'hpc')
  let fails = false
  const storageFor = withCalls(fleet, 'hpc', ({ list }) => ({
    async *list(name, options) {
      if (fails) {
        fails = false
        await fleet.put('edge', bucket, 'later', 'theirs')
        await fleet.event(id, 'later')
        await eventually('it is in the way', async () => {
          const { rowCount } = await fleet.pool.query(
            `SELECT 1 FROM replica_object WHERE key = 'later' AND state = 'conflict'`,
          )
          return rowCount === 1
        })
        throw new StorageError('server-error', 'The store failed')
      }
      yield* list(name, options)
    },
  }))
  fleet.startMover({ storageFor, times: { backoff: 10 } })
  await fleet.replica(id, 'edge')
  await fleet.settled(id, 'edge')
  for (const key of ['seen', 'later']) await fleet.put('hpc', bucket, key, 'master')
  await fleet.put('edge', bucket, 'seen', 'theirs')
  await fleet.event(id, 'seen')
  await fleet.conflicts(id, 'edge', 1)
  fails = true
  await fleet.sweep(id, 'edge', { overwrite: true })
  await eventually('the order was followed', async () => (await fleet.text('edge', bucket, 'seen')) === 'master')
  await fleet.idle()
  expect(await fleet.text('edge', bucket, 'later')).toBe('theirs')
  await eventually('it is named', async () => (await fleet.conflicts(id, 'edge', 1))?.includes('later'))
})

test('a copy that somebody changed is a conflict until it is ordered to be overwritten; a removed one is copied again', async () => {
  const fleet = await stores.fleet()
  const bucket = 'changed-copy'
  const id = await fleet.bucket(bucket, 'hpc')
  for (const key of ['bytes', 'meta', 'removed', 'then-deleted']) await fleet.put('hpc', bucket, key, 'master')
  fleet.startMover()
  await fleet.replica(id, 'edge')
  await fleet.settled(id, 'edge')
  await fleet.nextSecond()
  await fleet.put('edge', bucket, 'bytes', 'changed')
  await fleet.put('edge', bucket, 'meta', 'master', { 'content-type': 'text/changed' })
  await fleet.put('edge', bucket, 'then-deleted', 'changed')
  await fleet.store('edge').delete(bucket, 'removed')
  await fleet.sweep(id, 'edge')
  const cause = await fleet.conflicts(id, 'edge', 3)
  expect(cause).toBe('3 objects on edge have been changed since FaDO wrote them: bytes, meta, then-deleted')
  expect(await fleet.text('edge', bucket, 'removed')).toBe('master')
  expect(await fleet.text('edge', bucket, 'bytes')).toBe('changed')

  await fleet.store('hpc').delete(bucket, 'then-deleted')
  await fleet.event(id, 'then-deleted')
  await eventually('it was looked at', async () => (await fleet.waiting(id)) === 0)
  expect(await fleet.text('edge', bucket, 'then-deleted')).toBe('changed')
  await fleet.sweep(id, 'edge')
  await fleet.conflicts(id, 'edge', 3)

  await fleet.sweep(id, 'edge', { overwrite: true })
  expect(await fleet.text('edge', bucket, 'bytes')).toBe('master')
  const meta = await fleet.store('edge').head(bucket, 'meta')
  expect(meta?.metadata).toEqual((await fleet.store('hpc').head(bucket, 'meta'))?.metadata)
  expect(await fleet.text('edge', bucket, 'then-deleted')).toBeNull()
  await fleet.conflicts(id, 'edge', 0)
})

test.for(['there was nothing', 'there was our copy'])(
  'what somebody writes between the last look and our write stays (where %s)',
  async (what) => {
    const fleet = await stores.fleet()
    const copied = what === 'there was our copy'
    const bucket = copied ? 'raced-copy' : 'raced-nothing'
    const id = await fleet.bucket(bucket, 'hpc')
    let race = !copied
    const storageFor = withCalls(fleet, 'edge', ({ put }) => ({
      async put(name, key, options) {
        if (race) await fleet.put('edge', bucket, key, 'theirs')
        race = false
        return put(name, key, options)
      },
    }))
    await fleet.put('hpc', bucket, 'k', 'master')
    fleet.startMover({ storageFor })
    await fleet.replica(id, 'edge')
    if (copied) {
      await fleet.settled(id, 'edge')
      await fleet.put('hpc', bucket, 'k', 'master, again')
      race = true
      await fleet.event(id, 'k')
    }
    expect(await fleet.conflicts(id, 'edge', 1)).toBe(
      copied
        ? '1 object on edge has been changed since FaDO wrote it: k'
        : '1 object in the way on edge was not written by FaDO: k',
    )
    await fleet.idle()
    expect(race).toBe(false)
    expect(await fleet.text('edge', bucket, 'k')).toBe('theirs')
  },
)

test('a copy that somebody changes while the master is asked about its deleted object is not deleted', async () => {
  const fleet = await stores.fleet()
  const bucket = 'changed-meanwhile'
  const id = await fleet.bucket(bucket, 'hpc')
  await fleet.put('hpc', bucket, 'k', 'master')
  let change = false
  const storageFor = withCalls(fleet, 'hpc', ({ listBuckets }) => ({
    async listBuckets(options) {
      if (change) await fleet.put('edge', bucket, 'k', 'changed')
      change = false
      return listBuckets(options)
    },
  }))
  fleet.startMover({ storageFor, times: { sweepMinS: 600 } })
  await fleet.replica(id, 'edge')
  await fleet.settled(id, 'edge')
  await fleet.store('hpc').delete(bucket, 'k')
  change = true
  await markObjects(fleet.pool, [{ bucketId: id, key: 'k', removed: true }])
  const cause = await fleet.conflicts(id, 'edge', 1)
  expect(cause).toBe('1 object on edge has been changed since FaDO wrote it: k')
  await fleet.idle()
  expect(await fleet.text('edge', bucket, 'k')).toBe('changed')
})

test('what somebody wrote over a copy stays when the copy is taken away before an order to overwrite it was followed', async () => {
  const fleet = await stores.fleet()
  const bucket = 'ordered-then-evicted'
  const id = await fleet.bucket(bucket, 'hpc')
  for (const key of ['changed', 'ours']) await fleet.put('hpc', bucket, key, 'master')
  const mover = fleet.startMover()
  await fleet.replica(id, 'edge')
  await fleet.settled(id, 'edge')
  await fleet.nextSecond()
  await fleet.put('edge', bucket, 'changed', 'theirs')
  await fleet.sweep(id, 'edge')
  await fleet.conflicts(id, 'edge', 1)
  await mover.stop()
  await orderOverwrite(fleet.pool, (await fleet.replicaRow(id, 'edge')).id)
  await fleet.withdraw(id, 'edge')
  fleet.startMover()
  await eventually('the copy is gone', async () => (await fleet.replicaRow(id, 'edge')).observed === 'absent')
  expect(await fleet.keys('edge', bucket)).toEqual(['changed'])
  expect(await fleet.text('edge', bucket, 'changed')).toBe('theirs')
  expect((await fleet.pool.query('SELECT 1 FROM foreign_bucket')).rowCount, 'it is shown').toBe(1)
})

test.for(['', 'Enabled'] as const)(
  'what somebody writes over a copy while it is taken away stays (versioning: %s)',
  async (versioning) => {
    const fleet = await stores.fleet()
    const bucket = `written-in-eviction${versioning.toLowerCase()}`
    const id = await fleet.bucket(bucket, 'hpc')
    for (const key of ['a', 'b']) await fleet.put('hpc', bucket, key, 'v')
    let isWritten = false
    /** What FaDO has looked at it takes away: when the first of that goes somebody writes the second. */
    const writeOver = async (key: string) => {
      if (isWritten) return
      isWritten = true
      await fleet.put('edge', bucket, key === 'a' ? 'b' : 'a', 'theirs')
    }
    fleet.startMover({
      limits: { perTask: 1 },
      storageFor: withCalls(fleet, 'edge', (driver) => ({
        async delete(name, key, options) {
          await writeOver(key)
          return driver.delete(name, key, options)
        },
        async deleteVersion(name, key, versionId, options) {
          await writeOver(key)
          return driver.deleteVersion(name, key, versionId, options)
        },
      })),
    })
    await fleet.replica(id, 'edge')
    await fleet.settled(id, 'edge')
    if (versioning !== '') await rawClient(stores.process('edge')).setVersioning(bucket, versioning)
    await fleet.withdraw(id, 'edge')
    await eventually('the copy is gone', async () => (await fleet.replicaRow(id, 'edge')).observed === 'absent')
    expect(isWritten).toBe(true)
    const [left = ''] = await fleet.keys('edge', bucket)
    expect(await fleet.text('edge', bucket, left)).toBe('theirs')
  },
)
