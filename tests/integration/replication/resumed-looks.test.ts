// Looks at whole copies and masters that are cut off go on where they were, and nothing that they promise is less true for it.
import { describe, expect, test } from 'vitest'
import { listRuns, type RunRecord } from '../../../server/db/catalogue/replication-runs.ts'
import { sweepSoon } from '../../../server/db/queue/sweeps.ts'
import type { StorageDriver } from '../../../server/storage/storage-driver.ts'
import { StorageError } from '../../../server/storage/storage-error.ts'
import { countingProxy } from '../../support/counting-proxy.ts'
import { eventually } from '../../support/eventually.ts'
import { startHeldWay } from '../../support/held-way.ts'
import { multiply } from '../../support/many-objects.ts'
import { driverOf } from '../../support/minio-driver.ts'
import { minios } from '../../support/minios.ts'
import type { MoverFleet } from '../../support/mover-fleet.ts'
import { withCalls } from '../../support/with-calls.ts'

const stores = minios('hpc', 'edge')
const pageSize = 3
const keys = Array.from({ length: 12 }, (_, n) => `k${String(n).padStart(2, '0')}`)
/** Each key is noted as soon as the next one comes. */
const times = { checkpoint: 0, sweepMinS: 600 }

/** A master that lists small pages. `asked`: behind which keys; `hang`: instead of going on after so many pages. */
function smallPages({ asked = [], most, hang }: { asked?: (string | undefined)[]; most?: number; hang?: () => void }) {
  return ({ list }: StorageDriver): Partial<StorageDriver> => ({
    async *list(bucket, options) {
      asked.push(options?.startAfter)
      const listed = (await Array.fromAsync(list(bucket, options))).flat()
      for (let page = 0; page * pageSize < listed.length; page++) {
        if (page === most)
          await new Promise((_, reject) => {
            options?.signal?.addEventListener('abort', () => reject(options.signal?.reason))
            hang?.()
          })
        yield listed.slice(page * pageSize, (page + 1) * pageSize)
      }
    },
  })
}

async function checkpointOf(fleet: MoverFleet, id: string, at: string): Promise<string | null> {
  const row = await fleet.one<{ after: string | null }>(
    `SELECT checkpoint ->> 'after' AS after FROM replica_task WHERE bucket_id = $1 AND storage_id = $2`,
    [id, fleet.storeId(at)],
  )
  return row.after
}

/** A bucket, and a look at its master (hpc) or its copy (edge) that is cut off when its master has listed so many pages. */
async function cutLook(bucket: string, at: 'hpc' | 'edge', most: number, kind: 'look' | 'first sync' = 'look') {
  const fleet = await stores.fleet()
  const id = await fleet.bucket(bucket, 'hpc')
  await fleet.policy(id, 'delete_brake', { objects: 3, percent: 10 })
  await fleet.policy(id, 'full_compare', 0)
  for (const key of keys) await fleet.put('hpc', bucket, key, key)
  const mover = fleet.startMover({ times })
  await fleet.task(id, 'hpc', 'master_sweep')
  if (kind === 'look') {
    await fleet.replica(id, 'edge')
    await fleet.settled(id, 'edge')
  } else await fleet.idle()
  await mover.stop()
  if (kind === 'look') await fleet.task(id, at, at === 'hpc' ? 'master_sweep' : 'sweep')
  else await fleet.replica(id, 'edge')
  const checkpoint = () => checkpointOf(fleet, id, at)
  const cut = async (after: number): Promise<void> => {
    const { promise: hangs, resolve: hang } = Promise.withResolvers<void>()
    const cutOff = fleet.startMover({ times, storageFor: withCalls(fleet, 'hpc', smallPages({ most: after, hang })) })
    await hangs
    const marked = kind === 'look' ? 0 : after * pageSize - 1
    await eventually('what it marked was copied', async () => (await fleet.keys('edge', bucket)).length >= marked)
    await cutOff.stop()
  }
  await cut(most)
  const asked: (string | undefined)[] = []
  return {
    ...{ fleet, id, asked, cut, checkpoint },
    goOn: () => fleet.startMover({ times, storageFor: withCalls(fleet, 'hpc', smallPages({ asked })) }),
    runs: (): Promise<RunRecord[]> =>
      listRuns(fleet.pool, { bucketId: id, storageId: fleet.storeId(at), quiet: true }, undefined, 100),
  }
}
const done = (fleet: MoverFleet, id: string, at: string) =>
  eventually('the look ended', async () => {
    const { rowCount } = await fleet.pool.query(
      `SELECT 1 FROM replica_task WHERE bucket_id = $1 AND storage_id = $2 AND lease_owner IS NULL
       AND not_before > now() + interval '10 s'`,
      [id, fleet.storeId(at)],
    )
    return rowCount === 1
  })
