// A proxy before a replica's store that sends a write once more when its answer is lost, as nginx does with a PUT: the store has it
// already, and refuses the second.
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { markObjects } from '../../../server/db/queue/dirty-objects.ts'
import type { StorageDriver } from '../../../server/storage/storage-driver.ts'
import { StorageError } from '../../../server/storage/storage-error.ts'
import { minios } from '../../support/minios.ts'
import type { MoverFleet } from '../../support/mover-fleet.ts'
import { withCalls } from '../../support/with-calls.ts'

const stores = minios('hpc', 'edge')

/** A mover whose writes to edge are sent twice. */
function moverBehindProxy(fleet: MoverFleet) {
  let repeated = 0
  const twice = (driver: StorageDriver): Partial<StorageDriver> => ({
    async put(name, key, options) {
      const body = await buffer(Readable.from(options.body))
      await driver.put(name, key, { ...options, body })
      repeated++
      return driver.put(name, key, { ...options, body })
    },
  })
  fleet.startMover({ storageFor: withCalls(fleet, 'edge', twice), times: { sweepMinS: 600 } })
  return { repeated: () => repeated }
}

test.for([1, 300_000])('a write (%i bytes) that is sent twice is of FaDO, and follows its master', async (size) => {
  const fleet = await stores.fleet()
  const bucket = `twice-${size}`
  const id = await fleet.bucket(bucket, 'hpc')
  const { repeated } = moverBehindProxy(fleet)
  await fleet.replica(id, 'edge')
  await fleet.settled(id, 'edge')
  for (const letter of ['a', 'b', 'c']) {
    await fleet.put('hpc', bucket, 'a', Buffer.alloc(size, letter))
    await fleet.event(id, 'a')
    await fleet.settled(id, 'edge')
    expect(await fleet.text('edge', bucket, 'a')).toBe(letter.repeat(size))
  }
  expect(repeated()).toBe(3)
  expect((await fleet.replicaRow(id, 'edge')).conflicts).toBe(0)
})

test.for([1, 300_000])(
  'the very same object (%i bytes) that others put there is theirs: it is not overwritten',
  async (size) => {
    const fleet = await stores.fleet()
    const bucket = `theirs-alike-${size}`
    const id = await fleet.bucket(bucket, 'hpc')
    fleet.startMover({ times: { sweepMinS: 600 } })
    await fleet.replica(id, 'edge')
    await fleet.settled(id, 'edge')
    for (const store of ['edge', 'hpc']) await fleet.put(store, bucket, 'a', Buffer.alloc(size, 'a'))
    await markObjects(fleet.pool, [{ bucketId: id, key: 'a', size, removed: false }])
    await fleet.settled(id, 'edge')
    await fleet.put('hpc', bucket, 'a', 'second')
    await fleet.event(id, 'a')
    await fleet.idle()
    expect(await fleet.text('edge', bucket, 'a')).toBe('a'.repeat(size))
    expect((await fleet.replicaRow(id, 'edge')).conflicts).toBe(1)
  },
)

/** A mover that does not hear the first refusal of edge, where everything is there for long; `before` is done before it writes there. */
function deafMover(fleet: MoverFleet, before: () => Promise<unknown> = async () => undefined) {
  let refusals = 0
  let begun = false
  const deaf = (driver: StorageDriver): Partial<StorageDriver> => ({
    async put(name, key, options) {
      if (!begun) await before()
      begun = true
      return driver.put(name, key, options).catch((error: unknown) => {
        if (!(error instanceof StorageError) || error.kind !== 'precondition-failed' || refusals++ > 0) throw error
        throw new StorageError('unreachable', 'The connection was cut')
      })
    },
    async head(...args) {
      const head = await driver.head(...args)
      return head === null ? null : { ...head, lastModified: head.lastModified - 60_000 }
    },
  })
  fleet.startMover({ storageFor: withCalls(fleet, 'edge', deaf), times: { sweepMinS: 600 } })
  return { refusals: () => refusals }
}

async function staysTheirs(fleet: MoverFleet, id: string, bucket: string, body: Buffer): Promise<void> {
  await fleet.settled(id, 'edge')
  await fleet.put('hpc', bucket, 'a', 'second')
  await fleet.event(id, 'a')
  await fleet.idle()
  expect((await fleet.text('edge', bucket, 'a')) === body.toString()).toBe(true)
  expect((await fleet.replicaRow(id, 'edge')).conflicts).toBe(1)
}

test.for([1, 300_000])(
  'the very same object (%i bytes) that others had put there is theirs, though the refusal of the write was lost',
  async (size) => {
    const fleet = await stores.fleet()
    const bucket = `theirs-refusal-lost-${size}`
    const body = Buffer.alloc(size, 'a')
    const id = await fleet.bucket(bucket, 'hpc')
    const mover = deafMover(fleet)
    await fleet.replica(id, 'edge')
    await fleet.settled(id, 'edge')
    for (const store of ['edge', 'hpc']) await fleet.put(store, bucket, 'a', body)
    await markObjects(fleet.pool, [{ bucketId: id, key: 'a', size, removed: false }])
    await fleet.settled(id, 'edge')
    expect(mover.refusals()).toBe(1)
    await staysTheirs(fleet, id, bucket, body)
  },
)

