// Whatever a lender does, and whatever becomes of the master meanwhile, the copy is what the master has.
import { randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { conformances } from '../../../server/services/replication/read-runs.ts'
import { eventually } from '../../support/eventually.ts'
import { both, lent, noSweeps, putInParts, putSome, same, shown, sources, startLending } from '../../support/lending.ts'
import { minios } from '../../support/minios.ts'
import { over, slowLink } from '../../support/slow-link.ts'
import { withCalls } from '../../support/with-calls.ts'

const stores = minios('hpc', 'edge', 'cloud')
const start = (bucket: string, near: boolean) => startLending(stores, bucket, near)

test('a master that is away does not stop what others hold: nothing is overwritten, nothing deleted comes back', async () => {
  const started = await start('away', false)
  const { fleet, bucket, id } = started
  const link = await slowLink(stores.process('hpc').endpoint)
  const mover = fleet.startMover({ storageFor: over(fleet, 'hpc', link) })
  await both(started)
  await mover.stop()
  // Edge has all of it, cloud nothing yet.
  await putSome(fleet, bucket)
  await fleet.put('hpc', bucket, 'deleted', 'gone by then')
  await fleet.put('hpc', bucket, 'taken', 'of the master')
  await fleet.put('hpc', bucket, 'doubted', 'perhaps gone')
  await fleet.put('hpc', bucket, 'spoiled', 'of the master')
  const hold = [fleet.storeId('hpc'), fleet.storeId('cloud')]
  await fleet.pool.query(`INSERT INTO link_pause (from_storage_id, to_storage_id, actor) VALUES ($1, $2, 'test')`, hold)
  const first = fleet.startMover({ storageFor: over(fleet, 'hpc', link) })
  await fleet.event(id, ...(await fleet.keys('hpc', bucket)))
  await eventually('edge has all', async () => {
    const { rows } = await fleet.pool.query('SELECT 1 FROM dirty_object WHERE storage_id <> $1', [
      fleet.storeId('cloud'),
    ])
    return rows.length === 0
  })
  await first.stop()
  await fleet.put('cloud', bucket, 'taken', 'of somebody else')
  await fleet.put('edge', bucket, 'spoiled', 'of somebody else')
  link.broken(true)
  await fleet.store('hpc').delete(bucket, 'deleted')
  await fleet.event(id, 'deleted') // which nobody can look at
  // A look at the whole master found something of this one, and only there.
  await fleet.pool.query(`INSERT INTO dirty_object (bucket_id, storage_id, key) VALUES ($1, $2, 'doubted')`, [
    id,
    hold[0],
  ])
  await fleet.pool.query('DELETE FROM link_pause')
  const last = fleet.startMover({ storageFor: over(fleet, 'hpc', link), times: { untold: 60_000 } })
  const [{ length: all }, before] = [await fleet.keys('edge', bucket), link.carried()]
  await eventually('cloud has what may be copied', async () => (await fleet.keys('cloud', bucket)).length === all - 3)
  const from = await sources(started, 'cloud')
  for (const key of ['deleted', 'doubted', 'spoiled']) expect(from).not.toHaveProperty(key)
  expect(new Set(Object.values(from))).toEqual(new Set(['edge']))
  expect(await fleet.text('cloud', bucket, 'taken')).toBe('of somebody else')
  await eventually('the reason is shown', async () => (await shown(started, 'cloud')).why === 'MASTER_AWAY')
  // All but what lay there already have arrived, though each is to be looked at again.
  const arrived = async () => {
    const [months = []] = await conformances(fleet, [(await fleet.replicaRow(id, 'cloud')).id])
    return months[0]?.changes
  }
  await eventually('they count as arrived', async () => (await arrived()) === all - 4)
  // Edge is not late for that nobody can judge it now.
  const { rows: late } = await fleet.pool.query<{ key: string }>('SELECT key FROM dirty_object WHERE storage_id = $1', [
    fleet.storeId('edge'),
  ])
  expect(late.map(({ key }) => key)).toEqual(['deleted'])
  // All of them are looked at again, and no byte is copied twice.
  expect(await fleet.waiting(id)).toBeGreaterThan(22)
  expect(link.carried()).toBe(before)
  link.broken(false)
  await fleet.conflicts(id, 'cloud', 1)
  await eventually('nothing waits', async () => (await fleet.waiting(id)) === 0)
  await fleet.idle()
  expect(link.carried() - before).toBeLessThan(150_000)
  await last.stop()
  expect(await arrived(), 'once, and the two that nobody could lend').toBe(all - 2)
  expect(await fleet.keys('cloud', bucket)).not.toContain('deleted')
  const differ = async (at: string, but: string) =>
    (await fleet.differences(id, bucket, 'hpc', at)).filter((one) => !JSON.stringify(one).includes(but))
  expect(await differ('edge', 'spoiled')).toEqual([])
  expect(await differ('cloud', 'taken')).toEqual([])
})

test('the longer a master is away, the rarer is looked at what nobody can lend', async () => {
  const started = await start('long-away', false)
  const { fleet, bucket, id } = started
  await fleet.put('hpc', bucket, 'k', 'v')
  const link = await slowLink(stores.process('hpc').endpoint)
  fleet.startMover({ storageFor: over(fleet, 'hpc', link), times: { ...noSweeps, untold: 50 } })
  await both(started)
  link.broken(true)
  await fleet.event(id, 'k')
  await eventually('nothing is tried for a second and more', async () => {
    const { rows } = await fleet.pool.query<{ rests: boolean }>(
      `SELECT bool_and(lease_owner IS NULL AND not_before > now() + interval '1.2 s') AS rests FROM dirty_object WHERE storage_id <> $1`,
      [fleet.storeId('hpc')],
    )
    return rows[0]?.rests
  })
  link.broken(false)
  await eventually('it is looked at at once', async () => (await fleet.waiting(id)) === 0, 5)
})

test('a new copy is filled from another one while its master is away, and is complete only when it was compared with it', async () => {
  const started = await start('new-while-away', false)
  const { fleet, bucket, id } = started
  await putSome(fleet, bucket)
  const link = await slowLink(stores.process('hpc').endpoint)
  const first = fleet.startMover({ storageFor: over(fleet, 'hpc', link), times: noSweeps })
  await fleet.task(id, 'hpc', 'master_sweep')
  await fleet.replica(id, 'edge')
  await fleet.settled(id, 'edge')
  await first.stop()
  const known = await fleet.keys('hpc', bucket)
  // Changes that nobody told of: what the copy gets of these is what the master had, until it can be compared.
  await fleet.nextSecond()
  await fleet.put('hpc', bucket, 'small0', 'of the master, later')
  await fleet.put('hpc', bucket, 'unknown', 'to FaDO')
  await fleet.store('hpc').delete(bucket, 'small1')
  link.broken(true)
  fleet.startMover({ storageFor: over(fleet, 'hpc', link), times: noSweeps })
  const before = link.carried()
  await fleet.replica(id, 'cloud')
  await eventually('cloud has what edge has', async () => {
    const keys = await fleet.keys('cloud', bucket).catch(() => []) // its bucket is not made yet
    return keys.join() === known.join()
  })
  expect(new Set(Object.values(await sources(started, 'cloud')))).toEqual(new Set(['edge']))
  expect(link.carried()).toBe(before)
  expect(await fleet.replicaRow(id, 'cloud')).toMatchObject({ observed: 'syncing', verified: null })
  link.broken(false)
  await fleet.settled(id, 'cloud')
  expect(await fleet.differences(id, bucket, 'hpc', 'cloud')).toEqual([])
  expect(link.carried() - before, 'no byte of what edge gave').toBeLessThan(150_000)
})

test('so it is, however many first copies before it wait for that master and can be filled by nobody', async () => {
  const started = await start('behind-many', false)
  const { fleet, bucket, id } = started
  for (const key of ['a', 'b']) await fleet.put('hpc', bucket, key, key)
  const first = fleet.startMover({ times: noSweeps })
  await fleet.task(id, 'hpc', 'master_sweep')
  await fleet.replica(id, 'edge')
  await fleet.settled(id, 'edge')
  await first.stop()
  await fleet.pool.query(
    `WITH b AS (INSERT INTO bucket (id, name, state, master_storage_id, master_bucket_name)
       SELECT lpad(i::text, 32, '0')::uuid, 'b' || i, 'active', $1::uuid, 'b' || i FROM generate_series(1, 1500) i RETURNING id, name),
     r AS (INSERT INTO replica (id, bucket_id, storage_id, bucket_name, wanted, generation, epoch, observed)
       SELECT gen_random_uuid(), id, $2::uuid, name, true, 1, 1, 'absent' FROM b)
     INSERT INTO replica_task (bucket_id, storage_id, kind, master_storage_id, not_before)
     SELECT id, $2::uuid, 'first_sync', $1::uuid, now() - interval '1 h' FROM b`,
    [fleet.storeId('hpc'), fleet.storeId('cloud')],
  )
  const link = await slowLink(stores.process('hpc').endpoint)
  link.broken(true)
  // Once it is known to be away nothing tries it again.
  fleet.startMover({ storageFor: over(fleet, 'hpc', link), times: { ...noSweeps, storeRetry: 600_000 } })
  await fleet.replica(id, 'cloud')
  await eventually('cloud has what edge has', async () => {
    const keys = await fleet.keys('cloud', bucket).catch(() => []) // its bucket is not made yet
    return keys.join() === 'a,b'
  })
  expect(await fleet.replicaRow(id, 'cloud')).toMatchObject({ observed: 'syncing', verified: null })
})

test('what others made of a lender does not come over: overwritten, gone, other headers on the same bytes', async () => {
  const started = await start('changed-lender', true)
  const { fleet, bucket, id } = started
  const texts = { small: 'plain text', large: 'text '.repeat(100_000) }
  for (const [key, text] of Object.entries(texts))
    await fleet.put('hpc', bucket, key, text, { 'content-type': 'text/plain' })
  for (const key of ['lost', 'other', 'size', 'kept']) await fleet.put('hpc', bucket, key, randomBytes(3_000))
  await lent(started)
  await fleet.put('edge', bucket, 'other', randomBytes(3_000))
  await fleet.put('edge', bucket, 'size', 'another size')
  await fleet.store('edge').delete(bucket, 'lost')
  // The same ETag: only what is beside the bytes is another.
  for (const [key, text] of Object.entries(texts))
    await fleet.put('edge', bucket, key, text, { 'content-type': 'text/html' })
  fleet.startMover({ times: noSweeps })
  await fleet.replica(id, 'cloud')
  await fleet.settled(id, 'cloud')
  expect(await fleet.differences(id, bucket, 'hpc', 'cloud')).toEqual([])
  const [master, edge] = ['master', 'edge']
  const from = { kept: edge, large: edge, lost: master, other: master, size: master, small: edge }
  expect(await sources(started, 'cloud')).toEqual(from)
  // What it was caught at is looked at: what is gone is there again, what somebody changed is told.
  await fleet.conflicts(id, 'edge', 2)
  expect(await fleet.text('edge', bucket, 'lost')).toBe(await fleet.text('hpc', bucket, 'lost'))
  expect(await fleet.text('edge', bucket, 'size')).toBe('another size')
})

test.each(['small', 'large', 'parts'])(
  'a store that gives other bytes under the same ETag makes no copy: %s',
  async (key) => {
    const started = await start(`liar-${key}`, true)
    const { fleet, bucket, id } = started
    if (key === 'parts') await putInParts(fleet, bucket, key)
    else await fleet.put('hpc', bucket, key, randomBytes(key === 'small' ? 3_000 : 2_000_000))
    await lent(started)
    let lies = 0
    const storageFor = withCalls(fleet, 'edge', (driver) => ({
      async open(...asked) {
        const opened = await driver.open(...asked)
        opened.body.destroy()
        lies++
        return { ...opened, body: Readable.from([randomBytes(opened.length)]) }
      },
      async read(...asked) {
        const read = await driver.read(...asked)
        lies++
        return { ...read, bytes: randomBytes(read.bytes?.length ?? 0) }
      },
    }))
    fleet.startMover({ storageFor, times: noSweeps })
    await fleet.replica(id, 'cloud')
    await fleet.settled(id, 'cloud')
    expect(lies).toBeGreaterThan(0)
    expect(await sources(started, 'cloud')).toEqual({ [key]: 'master' })
    expect(await fleet.differences(id, bucket, 'hpc', 'cloud')).toEqual([])
  },
)

test('a master that changes while the older version is lent ends as the newer one, with two movers and without an event', async () => {
  const started = await start('meanwhile', true)
  const { fleet, bucket, id } = started
  const sizes = { large: 2_000_000, middle: 500_000 }
  for (const [key, size] of Object.entries(sizes)) await fleet.put('hpc', bucket, key, randomBytes(size))
  const first = fleet.startMover({ times: noSweeps })
  await fleet.replica(id, 'edge')
  await fleet.settled(id, 'edge')
  await first.stop()
  const changed = new Set<string>()
  await fleet.nextSecond()
  const storageFor = withCalls(fleet, 'edge', (driver) => ({
    async open(name, key, options) {
      const opened = await driver.open(name, key, options)
      if (changed.has(key)) return opened
      changed.add(key)
      if (key === 'large') await fleet.put('hpc', bucket, key, 'newer')
      else await fleet.store('hpc').delete(bucket, key)
      return opened
    },
  }))
  fleet.startMover({ storageFor, times: noSweeps })
  fleet.startMover({ storageFor, times: noSweeps })
  await fleet.replica(id, 'cloud')
  await eventually('both were lent', () => changed.size === 2)
  await eventually('the newer one is there', async () => (await fleet.text('cloud', bucket, 'large')) === 'newer')
  await fleet.settled(id, 'cloud')
  expect(await fleet.text('cloud', bucket, 'middle')).toBeNull()
  expect(await fleet.text('cloud', bucket, 'large')).toBe('newer')
})

test('many changes with two movers and two replicas that lend to each other: all end as the master has it', async () => {
  const started = await start('churned', true)
  const { fleet, bucket, id } = started
  fleet.startMover()
  fleet.startMover()
  await both(started)
  const keys = Array.from({ length: 6 }, (_, i) => `k${i}`)
  for (let round = 0; round < 25; round++) {
    const key = keys[round % keys.length] as string
    if (round % 7 === 6) await fleet.store('hpc').delete(bucket, key)
    else await fleet.put('hpc', bucket, key, randomBytes(round % 3 === 0 ? 400_000 : 2_000 + round))
    await fleet.event(id, key)
  }
  await fleet.settled(id, 'edge')
  await fleet.settled(id, 'cloud')
  await same(started)
})
