// What a closed window holds, what it does not, and what is said of it.
import { expect, onTestFinished, test } from 'vitest'
import { createLinkReads } from '../../../server/services/replication/read-links.ts'
import { eventually } from '../../support/eventually.ts'
import { minios } from '../../support/minios.ts'
import type { MoverFleet } from '../../support/mover-fleet.ts'
import { slowly } from '../../support/slowly.ts'
import { withCalls } from '../../support/with-calls.ts'

const stores = minios('hpc', 'edge', 'cloud')

/** A window of one hour that opens in about half a day, and one in which it is now. */
const hourFrom = (hours: number, length: number) => {
  const hour = (new Date().getUTCHours() + hours) % 24
  return `${hour}:00-${(hour + length) % 24}:00 UTC`
}
const closed = hourFrom(12, 1)
const open = hourFrom(23, 4)

async function policy(fleet: MoverFleet, cluster: string, name: string, value: unknown): Promise<void> {
  await fleet.pool.query(
    `INSERT INTO policy_value (scope, scope_id, name, value) SELECT 'cluster', id, $2, $3::jsonb FROM cluster WHERE name = $1
     ON CONFLICT (scope, scope_id, name) DO UPDATE SET value = excluded.value`,
    [cluster, name, JSON.stringify(value)],
  )
}
const window = (fleet: MoverFleet, cluster: string, value: string | null) =>
  policy(fleet, cluster, 'replication_window', value)

const waitsOf = async (fleet: MoverFleet, bucketId: string, at: string) => {
  const [waiting = []] = await createLinkReads(fleet.pool).waitingOfReplicas([
    (await fleet.replicaRow(bucketId, at)).id,
  ])
  return waiting
}
const saysClosed = async (fleet: MoverFleet, bucketId: string, at: string) =>
  (await waitsOf(fleet, bucketId, at)).some(({ reason }) => reason.code === 'WINDOW_CLOSED')

const nobodyWorks = async (fleet: MoverFleet, bucketId: string, at: string) => {
  const { rowCount } = await fleet.pool.query(
    `SELECT 1 FROM dirty_object WHERE bucket_id = $1 AND storage_id = $2 AND lease_owner IS NOT NULL
     UNION ALL SELECT 1 FROM replica_task WHERE bucket_id = $1 AND storage_id = $2 AND lease_owner IS NOT NULL`,
    [bucketId, fleet.storeId(at)],
  )
  return rowCount === 0
}

test('a window that closes cuts off what is on its way, and holds all until it opens; the links beside it go on', async () => {
  const fleet = await stores.fleet()
  const bucket = 'windowed'
  const id = await fleet.bucket(bucket, 'hpc')
  await window(fleet, 'edge', open)
  let puts = 0
  const slow = fleet.startMover({ storageFor: withCalls(fleet, 'hpc', slowly), times: { guard: 500 } })
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
  await window(fleet, 'edge', closed)
  const set = performance.now()
  await eventually('nobody works on it', () => nobodyWorks(fleet, id, 'edge'))
  expect(performance.now() - set).toBeLessThan(2_000)
  await eventually('the other copy has it', async () => (await fleet.store('cloud').head(bucket, 'large')) !== null, 40)
  expect(await fleet.store('edge').head(bucket, 'large')).toBeNull()
  await slow.stop()

  // A mover that starts while it is closed begins nothing either.
  fleet.startMover({
    storageFor: withCalls(fleet, 'edge', (driver) => ({
      put(...args) {
        puts++
        return driver.put(...args)
      },
    })),
  })
  await fleet.put('hpc', bucket, 'news', 'n')
  await fleet.event(id, 'news')
  await eventually('the other has its news', async () => (await fleet.text('cloud', bucket, 'news')) === 'n')
  expect(puts).toBe(0)
  const [waits] = await waitsOf(fleet, id, 'edge')
  expect(waits).toMatchObject({ objects: 2, reason: { code: 'WINDOW_CLOSED' } })
  expect(waits?.reason.message).toMatch(/^The window of edge is closed until \d\d:00 \(UTC\)$/)
  expect(waits?.etaSeconds).toBeGreaterThan(10 * 3_600)

  await window(fleet, 'edge', null)
  const opened = performance.now()
  await eventually('it goes on', () => puts > 0)
  expect(performance.now() - opened).toBeLessThan(2_000)
  await fleet.settled(id, 'edge')
  expect(await fleet.differences(id, bucket, 'hpc', 'edge')).toEqual([])
  expect(await saysClosed(fleet, id, 'edge')).toBe(false)
})

