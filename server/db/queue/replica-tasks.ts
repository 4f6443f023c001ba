// The work on whole copies, worked on under leases like dirty keys. Which work a copy needs is decided by the
// reconciler; work that is done is followed by the sweep.
import { sameContent } from '../../domain/canonical-json.ts'
import type { ServedLinks } from '../../domain/links/served-links.ts'
import type { Checkpoint } from '../../domain/replica/checkpoint.ts'
import type { TaskKind } from '../../domain/replica/replica-state.ts'
import type { EndedRun } from '../../domain/replica/run.ts'
import { endTask, keepsCheckpoint, type Orders, type Task, type TaskEnd } from '../../domain/replica/task-end.ts'
import { ms } from '../core/clock.ts'
import type { Sql, Tx } from '../core/pool.ts'
import { hasOwnPriority, ownPriorities, priorityOf } from '../policies/in-force.ts'
import { isBucketPaused, isClosed, isHeldTask, isLinkPaused, isOfContent } from '../terms/paused.ts'
import { isHeldElsewhere } from './held-objects.ts'
import { type RunId, recordRun } from './replication-runs.ts'
import { tellBucket } from './tell-bucket.ts'

export type TaskId = { readonly bucketId: string; readonly storageId: string }
export type ClaimedTask = RunId &
  Pick<Task, 'kind' | 'mark' | 'attempts' | 'quietLooks'> &
  Orders & {
    /** Null: there is no such bucket any more. */
    readonly masterStorageId: string | null
    /** How far a look was when it was cut off, whoever's it was; null: there is none. */
    readonly checkpoint: Checkpoint | null
  }

export type TaskRoom = {
  /** How many each store may take, and those that are not named here. */
  readonly free: ReadonlyMap<string, number>
  readonly otherwise: number
  /** Stores that cannot be reached: what would compare a copy with a master there waits, but for a first copy of what others hold. */
  readonly brokenMasters: readonly string[]
  /** Such first copies, as far as they were looked for (`findFillable`). Default: none. */
  readonly fillable?: readonly TaskId[]
  /** By ids of stores: work on a copy belongs to the link that it is filled over, on a master to those that lead from its store. */
  readonly served: ServedLinks
}

/** SQL: the links that are served ($7 and $8, null: all) lead from the store `source` to the store `target`, or touch a master on it. */
const isServed = (source: string, target: string): string => `($7::uuid[] IS NULL OR EXISTS (
  SELECT 1 FROM unnest($7, $8::uuid[]) l (from_id, to_id) WHERE (l.from_id IS NULL OR l.from_id = ${source})
    AND (l.to_id IS NULL OR l.to_id = ${target} OR ${source} = ${target})))`

/** SQL: from which store the bytes of a rebuild `t` come. */
const rebuiltFrom = `COALESCE((SELECT b.master_choice_from FROM bucket b WHERE b.id = t.bucket_id), t.master_storage_id)`

/**
 * SQL: what a task of this kind needs, on the store `s` and of a bucket with its master on `master`, is in reach, as far as the stores
 * tell. $6: stores that are not; `isFillable`: other copies have what a first copy lacks.
 */
const isInReach = (
  master: string,
  kind: string,
  isFillable = 'false',
): string => `NOT ((${kind} = 'sweep' OR ${kind} = 'first_sync' AND NOT ${isFillable}) AND ${master} = ANY($6::uuid[]))
  AND NOT (${isOfContent(kind)} AND (${isLinkPaused(master, 's.id')} OR ${isClosed(master, 's.id')}))
  AND (${kind} = 'master_rebuild' OR ${isServed(master, 's.id')})`

/** SQL for such a task `t`: it is due, nobody works on it, and what it needs beside is in reach, too. */
const isFree = `t.storage_id = s.id AND t.not_before <= now() AND (t.lease_until IS NULL OR t.lease_until <= now())
  AND NOT (${isOfContent('t.kind')} AND ${isBucketPaused('t.bucket_id')})
  AND (t.kind <> 'master_rebuild' OR ${isServed(rebuiltFrom, 't.storage_id')})`