test('so it is of one of many new objects, which go together', async () => {
  const fleet = await stores.fleet()
  const bucket = 'theirs-refusal-lost-many'
  const body = Buffer.from('a')
  const id = await fleet.bucket(bucket, 'hpc')
  for (const key of ['a', 'b', 'c']) await fleet.put('hpc', bucket, key, body)
  const mover = deafMover(fleet, () => fleet.put('edge', bucket, 'a', body))
  await fleet.replica(id, 'edge')
  await fleet.settled(id, 'edge')
  expect(mover.refusals(), 'together with others, then alone').toBe(2)
  await staysTheirs(fleet, id, bucket, body)
})

test('the same bytes with other headers that others put there while FaDO writes are theirs: nothing of them is set', async () => {
  const fleet = await stores.fleet()
  const bucket = 'theirs-with-headers'
  const id = await fleet.bucket(bucket, 'hpc')
  const headers = async () => (await fleet.store('edge').head(bucket, 'a'))?.metadata['content-type']
  const first = (driver: StorageDriver): Partial<StorageDriver> => ({
    async put(name, key, options) {
      await fleet.put('edge', bucket, 'a', 'a', { 'content-type': 'text/theirs' })
      return driver.put(name, key, options)
    },
  })
  fleet.startMover({ storageFor: withCalls(fleet, 'edge', first), times: { sweepMinS: 600 } })
  await fleet.replica(id, 'edge')
  await fleet.settled(id, 'edge')
  await fleet.put('hpc', bucket, 'a', 'a', { 'content-type': 'text/ours' })
  await fleet.event(id, 'a')
  await fleet.idle()
  expect(await headers()).toBe('text/theirs')
  expect((await fleet.replicaRow(id, 'edge')).conflicts).toBe(1)
})

/** A mover that does not hear the first answer of edge for a write of `a`, which is done. */
function unansweredMover(fleet: MoverFleet) {
  let lost = 0
  const losing = (driver: StorageDriver): Partial<StorageDriver> => ({
    async put(name, key, options) {
      const answer = await driver.put(name, key, options)
      if (key !== 'a' || lost++ > 0) return answer
      throw new StorageError('unreachable', 'The connection was cut')
    },
  })
  fleet.startMover({ storageFor: withCalls(fleet, 'edge', losing), times: { sweepMinS: 600 } })
  return { lost: () => lost }
}

async function followsMaster(fleet: MoverFleet, id: string, bucket: string): Promise<void> {
  await fleet.settled(id, 'edge')
  await fleet.put('hpc', bucket, 'a', 'second')
  await fleet.event(id, 'a')
  await fleet.settled(id, 'edge')
  expect(await fleet.text('edge', bucket, 'a')).toBe('second')
  expect((await fleet.replicaRow(id, 'edge')).conflicts).toBe(0)
}

test.for([1, 300_000])(
  'a new object (%i bytes) whose answer was lost is of FaDO, and follows its master',
  async (size) => {
    const fleet = await stores.fleet()
    const bucket = `answer-lost-${size}`
    const id = await fleet.bucket(bucket, 'hpc')
    const mover = unansweredMover(fleet)
    await fleet.replica(id, 'edge')
    await fleet.settled(id, 'edge')
    await fleet.put('hpc', bucket, 'a', Buffer.alloc(size, 'a'))
    await markObjects(fleet.pool, [{ bucketId: id, key: 'a', size, removed: false }])
    await fleet.settled(id, 'edge')
    expect(mover.lost()).toBe(1)
    await followsMaster(fleet, id, bucket)
  },
)

test('so is one of many new objects, which go together', async () => {
  const fleet = await stores.fleet()
  const bucket = 'answer-lost-many'
  const id = await fleet.bucket(bucket, 'hpc')
  for (const key of ['a', 'b', 'c']) await fleet.put('hpc', bucket, key, 'first')
  const mover = unansweredMover(fleet)
  await fleet.replica(id, 'edge')
  await fleet.settled(id, 'edge')
  expect(mover.lost()).toBe(1)
  await followsMaster(fleet, id, bucket)
})

test('what others had put there stays theirs where the store falls silent right after its refusal', async () => {
  const fleet = await stores.fleet()
  const bucket = 'theirs-silent-after'
  const body = Buffer.from('a')
  const id = await fleet.bucket(bucket, 'hpc')
  let refusals = 0
  let silent = false
  const silentAfter = (driver: StorageDriver): Partial<StorageDriver> => ({
    put: (name, key, options) =>
      driver.put(name, key, options).catch((error: unknown) => {
        silent = refusals++ === 0
        throw error
      }),
    async head(...args) {
      if (!silent) return driver.head(...args)
      silent = false
      throw new StorageError('unreachable', 'The connection was cut')
    },
  })
  fleet.startMover({ storageFor: withCalls(fleet, 'edge', silentAfter), times: { sweepMinS: 600 } })
  await fleet.replica(id, 'edge')
  await fleet.settled(id, 'edge')
  for (const store of ['edge', 'hpc']) await fleet.put(store, bucket, 'a', body)
  await markObjects(fleet.pool, [{ bucketId: id, key: 'a', size: 1, removed: false }])
  await fleet.settled(id, 'edge')
  expect(refusals, 'and when it answers again').toBe(2)
  await staysTheirs(fleet, id, bucket, body)
})