/** By PostgreSQL's clock, in seconds. */
const now = async (fleet: MoverFleet): Promise<number> =>
  (await fleet.one<{ now: number }>('SELECT extract(epoch FROM clock_timestamp())::float8 AS now', [])).now

describe.for([1, 2, 3])('a look at a copy that is cut off at page %i', (page) => {
  const last = keys[page * pageSize - 2] ?? ''

  test('goes on there, finds what changed behind it and what events tell, and is as old as its beginning', async () => {
    const bucket = `goes-on-${page}`
    const look = await cutLook(bucket, 'edge', page)
    const { fleet, id } = look
    expect(await look.checkpoint()).toBe(last)
    const cutAt = await now(fleet)
    await fleet.put('hpc', bucket, 'a new one before it', 'untold')
    await fleet.put('hpc', bucket, 'k00', 'told')
    await fleet.event(id, 'k00')
    await fleet.put('hpc', bucket, 'k11', 'untold')
    const mover = look.goOn()
    await done(fleet, id, 'edge')
    await fleet.settled(id, 'edge')
    expect(look.asked[0]).toBe(last)
    expect(await fleet.text('edge', bucket, 'k00')).toBe('told')
    expect(await fleet.text('edge', bucket, 'k11')).toBe('untold')
    expect((await fleet.replicaRow(id, 'edge')).verified).toBeLessThan(cutAt)
    expect(await look.checkpoint()).toBeNull()
    const [run] = await look.runs()
    expect(run).toMatchObject({ kind: 'sweep', outcome: 'done', objectsFound: 1, cause: { kind: 'went_on' } })
    await fleet.sweep(id, 'edge')
    expect(look.asked.at(-1)).toBeUndefined()
    expect(await fleet.differences(id, bucket, 'hpc', 'edge')).toEqual([])
    expect((await fleet.replicaRow(id, 'edge')).verified).toBeGreaterThan(cutAt)
    await mover.stop()
  })

  test('counts deletes from the first key on: those on both sides of the cut are braked together', async () => {
    const bucket = `brakes-${page}`
    const { fleet, id, asked, cut, goOn, checkpoint } = await cutLook(bucket, 'edge', page)
    for (const key of ['k00', 'k01', 'k10', 'k11']) await fleet.store('hpc').delete(bucket, key)
    if (page < 3) await cut(1) // once more
    expect(await checkpoint()).not.toBeNull()
    goOn()
    await eventually('it is told', async () => (await fleet.replicaRow(id, 'edge')).braked === 4)
    await fleet.idle()
    expect(asked[0]).toBeDefined()
    expect(asked.at(-1)).toBeUndefined()
    expect(await fleet.keys('edge', bucket)).toEqual(keys)
  })
})

test('what is to be deleted before the cut is counted, too: no checkpoint is beyond it', async () => {
  const bucket = 'doomed-before'
  const { fleet, id, asked, cut, goOn, checkpoint } = await cutLook(bucket, 'edge', 1)
  await fleet.store('hpc').delete(bucket, 'k02')
  await cut(2)
  expect(await checkpoint()).toBe('k01')
  for (const key of ['k09', 'k10', 'k11']) await fleet.store('hpc').delete(bucket, key)
  goOn()
  await eventually('it is told', async () => (await fleet.replicaRow(id, 'edge')).braked === 4)
  await fleet.idle()
  expect(asked.at(-1)).toBeUndefined()
  expect(await fleet.keys('edge', bucket)).toEqual(keys)
})

