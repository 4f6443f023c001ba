// What movers say of links, the limits that they keep together, and what copies wait for.
import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { createLinkReads } from '../../../server/services/replication/read-links.ts'
import { eventually } from '../../support/eventually.ts'
import { minios } from '../../support/minios.ts'
import type { MoverFleet } from '../../support/mover-fleet.ts'

const stores = minios('hpc', 'edge')

async function limit(fleet: MoverFleet, cluster: string, bytesPerSecond: number): Promise<void> {
  await fleet.pool.query(
    `INSERT INTO policy_value (scope, scope_id, name, value) SELECT 'cluster', id, 'bandwidth_limit', $2::text::jsonb
     FROM cluster WHERE name = $1`,
    [cluster, bytesPerSecond],
  )
}
const link = async (fleet: MoverFleet) => {
  const [first] = await createLinkReads(fleet.pool).links()
  if (first === undefined) throw new Error('no link')
  return first
}

test('two movers together keep the limit of a cluster, and the link says what both carry', async () => {
  const fleet = await stores.fleet()
  const bucket = 'limited'
  const id = await fleet.bucket(bucket, 'hpc')
  const perSecond = 1_000_000
  await limit(fleet, 'edge', perSecond)
  // Small ones, of which a mover holds many, and large ones in a stream.
  const sizes = [...Array.from({ length: 60 }, () => 100_000), 3_000_000, 3_000_000]
  const total = sizes.reduce((sum, size) => sum + size, 0)
  for (const [i, size] of sizes.entries()) await fleet.put('hpc', bucket, `k${i}`, randomBytes(size))
  const movers = [1, 2].map(() =>
    fleet.startMover({
      limits: {
        atOnce: { least: 8, first: 8, most: 8 },
        ahead: 4,
        together: 4,
        keptForEvents: 1,
        keptForBulk: 1,
      },
    }),
  )
  await fleet.replica(id, 'edge')
  const shares = async () => {
    const { rowCount } = await fleet.pool.query('SELECT 1 FROM bandwidth_share WHERE granted > 0')
    return rowCount ?? 0
  }
  await eventually('bytes may pass', async () => (await shares()) > 0)
  const begun = performance.now()
  await eventually('both hold a share', async () => (await shares()) === 2)
  const { id: replica } = await fleet.replicaRow(id, 'edge')
  await eventually('what waits says so', async () => {
    const [waits = []] = await createLinkReads(fleet.pool).waitingOfReplicas([replica])
    return waits.some(({ reason }) => reason.code === 'BANDWIDTH_LIMIT')
  })
  const seen = await eventually('the link says about the limit, of both movers', async () => {
    const now = await link(fleet)
    const share = (now.bytesPerSecond ?? 0) / perSecond
    return share > 0.7 && share < 1.3 && now.concurrency?.limit === 16 && now.objectsPerSecond !== null ? now : null
  })
  expect(seen.limit).toEqual({ cluster: 'edge', bytesPerSecond: perSecond, opens: null })
  expect(seen.objectsPerSecond).toBeGreaterThan(0)
  expect(seen.roundTripMs).toBeGreaterThan(0)
  await fleet.settled(id, 'edge', 60)
  const took = (await lastByteAt(fleet)) - begun
  const rate = total / (took / 1000)
  expect(rate).toBeGreaterThan(0.8 * perSecond)
  expect(rate).toBeLessThan(1.2 * perSecond)
  await Promise.all(movers.map((mover) => mover.stop()))
  expect(await fleet.differences(id, bucket, 'hpc', 'edge')).toEqual([])
  const { rowCount } = await fleet.pool.query('SELECT 1 FROM bandwidth_share UNION ALL SELECT moving FROM link_flow')
  expect(rowCount).toBe(0)
})

/** By this process's clock. */
async function lastByteAt(fleet: MoverFleet): Promise<number> {
  const { ago } = await fleet.one<{ ago: number }>(
    'SELECT extract(epoch FROM now() - max(verified_at))::float8 * 1000 AS ago FROM replica_object',
    [],
  )
  return performance.now() - ago
}

test('a limit that is taken away holds nobody up', async () => {
  const fleet = await stores.fleet()
  const bucket = 'freed'
  const id = await fleet.bucket(bucket, 'hpc')
  await limit(fleet, 'hpc', 65_536)
  await fleet.put('hpc', bucket, 'large', Buffer.alloc(20_000_000))
  fleet.startMover()
  await fleet.replica(id, 'edge')
  await eventually('it is slow', async () => {
    const { rowCount } = await fleet.pool.query('SELECT 1 FROM bandwidth_share')
    return rowCount === 1
  })
  await fleet.pool.query('DELETE FROM policy_value')
  await fleet.settled(id, 'edge')
})

test('figures of a mover that is gone do not count', async () => {
  const fleet = await stores.fleet()
  const bucket = 'gone-mover'
  const id = await fleet.bucket(bucket, 'hpc')
  fleet.startMover()
  await fleet.replica(id, 'edge')
  await fleet.settled(id, 'edge')
  const row = [fleet.storeId('hpc'), fleet.storeId('edge')]
  await fleet.pool.query(
    `INSERT INTO link_flow (owner, from_storage_id, to_storage_id, moving, bytes_per_second, concurrency, in_use, most, seen_at)
     VALUES (gen_random_uuid(), $1, $2, 3, 1000, 64, 9, 128, now()), (gen_random_uuid(), $1, $2, 4, 500, 16, 2, 128, now()),
       (gen_random_uuid(), $1, $2, 5, 9000, 64, 64, 128, now() - interval '10 s')`,
    row,
  )
  expect(await link(fleet)).toMatchObject({
    ...{ moving: 7, bytesPerSecond: 1500 },
    concurrency: { limit: 80, inUse: 11, most: 256, lowered: null },
  })
})
