// Who is told that routes are in force.
import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import type { Pool } from '../../../../server/db/core/pool.ts'
import { openStream } from '../../../../server/db/proxies/proxy-streams.ts'
import { writeProgress } from '../../../../server/db/proxies/stream-progress.ts'
import type { RouteException } from '../../../../server/domain/route/exception.ts'
import { freshPool } from '../../../support/fresh-pool.ts'
import { fleet } from '../../../support/world/fleet.ts'

async function routes(pool: Pool, count: number): Promise<void> {
  const { store } = await fleet(pool).cluster('hpc')
  await pool.query(
    `WITH many AS (INSERT INTO bucket (id, name, state, master_storage_id, master_bucket_name)
       SELECT gen_random_uuid(), 'b' || i, 'active', $1::uuid, i FROM generate_series(1, $2) AS i RETURNING id, name)
     INSERT INTO route (bucket_id, bucket_name, number) SELECT id, name, row_number() OVER () FROM many`,
    [store.id, count],
  )
}

test('the routes that a proxy has ACKed are told; where they are very many it is the proxy', async () => {
  const pool = await freshPool(2)
  await routes(pool, 3000)
  const streamId = randomUUID()
  await pool.transaction((tx) => openStream(tx, randomUUID(), { streamId, nodeId: 'edge-1', envoyVersion: null }))
  const toldBy = async (ackedThrough: number, exceptions: readonly RouteException[] = []) => {
    await pool.query('DELETE FROM event')
    await pool.transaction((tx) => writeProgress(tx, { streamId, ackedThrough, exceptions }))
    const { rows } = await pool.query<{ topic: string; what: string }>(
      `SELECT topic, COALESCE(b.name, n.node_id) AS what FROM event e
       LEFT JOIN bucket b ON b.id::text = e.subject::text LEFT JOIN proxy_node n ON n.id::text = e.subject::text`,
    )
    return rows
  }
  const refused = { bucket: 'b7', number: 7, state: 'nacked', error: 'no' } as const
  expect(await toldBy(2001)).toEqual([{ topic: 'proxy', what: 'edge-1' }])
  expect(await toldBy(2001)).toEqual([])
  expect(await toldBy(2001, [refused])).toEqual([{ topic: 'route', what: 'b7' }])
  expect(await toldBy(2001, [refused])).toEqual([])
  const last = await toldBy(3000)
  expect(last).toHaveLength(1000)
  expect(last, 'it is an exception no more').toContainEqual({ topic: 'route', what: 'b7' })
})