test("the window of the master's cluster holds its copies, too, and the first copy waits for it", async () => {
  const fleet = await stores.fleet()
  const bucket = 'master-window'
  const id = await fleet.bucket(bucket, 'hpc')
  await fleet.put('hpc', bucket, 'k', 'v')
  await window(fleet, 'hpc', closed)
  fleet.startMover()
  await fleet.replica(id, 'edge')
  await fleet.event(id, 'k')
  await eventually('the master was looked at, which no window holds', async () => {
    const { rowCount } = await fleet.pool.query('SELECT 1 FROM object_record')
    return rowCount === 1
  })
  await eventually('it is said', () => saysClosed(fleet, id, 'edge'))
  expect(await fleet.store('edge').headBucket(bucket)).toBeNull()
  await window(fleet, 'hpc', open)
  await fleet.settled(id, 'edge')
  expect(await fleet.text('edge', bucket, 'k')).toBe('v')
})

test('a mover begins nothing before it has looked at the windows', async () => {
  const fleet = await stores.fleet()
  const bucket = 'window-unknown'
  const id = await fleet.bucket(bucket, 'hpc')
  await fleet.put('hpc', bucket, 'k', 'v')
  await window(fleet, 'edge', closed)
  await fleet.replica(id, 'edge')
  // Whoever looks waits for this.
  const holder = await fleet.pool.dedicated()
  onTestFinished(() => holder.end())
  await holder.query(`SELECT pg_advisory_lock(hashtextextended('closed_window', 0))`)
  fleet.startMover()
  const lastSaid = async () => {
    const { rows } = await fleet.pool.query<{ at: string }>('SELECT seen_at::text AS at FROM mover')
    return rows[0]?.at
  }
  const first = await eventually('it lives', lastSaid)
  await eventually('it has had a second', async () => (await lastSaid()) !== first)
  expect(await fleet.store('edge').headBucket(bucket)).toBeNull()
  await holder.query('SELECT pg_advisory_unlock_all()')
  await eventually('it has looked', async () => (await fleet.pool.query('SELECT 1 FROM closed_window')).rowCount === 1)
  expect(await fleet.store('edge').headBucket(bucket)).toBeNull()
  await window(fleet, 'edge', null)
  await fleet.settled(id, 'edge')
})

test('a copy that zones forbid is taken away though the window is closed', async () => {
  const fleet = await stores.fleet()
  const bucket = 'window-evicted'
  const id = await fleet.bucket(bucket, 'hpc')
  await fleet.put('hpc', bucket, 'k', 'v')
  fleet.startMover()
  await fleet.replica(id, 'edge')
  await fleet.settled(id, 'edge')
  await window(fleet, 'edge', closed)
  await eventually('it is closed', async () => (await fleet.pool.query('SELECT 1 FROM closed_window')).rowCount === 1)
  await fleet.withdraw(id, 'edge')
  await eventually('the copy is gone', async () => (await fleet.replicaRow(id, 'edge')).observed === 'absent')
  expect(await fleet.store('edge').headBucket(bucket)).toBeNull()
})

test('what may pass outside of a window passes, no faster, and is fast as soon as it opens', async () => {
  const fleet = await stores.fleet()
  const bucket = 'slow-by-day'
  const id = await fleet.bucket(bucket, 'hpc')
  await window(fleet, 'edge', closed)
  await policy(fleet, 'edge', 'bandwidth_outside_window', 65_536)
  await fleet.put('hpc', bucket, 'large', Buffer.alloc(20_000_000))
  fleet.startMover()
  await fleet.replica(id, 'edge')
  await eventually('bytes pass under the limit', async () => {
    const { rows } = await fleet.pool.query<{ granted: number }>('SELECT granted FROM bandwidth_share')
    return rows.length === 1 && (rows[0]?.granted ?? 0) > 0
  })
  const [link] = await createLinkReads(fleet.pool).links()
  expect(link).toMatchObject({
    limit: { cluster: 'edge', bytesPerSecond: 65_536 },
    windows: [{ cluster: 'edge', open: false, outside: 65_536 }],
  })
  // 20 MB would take five minutes.
  await window(fleet, 'edge', open)
  await fleet.settled(id, 'edge')
})
