// Which of the work on whole copies is due, and its claim under a lease. Which work a copy needs is decided by the reconciler and
// asked for in ask.ts; what becomes of a claim while it is worked on is in running-tasks.ts, its end in finish-task.ts.
import type { ServedLinks } from '../../domain/links/served-links.ts'
import type { Checkpoint } from '../../domain/replica/checkpoint.ts'
import type { CopyId } from '../../domain/replica/copy-id.ts'
import type { Orders, Task } from '../../domain/replica/task-end.ts'
import { ms } from '../core/clock.ts'
import type { Sql } from '../core/pool.ts'
import { hasOwnPriority, ownPriorities, priorityOf } from '../policies/in-force.ts'
import { isBucketPaused, isClosed, isLinkPaused, isOfContent } from '../terms/paused.ts'
import { isHeldElsewhere } from './held-objects.ts'
import type { RunId } from './replication-runs.ts'

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
  readonly fillable?: readonly CopyId[]
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
 * goes first, but each step of it is worth a minute of waiting and no more, so that none waits for ever. Of the tasks without a
 * priority of their own, which may be those of all buckets, the first of each kind and master's store are read and no more: they are
 * found by an index in the order in which they became due. (Buckets are named twice at the end: where PostgreSQL has counted nothing
 * yet it takes those that are due for many, and would read all tasks to find them.)
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
     FROM due WHERE t.bucket_id = ANY (ARRAY(SELECT bucket_id FROM due)) AND t.bucket_id = due.bucket_id AND t.storage_id = due.storage_id
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