/**
 * SQL: the tasks of the store `s` by their masters' stores and kinds, those in reach; by skips through their index, however many tasks
 * there are. Ordered by not_before too, only so that PostgreSQL takes that index.
 */
const classesInReach = `(
  WITH RECURSIVE class AS (
    (SELECT t.master_storage_id, t.kind, t.not_before FROM replica_task t WHERE t.storage_id = s.id
     ORDER BY t.master_storage_id, t.kind, t.not_before LIMIT 1)
    UNION ALL
    SELECT n.* FROM class c CROSS JOIN LATERAL (
      SELECT t.master_storage_id, t.kind, t.not_before FROM replica_task t
      WHERE t.storage_id = s.id AND (t.master_storage_id, t.kind) > (c.master_storage_id, c.kind)
      ORDER BY t.master_storage_id, t.kind, t.not_before LIMIT 1) n
  ) SELECT * FROM class c WHERE c.not_before <= now() AND ${isInReach('c.master_storage_id', 'c.kind')}) c`

/** SQL for a task `t`: which goes first. */
const rank = `t.not_before - interval '1 minute' * ${priorityOf('t.bucket_id')}`

/**
 * Takes due tasks as far as there is room for them; a run before whose lease ran out is told to be lost. One of a higher priority
 * goes first, but each step of it is worth a minute of waiting and no more, so that none waits for ever. Of the tasks without a priority of their own, which may be those of all buckets,
 * the first of each kind and master's store are read and no more: they are found by an index in the order in which they became due.
 */
