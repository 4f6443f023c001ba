// The work on whole copies, worked on under leases like dirty keys. Which work a copy needs is decided by the
// reconciler; work that is done is followed by the sweep.
import type { ServedLinks } from '../../domain/links/served-links.ts'
import type { TaskKind } from '../../domain/replica/replica-state.ts'
import type { EndedRun, RunCause } from '../../domain/replica/run.ts'
import type { Trouble } from '../../domain/trouble/trouble.ts'
import type { Sql, Tx } from '../core/pool.ts'
import { priorityOf } from '../policies/priority.ts'
import { isHeldElsewhere } from './held-objects.ts'
import { isHeldTask } from './paused.ts'
import { type RunId, recordRun } from './replication-runs.ts'
import { tellBucket } from './tell-bucket.ts'

export type TaskId = { readonly bucketId: string; readonly storageId: string }
export type ClaimedTask = RunId & {
  /** Null: there is no such bucket any more. */
  readonly masterStorageId: string | null
  readonly kind: TaskKind
  readonly mark: number
  readonly attempts: number
  readonly allowDeletes: boolean
  readonly overwrite: boolean
  /** Look at each object itself. */
  readonly full: boolean
  readonly resubscribe: boolean
  /** Looks in a row that found nothing that nobody had told. */
  readonly quietLooks: number
}

export type TaskRoom = {
  /** How many each store may take, and those that are not named here. */
  readonly free: ReadonlyMap<string, number>
  readonly otherwise: number
  /** Stores that cannot be reached: what would compare a copy with a master there waits, but for a first copy of what others hold. */
  readonly brokenMasters: readonly string[]
  /** By ids of stores: work on a copy belongs to the link that it is filled over, on a master to those that lead from its store. */
  readonly served: ServedLinks
}

/** SQL: from which store the bytes of a task come. */
const sourceOf = `CASE WHEN t.kind = 'master_rebuild' THEN COALESCE(b.master_choice_from, b.master_storage_id) ELSE b.master_storage_id END`

/**
 * Takes due tasks as far as there is room for them; a run before whose lease ran out is told to be lost. One of a higher priority goes first, but each step of it is worth a minute
 * of waiting and no more, so that none waits for ever.
 */
export async function claimTasks(
  sql: Sql,
  lease: { readonly owner: string; readonly seconds: number },
  { free, otherwise, brokenMasters, served }: TaskRoom,
): Promise<ClaimedTask[]> {
  const { rows } = await sql.query<ClaimedTask>(
    `WITH due AS MATERIALIZED (
       SELECT x.* FROM storage_deployment s
       LEFT JOIN unnest($3::uuid[], $4::int[]) AS f (storage_id, most) ON f.storage_id = s.id
       CROSS JOIN LATERAL (
         SELECT t.bucket_id, t.storage_id, t.lease_owner, t.lease_until, t.started_at, t.run_id, t.run_kind FROM replica_task t WHERE t.storage_id = s.id AND t.not_before <= now()
         AND (t.lease_until IS NULL OR t.lease_until <= now())
         AND NOT (t.kind IN ('sweep', 'first_sync') AND EXISTS (
           SELECT 1 FROM bucket b WHERE b.id = t.bucket_id AND b.master_storage_id = ANY($6::uuid[]))
           AND NOT (t.kind = 'first_sync' AND ${isHeldElsewhere('t.bucket_id', 't.storage_id')}))
         AND NOT ${isHeldTask}
         AND ($7::uuid[] IS NULL OR EXISTS (
           SELECT 1 FROM unnest($7, $8::uuid[]) l (from_id, to_id) JOIN bucket b ON b.id = t.bucket_id
           WHERE (l.from_id IS NULL OR l.from_id = ${sourceOf})
             AND (l.to_id IS NULL OR l.to_id = t.storage_id OR ${sourceOf} = t.storage_id)))
         ORDER BY t.not_before - interval '1 minute' * ${priorityOf('t.bucket_id')}
         LIMIT COALESCE(f.most, $5) FOR UPDATE OF t SKIP LOCKED) x
     ), lost AS (
       INSERT INTO replication_run (id, bucket_id, storage_id, kind, outcome, quiet, began_at, ended_at, seconds)
       SELECT run_id, bucket_id, storage_id, run_kind, 'lost', false, started_at, lease_until,
         extract(epoch FROM lease_until - started_at) FROM due WHERE lease_owner IS NOT NULL AND run_id IS NOT NULL
       ON CONFLICT (id) DO NOTHING
     )
     UPDATE replica_task t SET lease_owner = $1, lease_until = now() + make_interval(secs => $2),
       started_at = now(), run_id = gen_random_uuid(), run_kind = t.kind
     FROM due WHERE t.bucket_id = due.bucket_id AND t.storage_id = due.storage_id
     RETURNING t.bucket_id AS "bucketId", t.storage_id AS "storageId",
       (SELECT b.master_storage_id FROM bucket b WHERE b.id = t.bucket_id) AS "masterStorageId", t.kind, t.generation AS mark, t.attempts,
       t.allow_deletes AS "allowDeletes", t.overwrite, t."full", t.resubscribe, t.quiet_looks AS "quietLooks",
       t.run_id AS "runId", (extract(epoch FROM t.started_at) * 1000)::float8 AS "beganAt"`,
    [
      ...[lease.owner, lease.seconds, [...free.keys()], [...free.values()], otherwise, brokenMasters],
      served?.map(({ from }) => from) ?? null,
      served?.map(({ to }) => to) ?? null,
    ],
  )
  return rows
}

