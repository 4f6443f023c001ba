// What a pause holds, and what it does not.
import { setTimeout as delay } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { createDb } from '../../../server/db/core/client.ts'
import type { StorageFor } from '../../../server/replication/stores/stores.ts'
import {
  pauseReplication,
  type ReplicationScope,
  resumeReplication,
} from '../../../server/services/replication/pause.ts'
import type { ServiceDeps } from '../../../server/services/shared/deps.ts'
import type { StorageDriver } from '../../../server/storage/storage-driver.ts'
import { eventually } from '../../support/eventually.ts'
import { minios } from '../../support/minios.ts'
import type { MoverFleet } from '../../support/mover-fleet.ts'
import { slowly } from '../../support/slowly.ts'
import { withCalls } from '../../support/with-calls.ts'

const stores = minios('hpc', 'edge', 'cloud')

/** An operator of this fleet. */
function operator(fleet: MoverFleet) {
  const db = createDb(fleet.pool)
  onTestFinished(() => db.end())
  const deps = { db } as unknown as ServiceDeps
  const actor = { id: '', name: 'olga', role: 'OPERATOR' as const, zones: [] }
  return {
    pause: (scope: ReplicationScope) => pauseReplication(deps, actor, scope),
    resume: (scope: ReplicationScope) => resumeReplication(deps, actor, scope),
  }
}

const leases = async (fleet: MoverFleet, bucketId: string, at: string): Promise<number> => {
  const { rows } = await fleet.pool.query<{ count: number }>(
    `SELECT (SELECT count(*) FROM dirty_object WHERE bucket_id = $1 AND storage_id = $2 AND lease_owner IS NOT NULL)
       + (SELECT count(*) FROM replica_task WHERE bucket_id = $1 AND storage_id = $2 AND lease_owner IS NOT NULL) AS count`,
    [bucketId, fleet.storeId(at)],
  )
  return rows[0]?.count ?? 0
}

/** What is promised is 2 s; the leases that are asked for end after the last request, and here two cores do all of it. */
const stoppedMs = 4_000

/** Resolves when nobody works on that copy. */
async function stopped(fleet: MoverFleet, bucketId: string, at: string): Promise<void> {
  const answered = performance.now()
  await eventually('nobody works on it', async () => (await leases(fleet, bucketId, at)) === 0)
  expect(performance.now() - answered).toBeLessThan(stoppedMs)
}

/** Counts all that edge is asked about this bucket, and when the last of it was asked or answered; each write takes a moment. */
function watched(fleet: MoverFleet, bucket: string) {
  const seen = { requests: 0, puts: 0 }
  const last = { at: 0 }
  const crosses = () => {
    last.at = performance.now()
  }
  const counted: Partial<Record<keyof StorageDriver, unknown>> = {}
  const driver = fleet.store('edge')
  for (const method of Object.keys(driver) as (keyof StorageDriver)[]) {
    const call = driver[method] as (...args: unknown[]) => unknown
    counted[method] = (...args: unknown[]) => {
      if (args[0] === bucket) {
        seen.requests++
        crosses()
      }
      if (method !== 'put' || args[0] !== bucket) return call(...args)
      seen.puts++
      return delay(30)
        .then(() => call(...args))
        .finally(crosses)
    }
  }
  const storageFor: StorageFor = withCalls(fleet, 'edge', () => counted as Partial<StorageDriver>)
  return { seen, last, storageFor }
}