export async function claimTasks(
  sql: Sql,
  lease: { readonly owner: string; readonly seconds: number },
  { free, otherwise, brokenMasters, fillable = [], served }: TaskRoom,
): Promise<ClaimedTask[]> {
  const { rows } = await sql.query<ClaimedTask>(
    `WITH due AS MATERIALIZED (
       SELECT x.* FROM storage_deployment s
       LEFT JOIN unnest($3::uuid[], $4::int[]) AS f (storage_id, most) ON f.storage_id = s.id
       CROSS JOIN LATERAL (
         SELECT usual.* FROM ${classesInReach} CROSS JOIN LATERAL (
           SELECT t.*, ${rank} AS rank FROM replica_task t
           WHERE ${isFree} AND t.master_storage_id = c.master_storage_id AND t.kind = c.kind AND NOT ${hasOwnPriority('t.bucket_id')}
           ORDER BY t.not_before LIMIT COALESCE(f.most, $5) FOR UPDATE OF t SKIP LOCKED) usual
         UNION ALL
         SELECT * FROM (SELECT t.*, ${rank} AS rank FROM ${ownPriorities} o JOIN replica_task t ON t.bucket_id = o.bucket_id
           WHERE ${isFree} AND ${isInReach('t.master_storage_id', 't.kind', isHeldElsewhere('t.bucket_id', 't.storage_id'))}
           ORDER BY rank LIMIT COALESCE(f.most, $5) FOR UPDATE OF t SKIP LOCKED) preferred
         UNION ALL
         SELECT filled.* FROM unnest($9::uuid[], $10::uuid[]) AS h (bucket_id, storage_id) CROSS JOIN LATERAL (
           SELECT t.*, ${rank} AS rank FROM replica_task t
           WHERE t.bucket_id = h.bucket_id AND t.storage_id = h.storage_id AND t.kind = 'first_sync' AND ${isFree}
             AND t.master_storage_id = ANY($6::uuid[]) AND ${isInReach('t.master_storage_id', 't.kind', 'true')}
             AND NOT ${hasOwnPriority('t.bucket_id')} LIMIT 1 FOR UPDATE OF t SKIP LOCKED) filled
         ORDER BY rank LIMIT COALESCE(f.most, $5)) x
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
       t.allow_deletes > 0 AS "allowDeletes", t.overwrite > 0 AS overwrite, t."full" > 0 AS "full",
       t.resubscribe > 0 AS resubscribe, t.quiet_looks AS "quietLooks", t.checkpoint,
       t.run_id AS "runId", ${ms('t.started_at')} AS "beganAt"`,
    [
      ...[lease.owner, lease.seconds, [...free.keys()], [...free.values()], otherwise, brokenMasters],
      served?.map(({ from }) => from) ?? null,
      served?.map(({ to }) => to) ?? null,
      fillable.map(({ bucketId }) => bucketId),
      fillable.map(({ storageId }) => storageId),
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

/** Prolongs these leases, each by itself: who waits for one holds no other. Resolves to those still held. */
export async function renewTasks(
  sql: Sql,
  lease: { readonly owner: string; readonly seconds: number },
  held: readonly TaskId[],
): Promise<HeldTask[]> {
  const renewed = held.map(({ bucketId, storageId }) =>
    sql.query<HeldTask>(
      `UPDATE replica_task t SET lease_until = now() + make_interval(secs => $2)
       WHERE t.bucket_id = $3 AND t.storage_id = $4 AND t.lease_owner = $1
       RETURNING t.bucket_id AS "bucketId", t.storage_id AS "storageId", t.kind, ${isHeldTask} AS held`,
      [lease.owner, lease.seconds, bucketId, storageId],
      'renew_task',
    ),
  )
  return (await Promise.all(renewed)).flatMap(({ rows }) => rows)
}

/**
 * Writes what `endTask` decides of the task as it stands now: its row is taken first, so that nobody asks in between. A task that
 * another holds by now stays as that one has it. `run`: what the history keeps of it; null: nothing. Where the trouble is another one
 * than before, the bucket is decided again and subscribers are told.
 */
export async function finishTask(
  tx: Tx,
  owner: string,
  claim: ClaimedTask,
  end: TaskEnd,
  run: EndedRun | null,
): Promise<void> {
  if (run !== null) await recordRun(tx, claim, run)
  const id = [claim.bucketId, claim.storageId]
  const { rows } = await tx.query<Task & { now: number }>(
    `SELECT kind, generation AS mark, ${ms('not_before')} AS "dueAt", attempts, allow_deletes AS "allowDeletes", overwrite,
       "full", resubscribe, quiet_looks AS "quietLooks", ${ms('quiet_since')} AS "quietSince", trouble,
       ${ms('trouble_since')} AS "troubleSince", ${ms('now()')} AS now
     FROM replica_task WHERE bucket_id = $1 AND storage_id = $2 AND lease_owner = $3 FOR UPDATE`,
    [...id, owner],
  )
  const [row] = rows
  if (row === undefined) return
  const { now, ...task } = row
  const next = endTask(task, claim, end, now)
  if (next === null) await tx.query('DELETE FROM replica_task WHERE bucket_id = $1 AND storage_id = $2', id)
  else
    await tx.query(
      `UPDATE replica_task SET lease_owner = NULL, lease_until = NULL, kind = $3, not_before = ${instant('$4')}, attempts = $5,
         allow_deletes = $6, overwrite = $7, "full" = $8, resubscribe = $9, quiet_looks = $10, quiet_since = ${instant('$11')},
         trouble = $12::jsonb, trouble_since = ${instant('$13')}, checkpoint = CASE WHEN $14::boolean THEN checkpoint END
       WHERE bucket_id = $1 AND storage_id = $2`,
      [
        ...[...id, next.kind, next.dueAt, next.attempts],
        ...[next.allowDeletes, next.overwrite, next.full, next.resubscribe, next.quietLooks, next.quietSince],
        ...[next.trouble === null ? null : JSON.stringify(next.trouble), next.troubleSince, keepsCheckpoint(end)],
      ],
    )
  if (!sameContent(task.trouble, next?.trouble ?? null)) await tellBucket(tx, claim.bucketId)
}

/** SQL: a time of so many milliseconds since 1970. */
const instant = (given: string): string => `to_timestamp(${given}::float8 / 1000)`

/**
 * Takes the order to overwrite from the task, for its run follows it now: whatever becomes of the run, the next one has it no more.
 * False: another run took its place, or the order came again since, for a later run.
 */
export async function takeOverwrite(tx: Tx, { bucketId, storageId, runId, mark }: ClaimedTask): Promise<boolean> {
  const { rowCount } = await tx.query(
    `UPDATE replica_task SET overwrite = 0
     WHERE bucket_id = $1 AND storage_id = $2 AND run_id = $3 AND overwrite BETWEEN 1 AND $4`,
    [bucketId, storageId, runId, mark],
  )
  return rowCount === 1
}

/** How far the look of a run is. Nothing is written where another run took its place, or somebody asked for one. */
export async function saveCheckpoint(sql: Sql, run: RunId, checkpoint: Omit<Checkpoint, 'savedAt'>): Promise<void> {
  await sql.query(
    `UPDATE replica_task SET checkpoint = $4::jsonb || jsonb_build_object('savedAt', ${ms('now()')})
     WHERE bucket_id = $1 AND storage_id = $2 AND run_id = $3 AND lease_owner IS NOT NULL AND generation = $5`,
    [run.bucketId, run.storageId, run.runId, JSON.stringify(checkpoint), checkpoint.mark],
  )
}

/** Tasks of a store that were due first: among them are those that are worked on, and where there are more all wait for work anyway. */
const firstDue = 100

/**
 * Seconds until the next task that waits for its time is due, or a lease ends that another mover may have left; undefined when there is
 * neither. Of each store the first that is due later is read, and not the others.
 */
export async function nextDueTask(sql: Sql): Promise<number | undefined> {
  const { rows } = await sql.query<{ seconds: number | null }>(
    `SELECT extract(epoch FROM min(next.due) - now())::float8 AS seconds
     FROM storage_deployment s CROSS JOIN LATERAL (
       (SELECT t.not_before AS due FROM replica_task t WHERE t.storage_id = s.id AND t.not_before > now()
        ORDER BY t.not_before LIMIT 1)
       UNION ALL
       SELECT f.lease_until FROM (SELECT t.lease_until FROM replica_task t WHERE t.storage_id = s.id AND t.not_before <= now()
         ORDER BY t.not_before LIMIT ${firstDue}) f
       WHERE f.lease_until > now()) next`,
  )
  return rows[0]?.seconds ?? undefined
}

/**
 * A run begins to act: what it has to do in all; of a copy that is taken over it is to be compared. What runs before it suffered is
 * past.
 */
export async function beginProgress(
  tx: Tx,
  id: TaskId,
  total: { readonly objects: number; readonly bytes: number },
): Promise<void> {
  const { rows } = await tx.query<{ suffered: boolean }>(
    `UPDATE replica_task t SET phase = CASE WHEN EXISTS (SELECT 1 FROM replica r
         WHERE r.bucket_id = t.bucket_id AND r.storage_id = t.storage_id AND r.taking_over) THEN 'comparing' ELSE 'copying' END,
       objects_total = $3, bytes_total = $4, objects_done = 0, bytes_done = 0, bytes_per_second = NULL,
       trouble = NULL, trouble_since = NULL
     FROM (SELECT trouble IS NOT NULL AS suffered FROM replica_task
       WHERE bucket_id = $1 AND storage_id = $2 FOR UPDATE) before
     WHERE bucket_id = $1 AND storage_id = $2 RETURNING before.suffered`,
    [id.bucketId, id.storageId, total.objects, total.bytes],
  )
  if (rows[0]?.suffered) await tellBucket(tx, id.bucketId)
}
