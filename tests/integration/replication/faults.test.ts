import { Transform } from 'node:stream'
import { expect, onTestFinished, test } from 'vitest'
import { markBuckets } from '../../../server/db/queue/dirty-buckets.ts'
import type { StorageDriver } from '../../../server/storage/storage-driver.ts'
import { eventually } from '../../support/eventually.ts'
import { minios } from '../../support/minios.ts'
import { slowly } from '../../support/slowly.ts'
import { withCalls } from '../../support/with-calls.ts'

const stores = minios('hpc', 'edge', 'cloud')

test('a change that may narrow stops writes under way within 2 s, and what they left goes with the copy', async () => {
  const fleet = await stores.fleet()
  const bucket = 'narrowed'
  const id = await fleet.bucket(bucket, 'hpc')
  await fleet.put('hpc', bucket, 'small', 'small')
  const first = fleet.startMover()
  await fleet.replica(id, 'edge')
  await fleet.settled(id, 'edge')
  await first.stop()
  fleet.startMover({ storageFor: withCalls(fleet, 'hpc', slowly), times: { guard: 500 } })
  await fleet.put('hpc', bucket, 'large', Buffer.alloc(16_000_000))
  await fleet.event(id, 'large')
  const isLeased = async () =>
    ((await fleet.pool.query('SELECT 1 FROM dirty_object WHERE lease_owner IS NOT NULL')).rowCount ?? 0) > 0
  await eventually('it is being written', async () => {
    return ((await fleet.pool.query(`SELECT 1 FROM replica_object WHERE state = 'writing'`)).rowCount ?? 0) > 0
  })
  await markBuckets(fleet.pool, { kind: 'ids', ids: [id] }, { narrowing: true })
  const answered = performance.now()
  await eventually('the write is cut off', async () => !(await isLeased()))
  expect(performance.now() - answered).toBeLessThan(2_000)
  await fleet.event(id, 'small')
  await fleet.task(id, 'edge', 'sweep', { overwrite: true, allowDeletes: true })
  await fleet.idle()
  expect(await fleet.store('edge').head(bucket, 'large')).toBeNull()

  await fleet.withdraw(id, 'edge')
  await fleet.pool.query('DELETE FROM dirty_bucket')
  await eventually('the copy is gone', async () => (await fleet.replicaRow(id, 'edge')).observed === 'absent')
  expect(await fleet.store('edge').headBucket(bucket)).toBeNull()
})

test('work goes on when a change turned out not to narrow', async () => {
  const fleet = await stores.fleet()
  const bucket = 'not-narrowed'
  const id = await fleet.bucket(bucket, 'hpc')
  fleet.startMover()
  await markBuckets(fleet.pool, { kind: 'ids', ids: [id] }, { narrowing: true })
  await fleet.put('hpc', bucket, 'k', 'v')
  await fleet.replica(id, 'edge')
  await fleet.idle()
  expect(await fleet.store('edge').headBucket(bucket)).toBeNull()
  await fleet.pool.query('UPDATE dirty_bucket SET narrowing = false')
  await fleet.settled(id, 'edge')
  expect(await fleet.text('edge', bucket, 'k')).toBe('v')
})

test('a dead store does not hold up another, says so, and catches up when it is back', async () => {
  const fleet = await stores.fleet()
  const bucket = 'dead-store'
  const id = await fleet.bucket(bucket, 'hpc')
  fleet.startMover()
  for (const at of ['edge', 'cloud']) await fleet.replica(id, at)
  for (const at of ['edge', 'cloud']) await fleet.settled(id, at)
  let probesAsked = 0
  onTestFinished(fleet.wakeups.on('store', () => probesAsked++))
  await stores.process('edge').kill9()
  const keys = Array.from({ length: 60 }, (_, n) => `k${n}`)
  for (const key of keys) await fleet.put('hpc', bucket, key, key)
  await fleet.event(id, ...keys)
  await eventually('the other has all', async () => (await fleet.keys('cloud', bucket)).length === keys.length, 8)
  await eventually('the dead one says so', async () =>
    (await fleet.causes(id, 'edge')).some(({ code, store }) => code === 'STORE_UNREACHABLE' && store === 'edge'),
  )
  expect(await fleet.causes(id, 'cloud')).toEqual([])
  expect(probesAsked).toBeGreaterThan(0)
  await stores.process('edge').restart()
  await fleet.settled(id, 'edge')
  expect(await fleet.differences(id, bucket, 'hpc', 'edge')).toEqual([])
  await eventually('nothing is wrong any more', async () => (await fleet.causes(id, 'edge')).length === 0)
})

test('a store that takes connections and never answers does not hold up another', async () => {
  const fleet = await stores.fleet()
  const [slow, quick] = [await fleet.bucket('hangs', 'edge'), await fleet.bucket('goes-on', 'hpc')]
  fleet.startMover()
  await fleet.replica(slow, 'cloud')
  await fleet.replica(quick, 'cloud')
  await fleet.settled(slow, 'cloud')
  await fleet.settled(quick, 'cloud')
  const { pid } = stores.process('edge')
  process.kill(pid, 'SIGSTOP')
  onTestFinished(() => {
    process.kill(pid, 'SIGCONT')
  })
  const keys = Array.from({ length: 100 }, (_, n) => `k${n}`)
  await fleet.event(slow, ...keys)
  for (const key of keys) await fleet.put('hpc', 'goes-on', key, key)
  await fleet.event(quick, ...keys)
  await eventually('the other bucket goes on', async () => (await fleet.keys('cloud', 'goes-on')).length === 100, 5)
})

