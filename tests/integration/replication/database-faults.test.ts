// What PostgreSQL suffers is told of PostgreSQL, by the log and `/readyz`; no key and no copy is to blame for it.
import { expect, onTestFinished, test } from 'vitest'
import { eventually } from '../../support/eventually.ts'
import { minios } from '../../support/minios.ts'

const stores = minios('hpc', 'edge')

test('a connection to the database that breaks is no trouble of the key or the copy that was worked on', async () => {
  const fleet = await stores.fleet()
  const bucket = 'database-cuts'
  const id = await fleet.bucket(bucket, 'hpc')
  fleet.startMover({ times: { sweepMinS: 600 } })
  await fleet.replica(id, 'edge')
  await fleet.settled(id, 'edge')
  const holder = await fleet.pool.dedicated()
  onTestFinished(() => holder.end())
  await holder.query('BEGIN')
  await holder.query('SELECT 1 FROM replica WHERE bucket_id = $1 FOR UPDATE', [id])
  await fleet.put('hpc', bucket, 'k', 'v')
  await fleet.event(id, 'k')
  await fleet.task(id, 'edge', 'sweep')

  /** Those that wait for the copy's row: the one that is about to write the key, and the one that has swept. */
  const waiting = async (but: readonly number[]) => {
    const { rows } = await fleet.pool.query<{ pid: number; sweep: boolean }>(
      `SELECT pid, query LIKE 'UPDATE replica r SET verified_at%' AS sweep FROM pg_stat_activity
       WHERE datname = current_database() AND wait_event_type = 'Lock' AND pid <> ALL($1::int[])
         AND (query LIKE 'UPDATE replica r SET verified_at%' OR query LIKE 'INSERT INTO replica_object%')`,
      [but],
    )
    return rows.some(({ sweep }) => sweep) && rows.some(({ sweep }) => !sweep) ? rows.map(({ pid }) => pid) : null
  }
  const cut = await eventually('both are at work', () => waiting([]))
  await fleet.pool.query('SELECT pg_terminate_backend(pid) FROM unnest($1::int[]) AS pid', [cut])
  await eventually('both are tried again', () => waiting(cut))
  const keys = await fleet.pool.query('SELECT failure, attempts FROM dirty_object')
  expect(keys.rows).toEqual([{ failure: null, attempts: 0 }])
  const task = await fleet.pool.query("SELECT trouble, attempts FROM replica_task WHERE kind = 'sweep'")
  expect(task.rows).toEqual([{ trouble: null, attempts: 0 }])

  await holder.query('ROLLBACK')
  await fleet.settled(id, 'edge')
  expect(await fleet.text('edge', bucket, 'k')).toBe('v')
})
