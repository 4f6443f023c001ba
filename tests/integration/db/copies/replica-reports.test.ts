import { expect, test } from 'vitest'
import { noteConflict } from '../../../../server/db/copies/replica.ts'
import { reportReplica, summariseReplica } from '../../../../server/db/copies/replica-reports.ts'
import type { Pool, Tx } from '../../../../server/db/core/pool.ts'
import { eventually } from '../../../support/eventually.ts'
import { freshPool } from '../../../support/fresh-pool.ts'
import { fleet } from '../../../support/world/fleet.ts'

/** A replica, of which a mover reports what it read before `meanwhile` began. */
async function reportDuring(meanwhile: (sql: Tx, at: { bucketId: string; replicaId: string }) => Promise<unknown>) {
  const pool = await freshPool(3)
  const rows = fleet(pool)
  const [hpc, edge] = [await rows.cluster('hpc'), await rows.cluster('edge')]
  const bucket = await hpc.store.bucket('photos')
  const bucketId = bucket.id
  const { id: replicaId } = await bucket.replica(edge.store)
  let other: Promise<unknown> = Promise.resolve()
  await pool.transaction(async (sql) => {
    await summariseReplica(sql, bucketId, edge.store.id)
    let ended = false
    other = pool
      .transaction((own) => meanwhile(own, { bucketId, replicaId }))
      .finally(() => {
        ended = true
      })
    await eventually('the other has written, or waits', async () => ended || (await isWaiting(pool)))
    const figures = {
      waiting: { objects: 0, bytes: 0 },
      bytesUnderWay: 0,
      bytesPerSecond: null,
      source: null,
      moved: false,
    }
    const same = { bucketId, storageId: edge.store.id, conflicts: 0, trouble: null, decide: false }
    await reportReplica(sql, replicaId, { ...same, ...figures })
  })
  await other
  const { rows: after } = await pool.query<{ conflicts: number }>('SELECT conflicts FROM replica')
  return after[0]
}

const isWaiting = async (pool: Pool): Promise<boolean> =>
  (await pool.query(`SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`))
    .rows.length > 0

test('a report does not undo a conflict that was found while it was made', async () => {
  expect(await reportDuring((sql, { replicaId }) => noteConflict(sql, replicaId, 'foreign', 'k'))).toMatchObject({
    conflicts: 1,
  })
})
