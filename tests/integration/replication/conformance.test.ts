// How late changes were is counted once each, by all movers together, and never for a first copy.
import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { addArrivals } from '../../../server/db/copies/conformance.ts'
import { addArrival } from '../../../server/domain/replica/conformance.ts'
import { conformances } from '../../../server/services/replication/read-runs.ts'
import { StorageError } from '../../../server/storage/storage-error.ts'
import { eventually } from '../../support/eventually.ts'
import { minios } from '../../support/minios.ts'
import type { MoverFleet } from '../../support/mover-fleet.ts'
import { withCalls } from '../../support/with-calls.ts'

const stores = minios('hpc', 'edge')

async function month(fleet: MoverFleet, bucketId: string) {
  const { id } = await fleet.replicaRow(bucketId, 'edge')
  const [months = []] = await conformances({ pool: fleet.pool }, [id])
  return months[0]
}
async function copied(fleet: MoverFleet, bucket: string): Promise<string> {
  const id = await fleet.bucket(bucket, 'hpc')
  await fleet.put('hpc', bucket, 'first', 'x')
  await fleet.put('hpc', bucket, 'large', Buffer.alloc(300_000)) // it goes its way alone
  await fleet.replica(id, 'edge')
  return id
}

test('each change counts once: not what the first copy brought, nor an event told again or that changes nothing', async () => {
  const fleet = await stores.fleet()
  const bucket = 'on-time'
  const movers = [fleet.startMover(), fleet.startMover()]
  const id = await copied(fleet, bucket)
  await fleet.settled(id, 'edge')
  expect(await month(fleet, id)).toBeUndefined()

  const keys = Array.from({ length: 60 }, (_, i) => `k${i}`)
  await Promise.all(keys.map((key) => fleet.put('hpc', bucket, key, key)))
  await fleet.event(id, ...keys)
  await fleet.settled(id, 'edge')
  for (const key of keys.slice(0, 10)) await fleet.store('hpc').delete(bucket, key)
  await fleet.event(id, ...keys) // deletes of ten, nothing new of the others
  await fleet.settled(id, 'edge')
  await fleet.event(id, 'k20', 'first')
  await fleet.settled(id, 'edge')
  for (const mover of movers) await mover.stop()
  const counted = await month(fleet, id)
  expect(counted).toMatchObject({ changes: 70 })
  expect(counted?.month).toBe(new Date().toISOString().slice(0, 7))
  expect(counted?.within.at(-1)).toMatchObject({ changes: 70, share: 1 })
})

test('a change that came late is told with its object and what it was late for', async () => {
  const fleet = await stores.fleet()
  const bucket = 'late'
  const first = fleet.startMover()
  const id = await copied(fleet, bucket)
  await fleet.settled(id, 'edge')
  await first.stop()
  let cut = true
  let tried = false
  const storageFor = withCalls(fleet, 'edge', (driver) => ({
    async headBucket(...args) {
      if (cut) throw new StorageError('unreachable', 'The connection broke')
      return driver.headBucket(...args)
    },
    async put(...args) {
      tried = true
      if (cut) throw new StorageError('unreachable', 'The connection broke')
      return driver.put(...args)
    },
  }))
  const mover = fleet.startMover({ storageFor })
  await fleet.put('hpc', bucket, 'slow', 'x')
  await fleet.event(id, 'slow')
  // The change is a minute old by the database's clock.
  await fleet.pool.query(`UPDATE dirty_object SET since = now() - interval '41 s' WHERE key = 'slow'`)
  await eventually('it was tried', () => tried)
  cut = false
  await fleet.settled(id, 'edge')
  await mover.stop()
  const counted = await month(fleet, id)
  expect(counted).toMatchObject({
    ...{ changes: 1, slowestKey: 'slow' },
    reason: { code: 'STORE_UNREACHABLE', message: 'edge cannot be reached', store: 'edge' },
  })
  expect(counted?.slowestSeconds).toBeGreaterThan(40)
  expect(counted?.within.map(({ changes }) => changes)).toEqual([0, 0, 0, 1, 1, 1, 1])
})

test('what a mover copied that was killed before it told so counts with who finds it', async () => {
  const fleet = await stores.fleet()
  const bucket = 'cut-off'
  const first = fleet.startMover()
  const id = await copied(fleet, bucket)
  await fleet.settled(id, 'edge')
  await first.stop()
  await fleet.put('hpc', bucket, 'k', 'v')
  const mover = fleet.startMover()
  await fleet.event(id, 'k')
  await fleet.settled(id, 'edge')
  await mover.stop()
  const before = await month(fleet, id)
  // As the killed one left it: the object is there and in the journal, its lease ran out.
  await fleet.event(id, 'k')
  await fleet.pool.query(
    `UPDATE dirty_object SET lease_owner = bucket_id, lease_until = now(), not_before = now() WHERE key = 'k'`,
  )
  const next = fleet.startMover()
  await fleet.settled(id, 'edge')
  await next.stop()
  expect((await month(fleet, id))?.changes).toBe((before?.changes ?? 0) + 1)
})

test('figures of several add up, however they come, and a new month ends the 13th before it', async () => {
  const fleet = await stores.fleet()
  const id = await fleet.bucket('adds-up', 'hpc')
  const mover = fleet.startMover()
  await fleet.replica(id, 'edge')
  await fleet.settled(id, 'edge')
  await mover.stop()
  const at = { bucketId: id, storageId: fleet.storeId('edge') }
  for (const months of [12, 13])
    await fleet.pool.query(
      `INSERT INTO replica_conformance VALUES ($1, $2, date_trunc('month', now() AT TIME ZONE 'UTC') - make_interval(months => $3),
         '{1}', 1, 'k', now(), '{"kind": "copying", "seconds": 1}')`,
      [at.bucketId, at.storageId, months],
    )
  const one = (seconds: number) => addArrival(null, { seconds, key: `${seconds}`, cause: { kind: 'copying', seconds } })
  await Promise.all(
    Array.from({ length: 20 }, async (_, i) => {
      await delay(i % 3)
      await fleet.pool.transaction((tx) => addArrivals(tx, at, one(i)))
    }),
  )
  const { id: replica } = await fleet.replicaRow(id, 'edge')
  const [months = []] = await conformances({ pool: fleet.pool }, [replica])
  expect(months.length).toBe(2)
  expect(months[0]).toMatchObject({ changes: 20, slowestSeconds: 19, slowestKey: '19' })
  expect(months[0]?.within.map(({ changes }) => changes)).toEqual([2, 6, 16, 20, 20, 20, 20])
})
