// The objects at a master as FaDO last saw them, and their count.
import type { KnownObject } from '../../domain/same-bucket.ts'
import type { Sql } from '../core/pool.ts'

/** `lastModified` is milliseconds. */
export type ObjectRecord = {
  readonly key: string
  readonly size: number
  readonly etag: string
  readonly lastModified: number
}

/** `objects` is null until the master was looked at whole; from then on it is kept with each record. */
const counted = (changes: string) => `
  UPDATE bucket b SET objects = b.objects + c.objects, bytes = b.bytes + c.bytes
  FROM (${changes}) c WHERE b.id = $1 AND b.objects IS NOT NULL AND (c.objects <> 0 OR c.bytes <> 0)`

/** Writes what was seen of one object; null: it is gone. */
export async function recordObject(
  sql: Sql,
  bucketId: string,
  key: string,
  seen: (Omit<ObjectRecord, 'key'> & { readonly contentType: string | null }) | null,
): Promise<void> {
  if (seen === null) {
    await sql.query(
      `WITH gone AS (DELETE FROM object_record WHERE bucket_id = $1 AND key = $2 RETURNING size)
       ${counted('SELECT -count(*) AS objects, -COALESCE(sum(size), 0) AS bytes FROM gone')}`,
      [bucketId, key],
    )
    return
  }
  await sql.query(
    `WITH before AS (SELECT size FROM object_record WHERE bucket_id = $1 AND key = $2 FOR UPDATE),
     put AS (
       INSERT INTO object_record AS o (bucket_id, key, size, etag, last_modified, content_type)
       SELECT id, $2, $3::bigint, $4, to_timestamp($5::float8 / 1000), $6 FROM bucket WHERE id = $1
       ON CONFLICT (bucket_id, key) DO UPDATE SET size = excluded.size, etag = excluded.etag,
         last_modified = excluded.last_modified, content_type = excluded.content_type RETURNING 1
     )
     ${counted(`SELECT 1 - (SELECT count(*) FROM before) AS objects,
       $3::bigint - COALESCE((SELECT sum(size) FROM before), 0) AS bytes FROM put`)}`,
    [bucketId, key, seen.size, seen.etag, seen.lastModified, seen.contentType],
  )
}

/** What a listing shows; the content type of a changed object is not known until it is looked at. */
export async function recordListed(sql: Sql, bucketId: string, objects: readonly ObjectRecord[]): Promise<void> {
  if (objects.length === 0) return
  await sql.query(
    `INSERT INTO object_record AS o (bucket_id, key, size, etag, last_modified)
     SELECT b.id, s.key, s.size, s.etag, to_timestamp(s.modified / 1000)
     FROM bucket b CROSS JOIN unnest($2::text[], $3::bigint[], $4::text[], $5::float8[]) AS s (key, size, etag, modified)
     WHERE b.id = $1 ORDER BY s.key
     ON CONFLICT (bucket_id, key) DO UPDATE SET size = excluded.size, etag = excluded.etag,
       last_modified = excluded.last_modified, content_type = NULL`,
    [
      bucketId,
      objects.map((one) => one.key),
      objects.map((one) => one.size),
      objects.map((one) => one.etag),
      objects.map((one) => one.lastModified),
    ],
  )
}

const pageSize = 1_000

/** All records in the byte order of their keys. */
export async function* readRecords(sql: Sql, bucketId: string): AsyncGenerator<readonly ObjectRecord[]> {
  for (let after = ''; ; ) {
    const { rows } = await sql.query<ObjectRecord>(
      `SELECT o.key, o.size, o.etag, (extract(epoch FROM o.last_modified) * 1000)::float8 AS "lastModified"
       FROM object_record o
       WHERE o.bucket_id = $1 AND o.key > $2 ORDER BY o.key LIMIT ${pageSize}`,
      [bucketId, after],
    )
    const last = rows.at(-1)
    if (last === undefined) return
    yield rows
    after = last.key
  }
}

/** Some of the objects that the master is known to have: by its records, and by what was copied from it. */
export async function sampleMaster(sql: Sql, bucketId: string, most: number): Promise<KnownObject[]> {
  const { rows } = await sql.query<KnownObject>(
    `(SELECT key, etag FROM object_record WHERE bucket_id = $1 ORDER BY key LIMIT $2)
     UNION (SELECT j.key, j.source_etag FROM replica r JOIN replica_object j ON j.replica_id = r.id
       WHERE r.bucket_id = $1 AND j.state = 'there' AND j.source_etag IS NOT NULL
         AND NOT EXISTS (SELECT 1 FROM object_record o WHERE o.bucket_id = $1 AND o.key = j.key) LIMIT $2)`,
    [bucketId, Math.ceil(most / 2)],
  )
  return rows
}

/** Which of these keys the master is known to have. */
export async function recordedKeys(sql: Sql, bucketId: string, keys: readonly string[]): Promise<string[]> {
  const { rows } = await sql.query<{ key: string }>(
    'SELECT key FROM object_record WHERE bucket_id = $1 AND key = ANY($2::text[])',
    [bucketId, keys],
  )
  return rows.map((row) => row.key)
}

/** Of an object that the master is known to have: by its record, or else by what was copied from it. Null: of none. */
export async function knownEtag(sql: Sql, bucketId: string, key: string): Promise<string | null> {
  const { rows } = await sql.query<{ etag: string | null }>(
    `SELECT COALESCE((SELECT etag FROM object_record WHERE bucket_id = $1 AND key = $2),
       (SELECT j.source_etag FROM replica r JOIN replica_object j ON j.replica_id = r.id
        WHERE r.bucket_id = $1 AND j.key = $2 AND j.state = 'there' LIMIT 1)) AS etag`,
    [bucketId, key],
    'known_etag',
  )
  return rows[0]?.etag ?? null
}