test('a look that goes on to a listing that is empty deletes nothing', async () => {
  const bucket = 'emptied'
  const { fleet, id, goOn } = await cutLook(bucket, 'edge', 3)
  for (const key of keys) await fleet.store('hpc').delete(bucket, key)
  goOn()
  await eventually('it is told', async () => (await fleet.replicaRow(id, 'edge')).braked === keys.length)
  await fleet.idle()
  expect(await fleet.keys('edge', bucket)).toEqual(keys)
})

test('a look goes on with the page at which a store failed', async () => {
  const { fleet, id, asked } = await cutLook('failing', 'edge', 1)
  let fails = true
  const failing = (driver: StorageDriver): Partial<StorageDriver> => ({
    async *list(bucket, options) {
      let page = 0
      for await (const one of smallPages({ asked })(driver).list?.(bucket, options) ?? []) {
        if (page++ === 1 && fails) {
          fails = false
          throw new StorageError('server-error', 'The store failed')
        }
        yield one
      }
    },
  })
  fleet.startMover({ times, storageFor: withCalls(fleet, 'hpc', failing) })
  await done(fleet, id, 'edge')
  expect(asked).toEqual(['k01', 'k03'])
})

test('whoever asks meanwhile gets a look that begins after the asking', async () => {
  const bucket = 'asked'
  const { fleet, id, asked, goOn } = await cutLook(bucket, 'edge', 2)
  const askedAt = await now(fleet)
  await fleet.put('hpc', bucket, 'a new one before it', 'untold')
  await sweepSoon(fleet.pool, id, fleet.storeId('edge')) // though one is due already
  goOn()
  await done(fleet, id, 'edge')
  await fleet.settled(id, 'edge')
  expect(asked[0]).toBeUndefined()
  expect(await fleet.text('edge', bucket, 'a new one before it')).toBe('untold')
  expect((await fleet.replicaRow(id, 'edge')).verified).toBeGreaterThan(askedAt)
})

test('a look at a master goes on, tells what both runs found, and is as old as its beginning', async () => {
  const bucket = 'master'
  const look = await cutLook(bucket, 'hpc', 2)
  const { fleet, id } = look
  const cutAt = await now(fleet)
  expect(await look.checkpoint()).toBe('k04')
  await fleet.put('hpc', bucket, 'k11', 'untold')
  look.goOn()
  await done(fleet, id, 'hpc')
  await fleet.settled(id, 'edge')
  expect(look.asked[0]).toBe('k04')
  expect((await look.runs())[0]).toMatchObject({ objectsFound: 1, cause: { kind: 'went_on' } })
  const row = await fleet.one<{ swept: number }>(
    'SELECT extract(epoch FROM master_swept_at)::float8 AS swept FROM bucket WHERE id = $1',
    [id],
  )
  expect(row.swept).toBeLessThan(cutAt)
  expect(await fleet.text('edge', bucket, 'k11')).toBe('untold')
})

test('a master that was stopped meanwhile is looked at whole, which ends the stop', async () => {
  const { fleet, id, asked, goOn } = await cutLook('stopped', 'hpc', 2)
  await fleet.pool.query(
    `UPDATE bucket SET master_stopped = 'missing', master_stopped_since = now(), master_stopped_seen_at = clock_timestamp()`,
  )
  goOn()
  await done(fleet, id, 'hpc')
  expect(asked[0]).toBeUndefined()
  expect(await fleet.bucketRow(id)).toMatchObject({ masterStop: null })
})

test('deletes that a look at a master finds on both sides of the cut are braked together', async () => {
  const bucket = 'master-brakes'
  const { fleet, id, asked, goOn } = await cutLook(bucket, 'hpc', 2)
  for (const key of ['k00', 'k01', 'k10', 'k11']) await fleet.store('hpc').delete(bucket, key)
  goOn()
  await eventually('it is told', async () => (await fleet.causes(id, 'edge'))[0]?.code === 'DELETES_BRAKED')
  await fleet.idle()
  expect(asked.slice(0, 2)).toEqual(['k04', undefined])
  expect(await fleet.keys('edge', bucket)).toEqual(keys)
  expect(await fleet.bucketRow(id), 'what is known of the master is true').toMatchObject({ objects: 8 })
})

