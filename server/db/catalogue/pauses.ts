// Pauses of copying, as users order them; db/queue/paused.ts is how they are kept.
import type { Link } from '../../domain/links/link.ts'
import type { Sql } from '../core/pool.ts'

/** Returns whether it was not paused before. */
export async function pauseBucket(sql: Sql, bucketId: string, actor: string): Promise<boolean> {
  const { rows } = await sql.query<{ since: Date }>(
    'INSERT INTO bucket_pause (bucket_id, actor) VALUES ($1::uuid, $2::text) ON CONFLICT DO NOTHING RETURNING since',
    [bucketId, actor],
  )
  return rows.length > 0
}

/** Returns whether it was paused. */
export async function resumeBucket(sql: Sql, bucketId: string): Promise<boolean> {
  const { rows } = await sql.query<{ since: Date }>(
    'DELETE FROM bucket_pause WHERE bucket_id = $1::uuid RETURNING since',
    [bucketId],
  )
  return rows.length > 0
}

/** Returns whether it was not paused before. */
export async function pauseLink(sql: Sql, link: Link, actor: string): Promise<boolean> {
  const { rows } = await sql.query<{ since: Date }>(
    `INSERT INTO link_pause (from_storage_id, to_storage_id, actor) VALUES ($1::uuid, $2::uuid, $3::text)
     ON CONFLICT DO NOTHING RETURNING since`,
    [link.fromStorageId, link.toStorageId, actor],
  )
  return rows.length > 0
}

/** Returns whether it was paused. */
export async function resumeLink(sql: Sql, link: Link): Promise<boolean> {
  const { rows } = await sql.query<{ since: Date }>(
    'DELETE FROM link_pause WHERE from_storage_id = $1::uuid AND to_storage_id = $2::uuid RETURNING since',
    [link.fromStorageId, link.toStorageId],
  )
  return rows.length > 0
}

/** Ids of the copies that a pause of the bucket, or of the link, concerns. */
export async function replicasConcerned(sql: Sql, scope: { readonly bucketId: string } | Link): Promise<string[]> {
  const ofBucket = 'bucketId' in scope
  const { rows } = await sql.query<{ id: string }>(
    ofBucket
      ? 'SELECT id FROM replica WHERE bucket_id = $1::uuid'
      : `SELECT r.id FROM replica r JOIN bucket b ON b.id = r.bucket_id
         WHERE b.master_storage_id = $1::uuid AND r.storage_id = $2::uuid`,
    ofBucket ? [scope.bucketId] : [scope.fromStorageId, scope.toStorageId],
  )
  return rows.map((row) => row.id)
}

export type Pause = { readonly by: string; readonly since: Date }

export async function pausesOfBuckets(
  sql: Sql,
  bucketIds: readonly string[],
): Promise<(Pause & { readonly bucketId: string })[]> {
  const { rows } = await sql.query<Pause & { readonly bucketId: string }>(
    'SELECT bucket_id AS "bucketId", actor AS by, since FROM bucket_pause WHERE bucket_id = ANY($1::uuid[])',
    [bucketIds],
  )
  return rows
}