export type HeldTask = TaskId & {
  /** What its row asks for by now. */
  readonly kind: TaskKind
  /** A pause was ordered, or a window closed: the work has to end. */
  readonly held: boolean
}

/** Prolongs these leases; resolves to those still held. */
export async function renewTasks(
  sql: Sql,
  lease: { readonly owner: string; readonly seconds: number },
  held: readonly TaskId[],
): Promise<HeldTask[]> {
  const { rows } = await sql.query<HeldTask>(
    `UPDATE replica_task t SET lease_until = now() + make_interval(secs => $2)
     FROM unnest($3::uuid[], $4::uuid[]) AS h (bucket_id, storage_id)
     WHERE t.bucket_id = h.bucket_id AND t.storage_id = h.storage_id AND t.lease_owner = $1
     RETURNING t.bucket_id AS "bucketId", t.storage_id AS "storageId", t.kind, ${isHeldTask} AS held`,
    [lease.owner, lease.seconds, held.map((id) => id.bucketId), held.map((id) => id.storageId)],
  )
  return rows
}

export type TaskEnd =
  /** Nothing is left to do for this task: it did it, or found that there is nothing to do. */
  | { readonly end: 'gone'; readonly did: boolean }
  /** Done for now; the next time in so many seconds, by then as this kind. */
  | {
      readonly end: 'done'
      readonly kind: TaskKind
      readonly seconds: number
      /** Looks in a row by now that found nothing that nobody had told. */
      readonly quietLooks: number
    }
  /** Failed or not possible yet. Orders stay in force. `trouble`: why; absent: what is known of it stands. */
  | {
      readonly end: 'again'
      readonly seconds: number
      readonly failed: boolean
      readonly trouble?: Trouble | null
      /** What its history says of it; absent: the trouble. */
      readonly cause?: RunCause | null
    }

/**
 * A task that was asked for again meanwhile, or became another kind, is due at once; what the run learnt and the orders that it
 * carried out end with it all the same. Its lease ends in any case. `run`: what the history keeps of it; null: nothing.
 */