test('a master that cannot be read is told of, and its copies stay as they are', async () => {
  const fleet = await stores.fleet()
  const bucket = 'dead-master'
  const id = await fleet.bucket(bucket, 'edge')
  await fleet.put('edge', bucket, 'k', 'v')
  fleet.startMover()
  await fleet.replica(id, 'cloud')
  await fleet.settled(id, 'cloud')
  await stores.process('edge').kill9()
  await fleet.event(id, 'k')
  await eventually('it is told', async () => (await fleet.storeProblems('edge')).join() === 'unreachable')
  expect(await fleet.replicaRow(id, 'cloud')).toMatchObject({ observed: 'complete', conflicts: 0 })
  expect(await fleet.text('cloud', bucket, 'k')).toBe('v')
  await stores.process('edge').restart()
  await eventually('it is over', async () => (await fleet.storeProblems('edge')).length === 0)
  await fleet.settled(id, 'cloud')
})

test('a source that changes behind a copy, or comes back behind a delete, is followed though no event tells of it', async () => {
  const fleet = await stores.fleet()
  const bucket = 'behind'
  const id = await fleet.bucket(bucket, 'hpc')
  await fleet.put('hpc', bucket, 'overwritten', 'old')
  await fleet.put('hpc', bucket, 'redressed', 'the same')
  for (const key of ['overwritten', 'redressed']) // so that they go the whole way
    await fleet.store('hpc').putTags(bucket, key, [{ key: 'a', value: 'b' }])
  let behindHeaders = 0
  let behindDelete = 0
  const behind = (driver: StorageDriver): Partial<StorageDriver> => ({
    async put(name, key, options) {
      const result = await driver.put(name, key, options)
      if (key === 'overwritten' && (await fleet.text('hpc', bucket, key)) === 'old')
        await fleet.put('hpc', bucket, key, 'new')
      if (key === 'redressed' && behindHeaders++ === 0)
        await fleet.put('hpc', bucket, key, 'the same', { 'content-type': 'text/x-other' })
      return result
    },
    async delete(name, key, options) {
      const deleted = await driver.delete(name, key, options)
      if (key === 'back' && behindDelete++ === 0) await fleet.put('hpc', bucket, key, 'here again')
      return deleted
    },
  })
  fleet.startMover({ storageFor: withCalls(fleet, 'edge', behind) })
  await fleet.replica(id, 'edge')
  await fleet.settled(id, 'edge')
  expect((await fleet.store('edge').head(bucket, 'redressed'))?.metadata['content-type']).toBe('text/x-other')
  expect(await fleet.text('edge', bucket, 'overwritten'), 'the key is not done before it is as the master').toBe('new')

  await fleet.put('hpc', bucket, 'back', 'first')
  await fleet.event(id, 'back')
  await eventually('it is copied', async () => (await fleet.text('edge', bucket, 'back')) === 'first')
  await fleet.store('hpc').delete(bucket, 'back')
  await fleet.event(id, 'back')
  await eventually('the key is done', async () => behindDelete > 0 && (await fleet.waiting(id)) === 0)
  expect(await fleet.text('edge', bucket, 'back')).toBe('here again')
})

test('bytes that a master sent wrong do not stay on a replica', async () => {
  const fleet = await stores.fleet()
  const bucket = 'flipped'
  const id = await fleet.bucket(bucket, 'hpc')
  let wrong = 2
  /** Other bytes of the same length, under the true ETag. */
  const flipping = (driver: StorageDriver): Partial<StorageDriver> => ({
    async read(name, key, options) {
      const read = await driver.read(name, key, options)
      return wrong === 0 ? read : { ...read, bytes: Buffer.alloc(read.head.size, `${wrong--}`) }
    },
    async open(name, key, options) {
      const opened = await driver.open(name, key, options)
      if (wrong === 0) return opened
      const sign = `${wrong--}`
      const flipped = new Transform({
        transform: (chunk: Buffer, _, done) => done(null, Buffer.alloc(chunk.length, sign)),
      })
      return { ...opened, body: opened.body.pipe(flipped) }
    },
  })
  await fleet.put('hpc', bucket, 'k', 'right')
  fleet.startMover({ storageFor: withCalls(fleet, 'hpc', flipping) })
  await fleet.replica(id, 'edge')
  await fleet.settled(id, 'edge')
  expect(wrong, 'both reads were wrong').toBe(0)
  expect(await fleet.text('edge', bucket, 'k')).toBe('right')
})

test('a lease that ran out makes its key be looked at once more', async () => {
  const fleet = await stores.fleet()
  const bucket = 'lost-lease'
  const id = await fleet.bucket(bucket, 'hpc')
  const first = fleet.startMover()
  await fleet.replica(id, 'edge')
  await fleet.settled(id, 'edge')
  await first.stop()
  await fleet.put('hpc', bucket, 'k', 'v')
  await fleet.event(id, 'k')
  await fleet.pool.query(
    `UPDATE dirty_object SET lease_owner = gen_random_uuid(), lease_until = now() - interval '1 s', not_before = now()`,
  )
  fleet.startMover({ times: { lateWrite: 700 } })
  await eventually('it is copied', async () => (await fleet.text('edge', bucket, 'k')) === 'v')
  const { rows } = await eventually('it waits for a second look', async () => {
    const found = await fleet.pool.query<{ ahead: boolean }>(
      'SELECT since > now() AS ahead FROM dirty_object WHERE storage_id = $1 AND lease_owner IS NULL',
      [fleet.storeId('edge')],
    )
    return found.rows.length === 1 ? found : null
  })
  expect(rows[0]?.ahead, 'a precaution is no lag').toBe(true)
  // What the former holder did late is put right.
  await fleet.store('edge').delete(bucket, 'k')
  await fleet.settled(id, 'edge')
  expect(await fleet.text('edge', bucket, 'k')).toBe('v')
})
