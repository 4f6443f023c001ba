// Listings that fail, break off or come back empty though the store has all its objects.
import { expect, test } from 'vitest'
import type { StorageDriver } from '../../../server/storage/storage-driver.ts'
import { StorageError } from '../../../server/storage/storage-error.ts'
import { eventually } from '../../support/eventually.ts'
import { minios } from '../../support/minios.ts'
import { withCalls } from '../../support/with-calls.ts'

const stores = minios('hpc', 'edge')
type Lie = 'fails' | 'fails in the middle' | 'ends early' | 'is empty'
const lies: readonly Lie[] = ['fails', 'fails in the middle', 'ends early', 'is empty']
const keys = Array.from({ length: 60 }, (_, n) => `k${String(n).padStart(2, '0')}`)

/** What it lists of the first ten keys is true. */
const lying =
  (lie: () => Lie | null) =>
  ({ list }: StorageDriver): Partial<StorageDriver> => ({
    async *list(bucket, options) {
      const now = lie()
      if (now === 'fails') throw new StorageError('server-error', 'The store failed')
      const listed = (await Array.fromAsync(list(bucket, options))).flat()
      if (now === null) return yield listed
      if (now !== 'is empty') yield listed.slice(0, 10)
      if (now === 'fails in the middle') throw new StorageError('server-error', 'The store failed')
    },
  })

test.each(['hpc', 'edge'])(
  'whatever the listings of a store (%s) say, nothing is deleted by it, and all is as before when they are right',
  async (at) => {
    const fleet = await stores.fleet()
    const bucket = `listing-${at}`
    const id = await fleet.bucket(bucket, 'hpc')
    for (const key of keys) await fleet.put('hpc', bucket, key, key)
    let lie: Lie | null = null
    const deleted: string[] = []
    const storageFor = withCalls(
      fleet,
      at,
      lying(() => lie),
    )
    fleet.startMover({
      storageFor: async (storageId) => {
        const { driver, name } = await storageFor(storageId)
        const watched: StorageDriver = {
          ...driver,
          delete: async (inBucket, key, options) => {
            deleted.push(key)
            return driver.delete(inBucket, key, options)
          },
        }
        return storageId === fleet.storeId('edge') ? { driver: watched, name } : { driver, name }
      },
    })
    await fleet.task(id, 'hpc', 'master_sweep')
    await fleet.replica(id, 'edge')
    await fleet.settled(id, 'edge')
    for (const told of lies) {
      lie = told
      for (const [where, kind] of [
        ['hpc', 'master_sweep'],
        ['edge', 'sweep'],
      ] as const) {
        await fleet.task(id, where, kind, { allowDeletes: true })
        await eventually(`${where} was looked at`, async () => {
          const { rows } = await fleet.pool.query(
            `SELECT 1 FROM replica_task WHERE bucket_id = $1 AND storage_id = $2 AND lease_owner IS NULL
             AND (not_before > now() OR attempts > 0)`,
            [id, fleet.storeId(where)],
          )
          return rows.length > 0
        })
      }
      lie = null
      await fleet.task(id, 'hpc', 'master_sweep')
      await fleet.sweep(id, 'edge')
      await fleet.settled(id, 'edge')
      expect(deleted, told).toEqual([])
      expect(await fleet.differences(id, bucket, 'hpc', 'edge'), told).toEqual([])
      await eventually('nothing is wrong any more', async () => (await fleet.causes(id, 'edge')).length === 0)
    }
  },
  60_000,
)

test.each(['ends early', 'is empty'] as const)(
  'a first copy is not whole by a listing that %s: what FaDO knows of its master comes, too',
  async (lie) => {
    const fleet = await stores.fleet()
    const bucket = `first-${lie.replaceAll(' ', '-')}`
    const id = await fleet.bucket(bucket, 'hpc')
    for (const key of keys) await fleet.put('hpc', bucket, key, key)
    let lies = false
    fleet.startMover({
      times: { sweepMinS: 600 },
      storageFor: withCalls(
        fleet,
        'hpc',
        lying(() => (lies ? lie : null)),
      ),
    })
    await fleet.task(id, 'hpc', 'master_sweep')
    await eventually('it is known', async () => (await fleet.bucketRow(id)).objects === keys.length)
    await fleet.idle()
    lies = true
    await fleet.replica(id, 'edge')
    await fleet.settled(id, 'edge')
    expect(await fleet.keys('edge', bucket)).toEqual(keys)
  },
)
