// What movers leave in the history of copies.
import { expect, test } from 'vitest'
import { listRuns, type RunRecord } from '../../../server/db/catalogue/replication-runs.ts'
import { StorageError } from '../../../server/storage/storage-error.ts'
import { eventually } from '../../support/eventually.ts'
import { minios } from '../../support/minios.ts'
import type { MoverFleet } from '../../support/mover-fleet.ts'
import { withCalls } from '../../support/with-calls.ts'

const stores = minios('hpc', 'edge')

const runs = (fleet: MoverFleet, bucketId: string, at: string): Promise<RunRecord[]> =>
  listRuns(fleet.pool, { bucketId, storageId: fleet.storeId(at), quiet: true }, undefined, 100)
const told = async (fleet: MoverFleet, bucketId: string, at: string) =>
  (await runs(fleet, bucketId, at)).map(({ kind, outcome }) => `${kind} ${outcome}`)

async function filled(fleet: MoverFleet, bucket: string, keys: number): Promise<string> {
  const id = await fleet.bucket(bucket, 'hpc')
  for (let i = 0; i < keys; i++) await fleet.put('hpc', bucket, `k${i}`, 'four')
  return id
}

test('a first copy, comparisons with and without a find, and the removal tell what they found and did', async () => {
  const fleet = await stores.fleet()
  const bucket = 'runs-life'
  const id = await filled(fleet, bucket, 20)
  fleet.startMover()
  await fleet.replica(id, 'edge')
  await fleet.settled(id, 'edge')
  const [first] = await runs(fleet, id, 'edge')
  const amounts = { objectsFound: 20, bytesFound: 80, objectsDone: 20, bytesDone: 80 }
  expect(first).toMatchObject({ kind: 'first_sync', outcome: 'done', runs: 1, cause: null, ...amounts })

  await fleet.sweep(id, 'edge')
  await fleet.sweep(id, 'edge')
  await fleet.put('hpc', bucket, 'unheard of', 'x')
  await fleet.sweep(id, 'edge')
  await fleet.idle()
  const [found, quiet] = await runs(fleet, id, 'edge')
  expect(found).toMatchObject({ kind: 'sweep', objectsFound: 1, bytesFound: 1, objectsDone: null })
  expect(quiet).toMatchObject({ kind: 'sweep', outcome: 'done', runs: 2, objectsFound: 0 })

  await fleet.withdraw(id, 'edge')
  await eventually('it is told', async () => (await told(fleet, id, 'edge'))[0] === 'evict done')
  expect((await runs(fleet, id, 'edge'))[0]).toMatchObject({ objectsFound: 21, objectsDone: 21, bytesDone: null })
})

test('a first copy whose mover is killed is shown as lost, and another one goes on with it', async () => {
  const fleet = await stores.fleet()
  const bucket = 'runs-killed'
  const id = await filled(fleet, bucket, 5)
  // Somebody else has one of its keys, so the first copy does not end.
  const held = [id, fleet.storeId('edge')]
  await fleet.pool.query(
    `INSERT INTO dirty_object (bucket_id, storage_id, key, initial, lease_owner, lease_until, not_before)
     VALUES ($1, $2, 'k0', true, $1, now() + interval '1 h', now() + interval '1 h')`,
    held,
  )
  const killed = await fleet.spawnMover({ lease: 1_500, heartbeat: 300, leaseMargin: 500 })
  await fleet.replica(id, 'edge')
  await eventually('it goes on', async () => (await told(fleet, id, 'edge'))[0] === 'first_sync running')
  await killed.kill9()
  await eventually('it is lost', async () => (await told(fleet, id, 'edge'))[0] === 'first_sync lost')
  await fleet.pool.query('DELETE FROM dirty_object WHERE bucket_id = $1 AND storage_id = $2', held)
  fleet.startMover()
  await fleet.settled(id, 'edge')
  expect(await told(fleet, id, 'edge')).toEqual(['first_sync done', 'first_sync lost'])
})

test('work that fails, a store that is away and a mover that stops are told with their cause, many tries in one row', async () => {
  const fleet = await stores.fleet()
  const bucket = 'runs-fail'
  const id = await filled(fleet, bucket, 1)
  let fault: 'refuses' | 'away' | 'hangs' | null = 'refuses'
  let hanging = false
  const storageFor = withCalls(fleet, 'edge', (driver) => ({
    async headBucket(name, options) {
      if (fault === 'refuses') throw new StorageError('access-denied', 'The store does not allow this')
      if (fault === 'away') throw new StorageError('unreachable', 'The connection broke')
      return driver.headBucket(name, options)
    },
    async *list(name, options) {
      if (fault === 'hangs' && name === bucket) {
        hanging = true
        await new Promise((_, reject) =>
          options?.signal?.addEventListener('abort', () => reject(options.signal?.reason)),
        )
      }
      yield* driver.list(name, options)
    },
  }))
  const mover = fleet.startMover({ storageFor, times: { backoff: 20, maxBackoff: 50 } })
  await fleet.replica(id, 'edge')
  await eventually('it failed again and again', async () => {
    const [last] = await runs(fleet, id, 'edge')
    return last?.outcome === 'failed' && last.runs > 2
  })
  const failures = (await runs(fleet, id, 'edge')).filter(({ outcome }) => outcome === 'failed')
  expect(failures.length).toBe(1)
  expect(failures[0]?.cause).toMatchObject({ kind: 'call', store: 'edge' })

  fault = 'away'
  await eventually('it is put off', async () => {
    const put = (await runs(fleet, id, 'edge')).find(({ outcome }) => outcome === 'postponed')
    return put?.cause?.kind === 'store' && put.cause.store === 'edge'
  })
  fault = 'hangs'
  await eventually('it compares', () => hanging)
  await mover.stop()
  const [stopped] = await runs(fleet, id, 'edge')
  expect(stopped).toMatchObject({ outcome: 'postponed', cause: { kind: 'interrupted', by: 'stopping' } })
})
