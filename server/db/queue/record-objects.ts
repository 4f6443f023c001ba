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
 * SQL: whose turn it is to record what this bucket has, until the transaction ends. Who has the bucket's row has it already
 * (`lockBucket`), and it is not that row's own lock: a statement that locks a row, and changes it as it was before others did, may
 * wait for who waits for it.
 */
export const takeRecords = (bucketId: string): string =>
  `pg_advisory_xact_lock(hashtextextended('records ' || ${bucketId}, 0))::text` // Prisma reads no void

/**
 * Writes what was seen of some objects, each once. How many a bucket has is null until its master was looked at whole; from
 * then on it is kept with each record.
 */
export async function recordObjects(sql: Sql, objects: readonly SeenObject[]): Promise<void> {
  for (let left = objects; left.length > 0; ) left = await record(sql, left)
}

/** Resolves to those that it passed over: somebody else wrote them for the first time since it began, and counted them. */
async function record(sql: Sql, objects: readonly SeenObject[]): Promise<SeenObject[]> {
  const { rows } = await sql.query<{ nth: number }>(
    `WITH given AS MATERIALIZED (
       SELECT * FROM unnest($1::uuid[], $2::text[], $3::bigint[], $4::text[], $5::float8[], $6::text[])
         WITH ORDINALITY AS g (bucket_id, key, size, etag, modified, content_type, nth)
     ), turn AS MATERIALIZED ( -- first the bucket, then its objects: as services do
       SELECT b.id, ${takeRecords('b.id')} FROM (SELECT DISTINCT bucket_id AS id FROM given ORDER BY 1 OFFSET 0) b
     ), counted AS MATERIALIZED (
       SELECT b.id FROM bucket b WHERE b.id IN (SELECT id FROM turn) ORDER BY b.id FOR KEY SHARE
     ), before AS MATERIALIZED (
       SELECT o.bucket_id, o.key, o.size FROM counted c JOIN given g ON g.bucket_id = c.id
       JOIN object_record o ON o.bucket_id = g.bucket_id AND o.key = g.key
       ORDER BY o.bucket_id, o.key FOR UPDATE OF o
     ), gone AS (
       DELETE FROM object_record o USING given g, before b
       WHERE g.etag IS NULL AND b.bucket_id = g.bucket_id AND b.key = g.key AND o.bucket_id = g.bucket_id AND o.key = g.key
       RETURNING o.bucket_id, o.size
     ), put AS (
       INSERT INTO object_record AS o (bucket_id, key, size, etag, last_modified, content_type)
       SELECT c.id, g.key, g.size, g.etag, to_timestamp(g.modified / 1000), g.content_type
       FROM given g JOIN counted c ON c.id = g.bucket_id
       LEFT JOIN before b ON b.bucket_id = g.bucket_id AND b.key = g.key -- which must have been read by then
       WHERE g.etag IS NOT NULL ORDER BY c.id, g.key
       ON CONFLICT (bucket_id, key) DO UPDATE SET size = excluded.size, etag = excluded.etag,
         last_modified = excluded.last_modified, content_type = excluded.content_type
       WHERE EXISTS (SELECT FROM before b WHERE b.bucket_id = o.bucket_id AND b.key = o.key)
       RETURNING o.bucket_id, o.key, o.size
     ), changed AS (
       SELECT bucket_id, sum(objects)::int AS objects, sum(bytes)::bigint AS bytes FROM (
         SELECT bucket_id, -1 AS objects, -size AS bytes FROM gone
         UNION ALL
         SELECT p.bucket_id, CASE WHEN b.key IS NULL THEN 1 ELSE 0 END, p.size - COALESCE(b.size, 0)
         FROM put p LEFT JOIN before b ON b.bucket_id = p.bucket_id AND b.key = p.key) c GROUP BY bucket_id
     ), kept AS (
       UPDATE bucket b SET objects = b.objects + c.objects, bytes = b.bytes + c.bytes
       FROM changed c WHERE b.id = c.bucket_id AND b.objects IS NOT NULL AND (c.objects <> 0 OR c.bytes <> 0)
     )
     SELECT g.nth FROM given g JOIN counted c ON c.id = g.bucket_id WHERE g.etag IS NOT NULL
       AND NOT EXISTS (SELECT FROM put p WHERE p.bucket_id = g.bucket_id AND p.key = g.key)`,
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
  return rows.flatMap(({ nth }) => objects[nth - 1] ?? [])
}
