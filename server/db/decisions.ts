// Writes what was decided about a bucket. Runs in the transaction in which its state was read.
import { v7 } from 'uuid'
import { contentId } from '../content-id.ts'
import type { BucketState, Decision, ReplicaChange } from '../domain/decide-bucket.ts'
import { writeEvents } from './events.ts'
import type { Sql } from './pool.ts'

/** Holds a lock until commit, so numbers commit in order. */
async function takeRouteNumber(sql: Sql): Promise<number> {
  const { rows } = await sql.query<{ number: number }>(
    'UPDATE fleet SET route_number = route_number + 1 RETURNING route_number AS number',
  )
  const number = rows[0]?.number
  if (number === undefined) throw new Error('the table fleet has no row')
  return number
}

async function writeRoute(sql: Sql, bucket: BucketState, { table, overridden }: Decision['route']): Promise<number> {
  const tableId = table === null ? null : contentId(table)
  if (table !== null)
    await sql.query(
      `INSERT INTO route_table (id, clusters, lb_policy, timeout_ms) VALUES ($1, $2, $3, $4)
       ON CONFLICT (id) DO UPDATE SET last_needed_at = now()`,
      [tableId, table.clusters, table.lbPolicy, table.timeoutMs],
    )
  const number = await takeRouteNumber(sql)
  await sql.query(
    `INSERT INTO route (bucket_id, bucket_name, number, table_id, overridden) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (bucket_id) DO UPDATE SET number = excluded.number, table_id = excluded.table_id,
       overridden = excluded.overridden, decided_at = now()`,
    [bucket.id, bucket.name, number, tableId, overridden],
  )
  return number
}

/** `generation` counts the decisions that changed which copies are wanted. */
async function writeChange(sql: Sql, bucket: BucketState, change: ReplicaChange, routeNumber: number): Promise<string> {
  switch (change.kind) {
    case 'add': {
      const id = v7()
      await sql.query(
        `INSERT INTO replica (id, bucket_id, storage_id, bucket_name, wanted, generation, epoch)
         SELECT $1, b.id, $3, $4, true, b.generation, b.epoch FROM bucket b WHERE b.id = $2`,
        [id, bucket.id, change.storageId, change.bucketName],
      )
      return id
    }
    case 'want':
      await sql.query(
        `UPDATE replica r SET wanted = true, withdrawn_number = NULL, withdrawn_at = NULL, decided_at = now(),
           generation = b.generation, epoch = b.epoch FROM bucket b WHERE r.id = $1 AND b.id = r.bucket_id`,
        [change.id],
      )
      return change.id
    case 'withdraw':
      await sql.query(
        `UPDATE replica r SET wanted = false, serving = false, withdrawn_number = $2, withdrawn_at = NULL,
           decided_at = now(), generation = b.generation FROM bucket b WHERE r.id = $1 AND b.id = r.bucket_id`,
        [change.id, routeNumber],
      )
      return change.id
    case 'drain':
      await sql.query('UPDATE replica SET withdrawn_at = now() WHERE id = $1', [change.id])
      return change.id
    case 'serve':
      await sql.query('UPDATE replica SET serving = $2 WHERE id = $1', [change.id, change.serving])
      return change.id
    case 'remove':
      await sql.query('DELETE FROM replica_object WHERE replica_id = $1', [change.id])
      await sql.query('DELETE FROM replica WHERE id = $1', [change.id])
      for (const table of ['dirty_object', 'replica_task'])
        await sql.query(`DELETE FROM ${table} WHERE bucket_id = $1 AND storage_id = $2`, [bucket.id, change.storageId])
      return change.id
  }
}

/** Work that stands there already goes on untouched; another kind of work replaces it and begins at once. */
async function writeTasks(sql: Sql, bucket: BucketState, tasks: Decision['tasks']): Promise<boolean> {
  if (tasks.length === 0) return false
  const { rowCount } = await sql.query(
    `INSERT INTO replica_task AS t (bucket_id, storage_id, kind)
     SELECT $1, w.storage_id, w.kind FROM unnest($2::uuid[], $3::text[]) AS w (storage_id, kind)
     WHERE NOT EXISTS (SELECT 1 FROM replica_task x
                       WHERE x.bucket_id = $1 AND x.storage_id = w.storage_id AND x.kind = w.kind)
     ON CONFLICT (bucket_id, storage_id) DO UPDATE SET kind = excluded.kind, generation = t.generation + 1, attempts = 0,
       not_before = CASE WHEN excluded.kind = 'sweep' THEN now() + make_interval(secs => t.interval_s) ELSE now() END`,
    [bucket.id, tasks.map((task) => task.storageId), tasks.map((task) => task.kind)],
  )
  return (rowCount ?? 0) > 0
}

async function forgetBucket(sql: Sql, bucket: BucketState): Promise<void> {
  for (const table of ['replica_task', 'dirty_object', 'object_record', 'route_override', 'route', 'dirty_bucket'])
    await sql.query(`DELETE FROM ${table} WHERE bucket_id = $1`, [bucket.id])
  await sql.query(`DELETE FROM policy_value WHERE scope = 'bucket' AND scope_id = $1`, [bucket.id])
  await sql.query('DELETE FROM bucket WHERE id = $1', [bucket.id])
}

/** What others must be told after the commit. */
export type Written = { readonly route: boolean; readonly tasks: boolean }

/** Writes nothing where nothing changes. `intent`: a user's change is decided hereby, so the route's state may change. */
export async function writeDecision(
  sql: Sql,
  bucket: BucketState,
  decision: Decision,
  intent: boolean,
): Promise<Written> {
  if (decision.gone) {
    await forgetBucket(sql, bucket)
    await writeEvents(sql, 'bucket', [bucket.id])
    return { route: false, tasks: false }
  }
  const { placement, route, changes } = decision
  const moves = changes.some((change) => change.kind !== 'serve' && change.kind !== 'drain')
  const updated = await sql.query(
    `UPDATE bucket SET placement_condition = $2, placement_reasons = $3::jsonb, generation = generation + $4::int
     WHERE id = $1 AND (placement_condition <> $2 OR placement_reasons <> $3::jsonb OR $4::int > 0)`,
    [bucket.id, placement.condition, JSON.stringify(placement.reasons), moves ? 1 : 0],
  )
  const number = route.changed ? await writeRoute(sql, bucket, route) : (bucket.route?.number ?? 0)
  const overridden = await sql.query('UPDATE route SET overridden = $2 WHERE bucket_id = $1 AND overridden <> $2', [
    bucket.id,
    route.overridden,
  ])
  const replicas: string[] = []
  for (const change of changes) replicas.push(await writeChange(sql, bucket, change, number))
  const tasks = await writeTasks(sql, bucket, decision.tasks)
  await writeEvents(sql, 'replica', replicas)
  if (route.changed || intent || overridden.rowCount) await writeEvents(sql, 'route', [bucket.id])
  if (updated.rowCount || replicas.length > 0 || intent) await writeEvents(sql, 'bucket', [bucket.id])
  return { route: route.changed, tasks: moves || tasks }
}
