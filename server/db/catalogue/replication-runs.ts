// The history of work on whole copies: what ended, what goes on, and what was lost and nobody has taken up yet.
import type { TaskKind } from '../../domain/replica/replica-state.ts'
import type { RunCause, RunOutcome } from '../../domain/replica/run.ts'
import type { Sql } from '../core/pool.ts'
import { daysKept } from '../queue/replication-runs.ts'

/** `running`: it goes on. */
export type RunState = RunOutcome | 'running'

export type RunRecord = {
  readonly id: string
  readonly bucketId: string
  readonly storageId: string
  readonly kind: TaskKind
  readonly outcome: RunState
  /** So many, one after the other, that ended alike. */
  readonly runs: number
  readonly beganAt: Date
  /** As PostgreSQL spells it, exactly. */
  readonly place: string
  readonly endedAt: Date | null
  readonly seconds: number
  readonly objectsFound: number | null
  readonly bytesFound: number | null
  readonly objectsDone: number | null
  readonly bytesDone: number | null
  readonly cause: RunCause | null
}

export type RunFilter = {
  readonly bucketId?: string | undefined
  readonly storageId?: string | undefined
  readonly outcomes?: readonly RunState[] | undefined
  /** Also comparisons that found nothing, and those that go on. */
  readonly quiet: boolean
}

/** The last begun first; those after the place of another one, which is `<begin> <id>`. */
export async function listRuns(
  sql: Sql,
  filter: RunFilter,
  after: string | undefined,
  limit: number,
): Promise<RunRecord[]> {
  const [time = null, id = null] = after?.split(' ') ?? []
  // Said so that the index of those that are not quiet has them in their order.
  const shown = filter.quiet ? 'true' : 'NOT x.quiet'
  const wanted = `($1::uuid IS NULL OR x.bucket_id = $1) AND ($2::uuid IS NULL OR x.storage_id = $2)
    AND ($3::text[] IS NULL OR x.outcome = ANY($3))
    AND ($4::timestamptz IS NULL OR (x.began_at, x.id) < ($4, $5::uuid))`
  const { rows } = await sql.query<RunRecord>(
    `WITH run AS (
       (SELECT * FROM replication_run x WHERE ${shown} AND ${wanted}
          AND x.began_at > now() - interval '${daysKept} days' ORDER BY x.began_at DESC, x.id DESC LIMIT $6)
       UNION ALL
       SELECT x.* FROM (
         SELECT run_id AS id, bucket_id, storage_id, run_kind AS kind,
           CASE WHEN lease_until > now() THEN 'running' ELSE 'lost' END AS outcome,
           lease_until > now() AND run_kind IN ('sweep', 'master_sweep') AS quiet, 1 AS runs, started_at AS began_at,
           CASE WHEN lease_until <= now() THEN lease_until END AS ended_at,
           extract(epoch FROM LEAST(now(), lease_until) - started_at)::float8 AS seconds, NULL::bigint AS objects_found,
           NULL::bigint AS bytes_found, NULL::bigint AS objects_done, NULL::bigint AS bytes_done, NULL::jsonb AS cause
         FROM replica_task WHERE lease_owner IS NOT NULL AND run_id IS NOT NULL) x
       WHERE ${shown} AND ${wanted}
     )
     SELECT x.id, x.bucket_id AS "bucketId", x.storage_id AS "storageId", x.kind, x.outcome, x.runs, x.began_at AS "beganAt",
       to_char(x.began_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS place, x.ended_at AS "endedAt", x.seconds,
       x.objects_found::float8 AS "objectsFound", x.bytes_found::float8 AS "bytesFound",
       x.objects_done::float8 AS "objectsDone", x.bytes_done::float8 AS "bytesDone", x.cause
     FROM run x JOIN bucket b ON b.id = x.bucket_id AND b.state <> 'creating'
     JOIN storage_deployment s ON s.id = x.storage_id
     ORDER BY x.began_at DESC, x.id DESC LIMIT $6`,
    [filter.bucketId ?? null, filter.storageId ?? null, filter.outcomes ?? null, time, id, limit],
  )
  return rows
}
