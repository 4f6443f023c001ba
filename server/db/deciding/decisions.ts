// Writes what decisions about a batch of buckets change, set by set, so that the cost is a few statements however many buckets
// there are. Runs in the transaction in which their state was read, and compares nothing: a difference is written as it is.

import type { Sql, Tx } from '../core/pool.ts'
import { holdTasks, replaceTasks } from '../queue/ask.ts'
import type { Decided } from './decided.ts'
import { type Changed, withdrawReplicas, writeReplicas } from './decided-replicas.ts'
import { writeRoutes, writeTables } from './decided-routes.ts'
import { endDecisions, keepDecisions, keepReasons } from './kept-decisions.ts'

/** Takes the rows that change, or go, in the order of all who take several. */
async function holdBuckets(sql: Sql, all: readonly Decided[]): Promise<void> {
  const ids = all.flatMap(({ state: { id }, difference: { placement, gone } }) =>
    placement === null && !gone ? [] : [id],
  )
  if (ids.length > 0)
    await sql.query('SELECT 1 FROM bucket WHERE id = ANY($1::uuid[]) ORDER BY id FOR NO KEY UPDATE', [ids])
}

async function writePlacements(sql: Sql, decided: readonly Decided[]): Promise<readonly string[]> {
  const changed = decided.flatMap(({ state: { id }, difference: { placement, moves } }) =>
    placement === null ? [] : [{ id, ...placement, moves: moves ? 1 : 0 }],
  )
  if (changed.length > 0)
    await sql.query(
      `UPDATE bucket b SET placement_condition = d.condition, placement_reasons = d.reasons,
         generation = b.generation + d.moves
       FROM jsonb_to_recordset($1::jsonb) AS d (id uuid, condition text, reasons jsonb, moves int) WHERE b.id = d.id`,
      [JSON.stringify(changed)],
    )
  return changed.map((one) => one.id)
}

/** Who names one of them meanwhile waits until it is gone. */
async function forget(sql: Sql, gone: readonly Decided['state'][]): Promise<void> {
  const ids = gone.map(({ id }) => id)
  await sql.query('SELECT 1 FROM bucket WHERE id = ANY($1::uuid[]) ORDER BY id FOR UPDATE', [ids])
  await endDecisions(
    sql,
    gone.map(({ name }) => name),
  )
  const ofBucket = ['replica_task', 'dirty_object', 'object_record', 'route_override', 'route', 'dirty_bucket']
  for (const table of [...ofBucket, 'replication_run', 'replica_conformance'])
    await sql.query(`DELETE FROM ${table} WHERE bucket_id = ANY($1::uuid[])`, [ids])
  await sql.query(`DELETE FROM policy_value WHERE scope = 'bucket' AND scope_id = ANY($1::uuid[])`, [ids])
  await sql.query('DELETE FROM bucket WHERE id = ANY($1::uuid[])', [ids])
}

/**
 * `beforeNumbers`: what else the transaction writes. Numbers of routes come last, for from then until commit no other decision of a
 * route is written.
 */
export async function writeDecisions(
  tx: Tx,
  all: readonly Decided[],
  beforeNumbers: () => Promise<void> = async () => undefined,
): Promise<void> {
  await holdBuckets(tx, all)
  const gone = all.filter((one) => one.difference.gone).map((one) => one.state)
  const decided = all.filter((one) => !one.difference.gone)
  const placed = await writePlacements(tx, decided)
  await writeTables(tx, decided)
  const news = await keepReasons(tx, decided)
  const changed: Changed[] = decided.flatMap(({ state, difference }) =>
    difference.changes.map((change) => ({ bucketId: state.id, change })),
  )
  const replicas = await writeReplicas(tx, changed)
  if (decided.some(({ difference }) => difference.tasks.length > 0))
    await holdTasks(
      tx,
      decided.map(({ state }) => state.id),
    )
  await replaceTasks(
    tx,
    decided.flatMap(({ state, difference }) => difference.tasks.map((task) => ({ bucketId: state.id, ...task }))),
  )
  if (gone.length > 0) await forget(tx, gone)
  await beforeNumbers()
  const { numbers, overridden } = await writeRoutes(tx, decided)
  await keepDecisions(tx, news, numbers)
  const standing = new Map(decided.map(({ state }) => [state.id, state.route?.number ?? 0]))
  await withdrawReplicas(tx, changed, (id) => numbers.get(id) ?? standing.get(id) ?? 0)
  const intents = decided.filter((one) => one.intent).map((one) => one.state.id)
  tx.changed('replica', replicas)
  tx.changed('route', [...numbers.keys(), ...overridden, ...intents])
  tx.changed('bucket', [...placed, ...changed.map((one) => one.bucketId), ...intents, ...gone.map(({ id }) => id)])
  if (numbers.size > 0) tx.wake('route')
  if (changed.length > 0) tx.wake('task')
}
