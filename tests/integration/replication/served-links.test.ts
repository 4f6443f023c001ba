// Movers that work on the links that they were told to: no byte of another link passes them, and what none serves is said.
import { expect, test } from 'vitest'
import type { StorageFor } from '../../../server/replication/stores/stores.ts'
import { createLinkReads } from '../../../server/services/replication/read-links.ts'
import type { StorageDriver } from '../../../server/storage/storage-driver.ts'
import { eventually } from '../../support/eventually.ts'
import { lent, noSweeps, putSome, sources, startLending } from '../../support/lending.ts'
import { minios } from '../../support/minios.ts'
import type { MoverFleet } from '../../support/mover-fleet.ts'

const stores = minios('hpc', 'edge', 'cloud')

/** Counts what one mover asks of each store, and the bytes that it reads there and writes there. */
function watched(fleet: MoverFleet) {
  const seen: Record<string, { requests: number; read: number; written: number }> = {}
  const storageFor: StorageFor = async (id) => {
    const { driver, name } = await fleet.storageFor(id)
    const counts = seen[name] ?? { requests: 0, read: 0, written: 0 }
    seen[name] = counts
    const counted = Object.fromEntries(
      Object.entries(driver).map(([method, call]) => [
        method,
        (...args: unknown[]) => {
          counts.requests++
          if (method === 'put' || method === 'uploadPart') counts.written += (args.at(-1) as { size: number }).size
          const answer = (call as (...all: unknown[]) => unknown).apply(driver, args)
          if (method === 'open')
            return (answer as ReturnType<StorageDriver['open']>).then((opened) => {
              counts.read += opened.length
              return opened
            })
          if (method === 'read')
            return (answer as ReturnType<StorageDriver['read']>).then((read) => {
              counts.read += read.bytes?.length ?? 0
              return read
            })
          return answer
        },
      ]),
    ) as unknown as StorageDriver
    return { driver: counted, name }
  }
  return { seen, storageFor }
}

test("two movers beside their stores: each link's bytes pass its own mover only, first copies, changes and removals", async () => {
  const fleet = await stores.fleet()
  const bucket = 'two-links'
  const id = await fleet.bucket(bucket, 'hpc')
  const put = (key: string, size: number) => fleet.put('hpc', bucket, key, Buffer.alloc(size, 1))
  for (let i = 0; i < 30; i++) await put(`k${i}`, 1_000)
  const [edge, cloud] = [watched(fleet), watched(fleet)]
  fleet.startMover({ links: 'hpc->edge', storageFor: edge.storageFor })
  fleet.startMover({ links: 'hpc->cloud', storageFor: cloud.storageFor })
  for (const at of ['edge', 'cloud']) await fleet.replica(id, at)
  for (const at of ['edge', 'cloud']) await fleet.settled(id, at)
  await put('large', 300_000)
  await fleet.event(id, 'large')
  for (const at of ['edge', 'cloud']) await fleet.settled(id, at)
  for (const at of ['edge', 'cloud']) await fleet.sweep(id, at)
  for (const at of ['edge', 'cloud']) expect(await fleet.differences(id, bucket, 'hpc', at)).toEqual([])
  const bytes = 30 * 1_000 + 300_000
  expect([edge.seen['edge']?.written, edge.seen['hpc']?.read]).toEqual([bytes, bytes])
  expect([cloud.seen['cloud']?.written, cloud.seen['hpc']?.read]).toEqual([bytes, bytes])

  await fleet.withdraw(id, 'edge')
  await eventually('the copy is gone', async () => (await fleet.replicaRow(id, 'edge')).observed === 'absent')
  expect(edge.seen['cloud']?.requests ?? 0).toBe(0)
  expect(cloud.seen['edge']?.requests ?? 0).toBe(0)
  expect(edge.seen['hpc']?.written).toBe(0)
})

test('bytes of a nearer copy are not read over a link that the mover was not told to serve', async () => {
  const started = await startLending(stores, 'near-but-not-served', true)
  const { fleet, bucket, id } = started
  await putSome(fleet, bucket)
  await lent(started)
  const { seen, storageFor } = watched(fleet)
  const mover = fleet.startMover({ links: 'hpc->cloud', storageFor, times: noSweeps })
  await fleet.replica(id, 'cloud')
  await fleet.settled(id, 'cloud')
  expect(seen['edge']).toBeUndefined()
  expect(new Set(Object.values(await sources(started, 'cloud')))).toEqual(new Set(['master']))
  await mover.stop()
  await fleet.put('hpc', bucket, 'changed', Buffer.alloc(300_000))
  const nearer = fleet.startMover({ links: 'hpc->edge', times: noSweeps })
  await fleet.event(id, 'changed')
  await eventually('edge has it', async () => (await fleet.differences(id, bucket, 'hpc', 'edge')).length === 0)
  await nearer.stop()
  const other = watched(fleet)
  fleet.startMover({ links: '*->cloud', storageFor: other.storageFor, times: noSweeps })
  await fleet.settled(id, 'cloud')
  expect(other.seen['edge']?.read).toBe(300_000)
})

