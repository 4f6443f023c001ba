// What was seen of single objects at a master: by a mover that looked at a key, or by a service that has just changed one.
// Who is not a mover marks the key as well, in the same transaction: a mover that looked before and writes later looks again.
import type { Sql } from '../core/pool.ts'

export type SeenObject = {
  readonly bucketId: string
  readonly key: string
  /** Null: it is gone. */
  readonly seen: {
    readonly size: number
    readonly etag: string
    /** Milliseconds. */
    readonly lastModified: number
    readonly contentType: string | null
  } | null
}

/**
 * Writes what was seen of some objects, each once. How many a bucket has is null until its master was looked at whole; from
 * then on it is kept with each record.
 */
export async function recordObjects(sql: Sql, objects: readonly SeenObject[]): Promise<void> {
  await sql.query(
    `WITH given AS MATERIALIZED (
       SELECT * FROM unnest($1::uuid[], $2::text[], $3::bigint[], $4::text[], $5::float8[], $6::text[])
         AS g (bucket_id, key, size, etag, modified, content_type)
     ), before AS MATERIALIZED (
       SELECT o.bucket_id, o.key, o.size FROM given g JOIN object_record o ON o.bucket_id = g.bucket_id AND o.key = g.key
       ORDER BY o.bucket_id, o.key FOR UPDATE OF o
     ), gone AS (
       DELETE FROM object_record o USING given g, before b
       WHERE g.etag IS NULL AND b.bucket_id = g.bucket_id AND b.key = g.key AND o.bucket_id = g.bucket_id AND o.key = g.key
       RETURNING o.bucket_id, o.size
     ), put AS (
       INSERT INTO object_record AS o (bucket_id, key, size, etag, last_modified, content_type)
       SELECT b.id, g.key, g.size, g.etag, to_timestamp(g.modified / 1000), g.content_type
       FROM given g JOIN bucket b ON b.id = g.bucket_id
       LEFT JOIN before o ON o.bucket_id = g.bucket_id AND o.key = g.key -- which must have been read by then
       WHERE g.etag IS NOT NULL ORDER BY b.id, g.key
       ON CONFLICT (bucket_id, key) DO UPDATE SET size = excluded.size, etag = excluded.etag,
         last_modified = excluded.last_modified, content_type = excluded.content_type
       RETURNING o.bucket_id, o.key, o.size
     ), changed AS (
       SELECT bucket_id, sum(objects)::int AS objects, sum(bytes)::bigint AS bytes FROM (
         SELECT bucket_id, -1 AS objects, -size AS bytes FROM gone
         UNION ALL
         SELECT p.bucket_id, CASE WHEN b.key IS NULL THEN 1 ELSE 0 END, p.size - COALESCE(b.size, 0)
         FROM put p LEFT JOIN before b ON b.bucket_id = p.bucket_id AND b.key = p.key) c GROUP BY bucket_id
     )
     UPDATE bucket b SET objects = b.objects + c.objects, bytes = b.bytes + c.bytes
     FROM changed c WHERE b.id = c.bucket_id AND b.objects IS NOT NULL AND (c.objects <> 0 OR c.bytes <> 0)`,
    [
      objects.map((one) => one.bucketId),
      objects.map((one) => one.key),
      objects.map(({ seen }) => seen?.size ?? null),
      objects.map(({ seen }) => seen?.etag ?? null),
      objects.map(({ seen }) => seen?.lastModified ?? null),
      objects.map(({ seen }) => seen?.contentType ?? null),
    ],
    'record_objects',
  )
}
