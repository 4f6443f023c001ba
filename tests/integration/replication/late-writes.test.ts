// A write that was cut off may land when nobody waits for it any more.
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import type { Limits } from '../../../server/replication/settings.ts'
import type { StorageDriver } from '../../../server/storage/storage-driver.ts'
import { StorageError } from '../../../server/storage/storage-error.ts'
import { eventually } from '../../support/eventually.ts'
import { unfinishedUploads } from '../../support/minio.ts'
import { minios } from '../../support/minios.ts'
import type { MoverFleet } from '../../support/mover-fleet.ts'
import { withCalls } from '../../support/with-calls.ts'

const stores = minios('hpc', 'edge')

/**
 * A mover whose writes of the key `late` to edge (`cuts`) are cut off, as by a store that is frozen: from the first of them on the
 * store answers nothing. `thaw`: it answers again, and does what it was told before right after so many answers about the key, or
 * when it is about to be listed. `second`: how many bytes the write that is cut off has, and the next one never arrives; default: it is
 * the first write, and all others do.
 */
function moverAtFrozenStore(fleet: MoverFleet, cuts: 'put' | 'delete', landsAt: number | 'list', second?: number) {
  let losesNext = false
  let write: (() => Promise<unknown>) | null = null
  let state: 'well' | 'frozen' | 'thawing' = 'well'
  let answers = 0
  const cut = () => Promise.reject(new StorageError('unreachable', 'The connection was cut'))
  const freeze = (late: () => Promise<unknown>) => {
    write = late
    state = 'frozen'
    return cut()
  }
  async function land(at: number | 'list') {
    if (state !== 'thawing' || at !== landsAt) return
    state = 'well'
    losesNext = second !== undefined
    await write?.()
  }
  const isCut = (method: typeof cuts, key: string) => cuts === method && key === 'late' && state !== 'thawing'
  const frozen = (driver: StorageDriver): Partial<StorageDriver> => ({
    async put(name, key, { signal: _, ...options }) {
      if (losesNext && key === 'late') {
        losesNext = false
        throw new StorageError('server-error', 'It cannot be written now')
      }
      if (!isCut('put', key) || (second ?? options.size) !== options.size) return driver.put(name, key, options)
      const body = await buffer(Readable.from(options.body))
      return freeze(() => driver.put(name, key, { ...options, body }))
    },
    async delete(name, key, options) {
      return isCut('delete', key) ? freeze(() => driver.delete(name, key)) : driver.delete(name, key, options)
    },
    async headBucket(...args) {
      return state === 'frozen' ? cut() : driver.headBucket(...args)
    },
    async head(name, key, options) {
      if (state === 'frozen') return cut()
      const head = await driver.head(name, key, options)
      if (key === 'late' && state === 'thawing') await land(++answers)
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
    const { untilFrozen, thaw, hasLanded } = moverAtFrozenStore(fleet, 'put', 1)
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

test.for([
  ['is new', null],
  ['replaces another', 'first'],
] as const)(
  'a write that %s, and lands when a newer version was said that never arrives, is known to be of FaDO',
  async ([, first]) => {
    const fleet = await stores.fleet()
    const bucket = `outdated-${first}`
    const second = 'second, longer than the first'
    const id = await fleet.bucket(bucket, 'hpc')
    if (first !== null) await fleet.put('hpc', bucket, 'late', first)
    const { untilFrozen, thaw, hasLanded } = moverAtFrozenStore(fleet, 'put', 1, second.length)
    await fleet.replica(id, 'edge')
    await fleet.settled(id, 'edge')
    await fleet.put('hpc', bucket, 'late', second)
    await fleet.event(id, 'late')
    await untilFrozen()
    await fleet.put('hpc', bucket, 'late', 'third')
    await fleet.event(id, 'late')
    await thaw()
    await eventually('it has landed', hasLanded)
    await fleet.settled(id, 'edge')
    expect((await fleet.replicaRow(id, 'edge')).conflicts).toBe(0)
    expect(await fleet.text('edge', bucket, 'late')).toBe('third')
  },
)

test('a write whose answer is lost is known to be of FaDO though its store gives it another ETag', async () => {
  const fleet = await stores.fleet()
  const bucket = 'answer-lost'
  const id = await fleet.bucket(bucket, 'hpc')
  await fleet.put('hpc', bucket, 'late', 'first')
  /** Nobody tells of the parts of the master's objects, so they are copied in one. */
  const withoutParts = withCalls(fleet, 'hpc', (driver) => ({
    async open(...args) {
      const opened = await driver.open(...args)
      return { ...opened, head: { ...opened.head, partCount: null } }
    },
  }))
  let loses = false
  const losing = withCalls(fleet, 'edge', (driver) => ({
    async put(...args) {
      const written = await driver.put(...args)
      if (!loses) return written
      loses = false
      throw new StorageError('unreachable', 'The connection was cut')
    },
  }))
  const storageFor = (storageId: string) => (storageId === fleet.storeId('hpc') ? withoutParts : losing)(storageId)
  fleet.startMover({ storageFor, times: { sweepMinS: 600 } })
  await fleet.replica(id, 'edge')
  await fleet.settled(id, 'edge')
  loses = true
  const uploadId = await fleet.store('hpc').createUpload(bucket, 'late')
  const body = Buffer.from('second')
  const part = { uploadId, partNumber: 1, body, size: body.length }
  const { etag } = await fleet.store('hpc').uploadPart(bucket, 'late', part)
  await fleet.store('hpc').completeUpload(bucket, 'late', { uploadId, parts: [{ partNumber: 1, etag }] })
  await fleet.event(id, 'late')
  await fleet.settled(id, 'edge')
  expect(loses).toBe(false)
  await fleet.put('hpc', bucket, 'late', 'third')
  await fleet.event(id, 'late')
  await fleet.settled(id, 'edge')
  expect((await fleet.replicaRow(id, 'edge')).conflicts).toBe(0)
  expect(await fleet.text('edge', bucket, 'late')).toBe('third')
})

/** A copy on edge whose keys `a` and `b` wait for writes of other versions that were cut off, for a minute. */
async function waitingKeys(fleet: MoverFleet, bucket: string, limits: Partial<Limits>) {
  const id = await fleet.bucket(bucket, 'hpc')
  const keys = ['a', 'b']
  const start = () => fleet.startMover({ times: { lateWrite: 60_000, sweepMinS: 600 }, limits })
  const mover = start()
  await fleet.replica(id, 'edge')
  await fleet.settled(id, 'edge')
  for (const key of keys) await fleet.put('hpc', bucket, key, 'second')
  await fleet.pool.query(
    `INSERT INTO replica_object (replica_id, key, state, epoch, source_etag, size)
     SELECT id, unnest($1::text[]), 'writing', epoch, 'of-the-first', 1 FROM replica`,
    [keys],
  )
  await fleet.event(id, ...keys)
  await eventually('they wait', async () => {
    const { rowCount } = await fleet.pool.query(`SELECT 1 FROM dirty_object WHERE not_before > now() + interval '1 s'`)
    return rowCount === keys.length
  })
  return { id, mover, start }
}

test('keys that wait for writes that were cut off take nothing of their link', async () => {
  const fleet = await stores.fleet()
  const bucket = 'waits-aside'
  const { id } = await waitingKeys(fleet, bucket, { parked: 0, atOnce: { least: 1, first: 1, most: 1 } })
  await fleet.put('hpc', bucket, 'other', 'v')
  await fleet.event(id, 'other')
  await eventually('another is copied', async () => (await fleet.text('edge', bucket, 'other')) === 'v')
  expect(await fleet.keys('edge', bucket)).toEqual(['other'])
})

test('for how long a write that was cut off is waited for already, the next mover knows', async () => {
  const fleet = await stores.fleet()
  const bucket = 'waits-on'
  const { mover, start } = await waitingKeys(fleet, bucket, {})
  await mover.stop()
  await fleet.pool.query(`UPDATE replica_object SET undone_since = undone_since - interval '1 min' WHERE key = 'a'`)
  await fleet.pool.query('UPDATE dirty_object SET not_before = now()')
  start()
  await eventually('it is copied', async () => (await fleet.text('edge', bucket, 'a')) === 'second')
  await eventually('the other waits on', async () => {
    const { rowCount } = await fleet.pool.query(
      `SELECT 1 FROM dirty_object WHERE lease_owner IS NULL AND not_before > now()`,
    )
    return rowCount === 1
  })
  expect(await fleet.keys('edge', bucket)).toEqual(['a'])
})

test.for(['answers late', 'cannot be reached'] as const)(
  'a store that %s while a write that was cut off is waited for has its time to do it from then on',
  async (how) => {
    const fleet = await stores.fleet()
    const bucket = `silent-again-${how.replaceAll(' ', '-')}`
    const id = await fleet.bucket(bucket, 'hpc')
    const lateWrite = 1_000
    let write: (() => Promise<unknown>) | null = null
    let state: 'well' | 'silent' | 'back' | 'landed' = 'well'
    const back = Promise.withResolvers<void>()
    async function reach(): Promise<void> {
      if (state !== 'silent') return
      if (how === 'cannot be reached') throw new StorageError('unreachable', 'The connection was cut')
      await back.promise
    }
    const odd = (driver: StorageDriver): Partial<StorageDriver> => ({
      async put(name, key, { signal: _, ...options }) {
        if (key !== 'late' || write !== null) return driver.put(name, key, options)
        const body = await buffer(Readable.from(options.body))
        write = () => driver.put(name, key, { ...options, body })
        throw new StorageError('timeout', 'It did not answer in time')
      },
      async headBucket(...args) {
        await reach()
        return driver.headBucket(...args)
      },
      async head(name, key, options) {
        await reach()
        const head = await driver.head(name, key, options)
        // It does what it was told before, right after its first answer.
        if (key === 'late' && state === 'back') {
          state = 'landed'
          await write?.()
        }
        return head
      },
    })
    fleet.startMover({ storageFor: withCalls(fleet, 'edge', odd), times: { sweepMinS: 600, lateWrite } })
    await fleet.replica(id, 'edge')
    await fleet.settled(id, 'edge')
    await fleet.put('hpc', bucket, 'late', 'first')
    await fleet.event(id, 'late')
    await eventually('it was cut off', () => write !== null)
    await fleet.store('hpc').delete(bucket, 'late')
    await fleet.event(id, 'late')
    const undone = (seconds: number) =>
      eventually('it is waited for', async () => {
        const { rowCount } = await fleet.pool.query(
          'SELECT 1 FROM replica_object WHERE undone_since < now() - make_interval(secs => $1)',
          [seconds],
        )
        return rowCount === 1
      })
    await undone(0)
    state = 'silent'
    await undone((2 * lateWrite) / 1000)
    state = 'back'
    back.resolve()
    await eventually('it has landed', () => state === 'landed')
    await fleet.settled(id, 'edge')
    expect(await fleet.keys('edge', bucket)).toEqual([])
    expect((await fleet.pool.query('SELECT key, state FROM replica_object')).rows).toEqual([])
  },
)

test('a write that lands after its copy was looked through goes with the copy', async () => {
  const fleet = await stores.fleet()
  const bucket = 'landed-in-eviction'
  const id = await fleet.bucket(bucket, 'hpc')
  const { untilFrozen, thaw, hasLanded } = moverAtFrozenStore(fleet, 'put', 'list')
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

test('a delete that lands after its object was written again does not keep it away', async () => {
  const fleet = await stores.fleet()
  const bucket = 'deleted-late'
  const id = await fleet.bucket(bucket, 'hpc')
  await fleet.put('hpc', bucket, 'late', 'first')
  // It lands when the new object was seen there.
  const { untilFrozen, thaw, hasLanded } = moverAtFrozenStore(fleet, 'delete', 2)
  await fleet.replica(id, 'edge')
  await fleet.settled(id, 'edge')
  await fleet.store('hpc').delete(bucket, 'late')
  await fleet.event(id, 'late')
  await untilFrozen()
  await fleet.put('hpc', bucket, 'late', 'again')
  await fleet.event(id, 'late')
  await thaw()
  await eventually('it has landed', hasLanded)
  await fleet.settled(id, 'edge')
  expect(await fleet.text('edge', bucket, 'late')).toBe('again')
})

test('an upload in parts that was cut off goes with its copy', async () => {
  const fleet = await stores.fleet()
  const bucket = 'cut-upload'
  const id = await fleet.bucket(bucket, 'hpc')
  const mover = fleet.startMover({ times: { sweepMinS: 600 } })
  await fleet.replica(id, 'edge')
  await fleet.settled(id, 'edge')
  await mover.stop()
  await fleet.put('hpc', bucket, 'big', 'v')
  const uploadId = await fleet.store('edge').createUpload(bucket, 'big')
  expect(await unfinishedUploads(stores.process('edge').dataDir)).toHaveLength(1)
  await fleet.pool.query(
    `INSERT INTO replica_object (replica_id, key, state, epoch, source_etag, size, upload_id)
     SELECT id, 'big', 'writing', epoch, 'of-the-master', 1, $1 FROM replica`,
    [uploadId],
  )
  fleet.startMover({ times: { sweepMinS: 600 } })
  await fleet.withdraw(id, 'edge')
  await eventually('the copy is gone', async () => (await fleet.replicaRow(id, 'edge')).observed === 'absent')
  expect(await unfinishedUploads(stores.process('edge').dataDir)).toEqual([])
})