test('a first sync goes on, and begins anew where its bucket was made again', async () => {
  for (const remade of [false, true]) {
    const bucket = `first-${remade}`
    const { fleet, id, asked, goOn } = await cutLook(bucket, 'edge', 2, 'first sync')
    if (remade) {
      const edge = fleet.store('edge')
      for (const key of await fleet.keys('edge', bucket)) await edge.delete(bucket, key)
      await edge.deleteBucket(bucket)
    }
    goOn()
    await fleet.settled(id, 'edge')
    expect(asked[0]).toBe(remade ? undefined : 'k04')
    expect(await fleet.differences(id, bucket, 'hpc', 'edge')).toEqual([])
    expect(await fleet.taskRow(id, 'edge')).toMatchObject({ objectsTotal: keys.length })
  }
})

test('a look at many objects whose mover is killed near the end lists the rest, not all of them', async () => {
  const [bucket, count] = ['many', 4_500]
  const fleet = await stores.fleet()
  const id = await fleet.bucket(bucket, 'hpc')
  await fleet.store('edge').createBucket(bucket)
  const names = Array.from({ length: count }, (_, n) => `k${String(n).padStart(5, '0')}`)
  for (const at of ['hpc', 'edge']) {
    await fleet.put(at, bucket, 'k00000', 'v')
    await multiply(stores.process(at).dataDir, bucket, 'k00000', names.slice(1))
  }
  const head = async (at: string) => (await fleet.store(at).head(bucket, 'k00000')) ?? { etag: '', lastModified: 0 }
  const [source, target] = [await head('hpc'), await head('edge')]
  await fleet.pool.query(
    `WITH copy AS (
       INSERT INTO replica (id, bucket_id, storage_id, bucket_name, wanted, generation, epoch, observed, create_sent_at)
       VALUES (gen_random_uuid(), $1, $2, $3, true, 1, 1, 'complete', now()) RETURNING id
     )
     INSERT INTO replica_object (replica_id, key, state, epoch, size, source_etag, source_modified, target_etag, target_modified,
       target_carried, verified_at)
     SELECT copy.id, k.key, 'there', 1, 1, $4, to_timestamp($5), $6, to_timestamp($7), '', now() FROM copy, unnest($8::text[]) AS k (key)`,
    [
      ...[id, fleet.storeId('edge'), bucket, source.etag, source.lastModified / 1000],
      ...[target.etag, target.lastModified / 1000, names],
    ],
  )
  await fleet.policy(id, 'full_compare', 0)
  let more = 0
  const isFifthPage = (line: string) => line.includes('continuation-token') && ++more >= 4
  const way = await startHeldWay(stores.process('hpc').endpoint, isFifthPage)
  const killed = await fleet.spawnMover({ checkpoint: 5, sweepMinS: 600 }, { hpc: way.endpoint })
  await fleet.task(id, 'edge', 'sweep')
  await eventually('it is near the end', async () => ((await checkpointOf(fleet, id, 'edge')) ?? '') > 'k03000')
  await killed.kill9()
  const counted = await countingProxy(stores.process('hpc').endpoint)
  const driver = driverOf(counted.endpoint)
  fleet.onEnd(() => driver.close())
  fleet.startMover({
    times,
    storageFor: async (at) => (at === fleet.storeId('hpc') ? { driver, name: 'hpc' } : fleet.storageFor(at)),
  })
  await done(fleet, id, 'edge')
  const listed = counted.take().filter((one) => one === 'GET list-type' || one === 'GET continuation-token')
  expect(listed.length, 'of five pages').toBeLessThanOrEqual(2)
  expect(await fleet.waiting(id)).toBe(0)
  const runs = await listRuns(fleet.pool, { bucketId: id, storageId: fleet.storeId('edge'), quiet: true }, undefined, 2)
  expect(runs.map(({ outcome }) => outcome)).toEqual(['done', 'lost'])
})