test('2 s after the answer nothing of a paused bucket crosses, other buckets go on, and a resume brings all of it', async () => {
  const fleet = await stores.fleet()
  const { pause, resume } = operator(fleet)
  const [bucket, other] = ['paused', 'not-paused']
  const [id, otherId] = [await fleet.bucket(bucket, 'hpc'), await fleet.bucket(other, 'hpc')]
  const keys = Array.from({ length: 500 }, (_, i) => `k${i}`)
  for (let i = 0; i < keys.length; i += 50)
    await Promise.all(keys.slice(i, i + 50).map((key) => fleet.put('hpc', bucket, key, key)))
  const { seen, last, storageFor } = watched(fleet, bucket)
  fleet.startMover({ storageFor, times: { guard: 500 } })
  await fleet.replica(id, 'edge')
  await fleet.replica(otherId, 'edge')
  await eventually('some of it is there', () => seen.puts > 50)
  await pause({ bucket })
  await pause({ bucket }) // once more changes nothing
  const paused = performance.now()
  await stopped(fleet, id, 'edge')
  expect(last.at - paused).toBeLessThan(2_000)
  const { requests, puts } = seen
  expect(puts).toBeLessThan(450)
  // News of it wake movers, which work on the other bucket.
  await fleet.event(id, 'k0', 'k499')
  fleet.pool.wake('task')
  await fleet.put('hpc', other, 'news', 'n')
  await fleet.event(otherId, 'news')
  await eventually('the other has its news', async () => (await fleet.waiting(otherId)) === 0)
  expect(seen).toEqual({ requests, puts })
  expect(await fleet.text('edge', other, 'news')).toBe('n')

  await resume({ bucket })
  const answered = performance.now()
  await eventually('it goes on', () => seen.requests > requests)
  expect(performance.now() - answered).toBeLessThan(1_000)
  await fleet.settled(id, 'edge')
  expect(await fleet.differences(id, bucket, 'hpc', 'edge')).toEqual([])
})

test('a paused link cuts what is on its way off within 2 s, and the links beside it go on', async () => {
  const fleet = await stores.fleet()
  const { pause, resume } = operator(fleet)
  const bucket = 'paused-link'
  const id = await fleet.bucket(bucket, 'hpc')
  const mover = fleet.startMover({ storageFor: withCalls(fleet, 'hpc', slowly), times: { guard: 500 } })
  await fleet.replica(id, 'edge')
  await fleet.replica(id, 'cloud')
  await fleet.settled(id, 'edge')
  await fleet.settled(id, 'cloud')
  await fleet.put('hpc', bucket, 'large', Buffer.alloc(5_000_000))
  await fleet.event(id, 'large')
  await eventually('both are being written', async () => {
    const { rowCount } = await fleet.pool.query(`SELECT 1 FROM replica_object WHERE state = 'writing'`)
    return rowCount === 2
  })
  const link = { from: 'hpc', to: 'edge' }
  await pause({ link })
  await stopped(fleet, id, 'edge')
  expect(await fleet.store('edge').head(bucket, 'large')).toBeNull()
  await eventually('the other copy has it', async () => (await fleet.store('cloud').head(bucket, 'large')) !== null, 40)
  expect(await fleet.store('edge').head(bucket, 'large')).toBeNull()
  await mover.stop()
  fleet.startMover()
  await resume({ link })
  await fleet.settled(id, 'edge')
  expect(await fleet.differences(id, bucket, 'hpc', 'edge')).toEqual([])
})

test('a comparison under way ends with a pause, and begins anew after it', async () => {
  const fleet = await stores.fleet()
  const { pause, resume } = operator(fleet)
  const bucket = 'paused-sweep'
  const id = await fleet.bucket(bucket, 'hpc')
  await fleet.put('hpc', bucket, 'k', 'v')
  const first = fleet.startMover()
  await fleet.replica(id, 'edge')
  await fleet.settled(id, 'edge')
  await first.stop()
  let listing = false
  const storageFor = withCalls(fleet, 'edge', (driver) => ({
    async *list(name, options) {
      listing = true
      for (const end = AbortSignal.timeout(20_000); !end.aborted && options?.signal?.aborted !== true; ) await delay(20)
      yield* driver.list(name, options)
    },
  }))
  const slow = fleet.startMover({ storageFor })
  await fleet.task(id, 'edge', 'sweep')
  await eventually('it is under way', () => listing)
  await pause({ bucket })
  await stopped(fleet, id, 'edge')
  await slow.stop()
  await resume({ bucket })
  fleet.startMover()
  await fleet.sweep(id, 'edge')
})

test('a copy that zones forbid is taken away though its bucket is paused', async () => {
  const fleet = await stores.fleet()
  const { pause } = operator(fleet)
  const bucket = 'paused-evicted'
  const id = await fleet.bucket(bucket, 'hpc')
  await fleet.put('hpc', bucket, 'k', 'v')
  fleet.startMover()
  await fleet.replica(id, 'edge')
  await fleet.settled(id, 'edge')
  await pause({ bucket })
  await pause({ link: { from: 'hpc', to: 'edge' } })
  await fleet.withdraw(id, 'edge')
  await eventually('the copy is gone', async () => (await fleet.replicaRow(id, 'edge')).observed === 'absent')
  expect(await fleet.store('edge').headBucket(bucket)).toBeNull()
})