test('what no running mover serves says so at once, and goes on when one comes that does', async () => {
  const fleet = await stores.fleet()
  const bucket = 'unserved'
  const id = await fleet.bucket(bucket, 'hpc')
  await fleet.put('hpc', bucket, 'k', 'v')
  fleet.startMover({ links: 'hpc->cloud' })
  await fleet.task(id, 'hpc', 'master_sweep')
  await fleet.replica(id, 'edge')
  const reads = createLinkReads(fleet.pool)
  const { id: replica } = await fleet.replicaRow(id, 'edge')
  await eventually('it is said', async () => {
    const [waiting = []] = await reads.waitingOfReplicas([replica])
    return waiting.some(({ reason }) => reason.message.startsWith('No mover serves the link hpc -> edge'))
  })
  expect((await reads.links()).map(({ movers }) => movers)).toEqual([0])
  expect(await fleet.store('edge').headBucket(bucket)).toBeNull()
  const second = fleet.startMover({ links: '*->edge' })
  await fleet.settled(id, 'edge')
  expect(await fleet.text('edge', bucket, 'k')).toBe('v')
  expect((await reads.links()).map(({ movers }) => movers)).toEqual([1])
  await second.stop()
  expect((await reads.links()).map(({ movers }) => movers)).toEqual([0])
})

test('a store that is added later is served by the name that the mover was told', async () => {
  const fleet = await stores.fleet()
  const bucket = 'added-later'
  const id = await fleet.bucket(bucket, 'hpc')
  await fleet.put('hpc', bucket, 'k', 'v')
  const rename = (from: string, to: string) =>
    fleet.pool.query('UPDATE storage_deployment SET name = $2 WHERE name = $1', [from, to])
  await rename('edge', 'not yet')
  fleet.startMover({ links: 'hpc->edge' })
  await fleet.replica(id, 'edge')
  // It lives, and has nothing to do.
  await eventually('the mover runs', async () => (await fleet.pool.query('SELECT 1 FROM mover')).rowCount === 1)
  await rename('not yet', 'edge')
  await fleet.settled(id, 'edge')
  expect(await fleet.text('edge', bucket, 'k')).toBe('v')
})

test('a master is rebuilt by the mover of the way that its bytes take', async () => {
  const fleet = await stores.fleet()
  const id = await fleet.bucket('rebuilt', 'hpc')
  await fleet.pool.query(
    `UPDATE bucket SET master_choice = 'rebuild', master_choice_from = $2, master_chosen_at = now() WHERE id = $1`,
    [id, fleet.storeId('edge')],
  )
  const [other, own] = [watched(fleet), watched(fleet)]
  fleet.startMover({ links: 'hpc->edge', storageFor: other.storageFor })
  const mine = fleet.startMover({ links: 'edge->hpc', storageFor: own.storageFor })
  await fleet.task(id, 'hpc', 'master_rebuild')
  const owner = async () =>
    (await fleet.pool.query<{ ran: boolean }>('SELECT run_id IS NOT NULL AS ran FROM replica_task')).rows[0]?.ran
  await eventually('it was begun', owner)
  await mine.stop()
  await fleet.task(id, 'hpc', 'master_rebuild')
  await fleet.pool.query(
    'UPDATE replica_task SET run_id = NULL, lease_owner = NULL, lease_until = NULL, not_before = now()',
  )
  const { seen } = await eventually('the other looked for work', async () => {
    const { rows } = await fleet.pool.query<{ seen: Date }>('SELECT seen_at AS seen FROM mover')
    return rows[0]
  })
  // Two more of its beats: its loops looked meanwhile.
  await eventually('and again', async () => {
    const { rows } = await fleet.pool.query<{ later: boolean }>(
      `SELECT seen_at > $1::timestamptz + interval '2 s' AS later FROM mover`,
      [seen],
    )
    return rows[0]?.later
  })
  expect(await owner()).toBe(false)
})
