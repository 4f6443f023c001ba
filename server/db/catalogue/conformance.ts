// How old changes were when copies had them, by month.
import type { LateCause } from '../../domain/replica/conformance.ts'
import type { Sql } from '../core/pool.ts'

export type ConformanceRecord = {
  readonly replicaId: string
  /** `2026-11`. */
  readonly month: string
  readonly changes: readonly number[]
  readonly slowestSeconds: number
  readonly slowestKey: string
  readonly slowestAt: Date
  readonly slowestCause: LateCause
}

/** The last month first. */
export async function conformanceOfReplicas(sql: Sql, replicaIds: readonly string[]): Promise<ConformanceRecord[]> {
  const { rows } = await sql.query<ConformanceRecord>(
    `SELECT r.id AS "replicaId", to_char(c.month, 'YYYY-MM') AS month, c.changes::float8[] AS changes,
       c.slowest_seconds AS "slowestSeconds", c.slowest_key AS "slowestKey", c.slowest_at AS "slowestAt",
       c.slowest_cause AS "slowestCause"
     FROM replica r JOIN replica_conformance c ON c.bucket_id = r.bucket_id AND c.storage_id = r.storage_id
     WHERE r.id = ANY($1::uuid[]) ORDER BY r.id, c.month DESC`,
    [replicaIds],
  )
  return rows
}