export async function finishTask(
  tx: Tx,
  owner: string,
  claim: ClaimedTask,
  end: TaskEnd,
  run: EndedRun | null,
): Promise<void> {
  if (run !== null) await recordRun(tx, claim, run)
  const trouble = end.end === 'again' ? end.trouble : null
  if (trouble !== undefined) await writeTrouble(tx, owner, claim, trouble)
  const id = [claim.bucketId, claim.storageId, owner, claim.mark]
  const mine = 'bucket_id = $1 AND storage_id = $2 AND lease_owner = $3'
  if (end.end === 'gone') await tx.query(`DELETE FROM replica_task WHERE ${mine} AND generation = $4`, id)
  if (end.end === 'done')
    await tx.query(
      `UPDATE replica_task SET lease_owner = NULL, lease_until = NULL, attempts = 0, kind = $5, quiet_looks = $7,
         quiet_since = CASE WHEN $7 > 0 THEN COALESCE(quiet_since, started_at) END,
         not_before = now() + make_interval(secs => $6), ${withoutOrders}
       WHERE ${mine} AND generation = $4`,
      [...id, end.kind, end.seconds, end.quietLooks],
    )
  if (end.end === 'again')
    await tx.query(
      `UPDATE replica_task SET lease_owner = NULL, lease_until = NULL, not_before = now() + make_interval(secs => $5),
         attempts = attempts + CASE WHEN $6::boolean THEN 1 ELSE 0 END
       WHERE ${mine} AND generation = $4`,
      [...id, end.seconds, end.failed],
    )
  // From here on: it was asked for again.
  if (end.end === 'done') {
    await tx.query(
      `UPDATE replica_task SET quiet_looks = LEAST(quiet_looks, $5), quiet_since = CASE WHEN $5 > 0 THEN quiet_since END
       WHERE ${mine} AND kind = $4`,
      [...id.slice(0, 3), claim.kind, end.quietLooks],
    )
    await tx.query(`UPDATE replica_task SET ${withoutOrders} WHERE ${mine} AND ordered <= $4`, id)
  }
  await tx.query(
    `UPDATE replica_task SET lease_owner = NULL, lease_until = NULL, attempts = 0,
       not_before = CASE WHEN kind = $4 THEN now() ELSE not_before END WHERE ${mine}`,
    [...id.slice(0, 3), claim.kind],
  )
}

/** SQL. */
const withoutOrders = 'allow_deletes = false, overwrite = false, "full" = false, resubscribe = false'

/** Why the last run did not end well; null: it did. The bucket is decided again, and subscribers told, when that is other. */
async function writeTrouble(
  tx: Tx,
  owner: string,
  { bucketId, storageId }: TaskId,
  trouble: Trouble | null,
): Promise<void> {
  const { rowCount } = await tx.query(
    `UPDATE replica_task SET trouble = $4::jsonb,
       trouble_since = CASE WHEN $4::jsonb IS NULL THEN NULL ELSE COALESCE(trouble_since, now()) END
     WHERE bucket_id = $1 AND storage_id = $2 AND lease_owner = $3 AND trouble IS DISTINCT FROM $4::jsonb`,
    [bucketId, storageId, owner, trouble === null ? null : JSON.stringify(trouble)],
  )
  if (rowCount) await tellBucket(tx, bucketId)
}

/** Seconds until the next task that waits for its time is due; undefined when none does. */
export async function nextDueTask(sql: Sql): Promise<number | undefined> {
  const { rows } = await sql.query<{ seconds: number | null }>(
    `SELECT extract(epoch FROM min(GREATEST(not_before, lease_until)) - now())::float8 AS seconds FROM replica_task
     WHERE GREATEST(not_before, lease_until) > now()`,
  )
  return rows[0]?.seconds ?? undefined
}

/** A run begins to act: what it has to do in all. */
export async function beginProgress(
  sql: Sql,
  id: TaskId,
  total: { readonly objects: number; readonly bytes: number },
): Promise<void> {
  await sql.query(
    `UPDATE replica_task SET phase = 'copying', objects_total = $3, bytes_total = $4, objects_done = 0, bytes_done = 0,
       bytes_per_second = NULL WHERE bucket_id = $1 AND storage_id = $2`,
    [id.bucketId, id.storageId, total.objects, total.bytes],
  )
}
