// What the journal of a copy says of all of it.
import type { DatedObject } from '../../domain/same-bucket.ts'
import type { ConflictSample } from '../../domain/trouble/trouble.ts'
import type { Sql } from '../core/pool.ts'
import { sqlConflictKind, sqlIsOurs } from './journal-row.ts'

/** Some of the objects that FaDO knows to be in this copy: the first and the last by their keys. */
export async function sampleOurs(sql: Sql, replicaId: string, most: number): Promise<DatedObject[]> {
  const there = `SELECT key, target_etag AS etag, NULL AS "lastModified" FROM replica_object
    WHERE replica_id = $1 AND state = 'there' AND target_etag IS NOT NULL`
  const { rows } = await sql.query<DatedObject>(
    `(${there} ORDER BY key LIMIT $2) UNION (${there} ORDER BY key DESC LIMIT $2)`,
    [replicaId, Math.ceil(most / 2)],
  )
  return rows
}

/** How many objects of this copy are ours. */
export async function countOurs(sql: Sql, replicaId: string): Promise<number> {
  const { rows } = await sql.query<{ count: number }>(
    `SELECT count(*) FROM replica_object WHERE replica_id = $1 AND ${sqlIsOurs}`,
    [replicaId],
  )
  return rows[0]?.count ?? 0
}

/**
 * How many objects of ours in this copy nobody told to be gone: those of these keys, and those that wait for a comparison and
 * that FaDO's record of the master lacks already.
 */
export async function countUntoldDeletes(sql: Sql, replicaId: string, keys: readonly string[]): Promise<number> {
  const { rows } = await sql.query<{ count: number }>(
    `SELECT count(*) FROM (
       SELECT unnest($2::text[]) AS key UNION
       SELECT d.key FROM replica r JOIN dirty_object d ON d.bucket_id = r.bucket_id AND d.storage_id = r.storage_id
       WHERE r.id = $1 AND NOT d.may_delete
         AND NOT EXISTS (SELECT FROM object_record o WHERE o.bucket_id = d.bucket_id AND o.key = d.key)) k
     JOIN replica_object j ON j.replica_id = $1 AND j.key = k.key WHERE ${sqlIsOurs}`,
    [replicaId, keys],
  )
  return rows[0]?.count ?? 0
}

/** What is in the way, by kind. */
export async function sampleConflicts(sql: Sql, replicaId: string): Promise<ConflictSample[]> {
  const { rows } = await sql.query<ConflictSample>(
    `SELECT kind, count(*), (array_agg(key ORDER BY key))[1:4] AS keys FROM (
       SELECT key, ${sqlConflictKind} AS kind
       FROM replica_object WHERE replica_id = $1 AND state IN ('conflict', 'overwrite', 'refused')) c
     GROUP BY kind ORDER BY kind`,
    [replicaId],
  )
  return rows
}
