// The objects at a master as FaDO last saw them, and their count.

import type { DatedObject } from '../../domain/same-bucket.ts'
import { ms } from '../core/clock.ts'
import type { Sql } from '../core/pool.ts'

/** `lastModified` is milliseconds. */
export type ObjectRecord = {
  readonly key: string
  readonly size: number
  readonly etag: string
  readonly lastModified: number
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

/** All records in the byte order of their keys, or those after a key. */
export async function* readRecords(
  sql: Sql,
  bucketId: string,
  startAfter = '',
): AsyncGenerator<readonly ObjectRecord[]> {
  for (let after = startAfter; ; ) {
    const { rows } = await sql.query<ObjectRecord>(
      `SELECT o.key, o.size, o.etag, ${ms('o.last_modified')} AS "lastModified"
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

/** An object of the master with the newest time at which FaDO saw it: by its record, or by what was copied from it. Milliseconds. */
export type NewestSeen = ObjectRecord & { readonly newest: number }

/** All records in the byte order of their keys, with what copies say of them, too: they may know of a later version. */
export async function* readNewestSeen(sql: Sql, bucketId: string): AsyncGenerator<readonly NewestSeen[]> {
  for (let after = ''; ; ) {
    const { rows } = await sql.query<NewestSeen>(
      `SELECT o.key, o.size, o.etag, ${ms('o.last_modified')} AS "lastModified",
         (extract(epoch FROM GREATEST(o.last_modified, (SELECT max(j.source_modified) FROM replica r
           CROSS JOIN LATERAL (SELECT * FROM replica_object j WHERE j.replica_id = r.id AND j.key = o.key OFFSET 0) j
           WHERE r.bucket_id = $1 AND j.state = 'there' AND j.verified_at IS NOT NULL))) * 1000)::float8 AS newest
       FROM (SELECT * FROM object_record WHERE bucket_id = $1 AND key > $2 ORDER BY key LIMIT ${pageSize}) o ORDER BY o.key`,
      [bucketId, after],
    )
    const last = rows.at(-1)
    if (last === undefined) return
    yield rows
    after = last.key
  }
}

/** How many objects the master is known to have, and the first few of them, for one whose bucket is gone. */
export async function summarizeRecords(
  sql: Sql,
  bucketId: string,
  most: number,
): Promise<{ readonly count: number; readonly first: readonly Pick<ObjectRecord, 'key' | 'lastModified'>[] }> {
  const { rows: first } = await sql.query<Pick<ObjectRecord, 'key' | 'lastModified'>>(
    `SELECT key, ${ms('last_modified')} AS "lastModified" FROM object_record
     WHERE bucket_id = $1 ORDER BY key LIMIT $2`,
    [bucketId, most],
  )
  const { rows } = await sql.query<{ count: number }>('SELECT count(*) FROM object_record WHERE bucket_id = $1', [
    bucketId,
  ])
  return { count: rows[0]?.count ?? 0, first }
}

/** Which of these keys an event told to be deleted at the master: they are expected to be gone. */
export async function toldDeleted(sql: Sql, bucketId: string, keys: readonly string[]): Promise<ReadonlySet<string>> {
  const { rows } = await sql.query<{ key: string }>(
    `SELECT DISTINCT d.key FROM bucket b CROSS JOIN LATERAL (
       SELECT b.master_storage_id AS storage_id UNION ALL SELECT r.storage_id FROM replica r WHERE r.bucket_id = b.id) s
     CROSS JOIN unnest($2::text[]) AS k (key)
     JOIN dirty_object d ON d.bucket_id = b.id AND d.storage_id = s.storage_id AND d.key = k.key
     WHERE b.id = $1 AND d.may_delete`,
    [bucketId, keys],
  )
  return new Set(rows.map((row) => row.key))
}

/** SQL: whether an event told that this key was deleted at the master, and the store's row of it has not been looked at yet. */
const isToldDeleted = (storageId: string, key: string) =>
  `EXISTS (SELECT FROM dirty_object d
     WHERE d.bucket_id = $1 AND d.storage_id = ${storageId} AND d.key = ${key} AND d.may_delete)`

/**
 * Some of the objects that the master is known to have: by its records, and by what was copied from it. `butToldDeleted`: none of
 * which an event told that it is gone.
 */
export async function sampleMaster(
  sql: Sql,
  bucketId: string,
  most: number,
  butToldDeleted: boolean,
): Promise<DatedObject[]> {
  const { rows } = await sql.query<DatedObject>(
    `(SELECT o.key, o.etag, ${ms('o.last_modified')} AS "lastModified" FROM bucket b JOIN object_record o ON o.bucket_id = b.id
       WHERE b.id = $1 AND NOT ($3 AND ${isToldDeleted('b.master_storage_id', 'o.key')}) ORDER BY o.key LIMIT $2)
     UNION (SELECT j.key, j.source_etag, ${ms('j.source_modified')} AS "lastModified"
       FROM replica r JOIN replica_object j ON j.replica_id = r.id
       WHERE r.bucket_id = $1 AND j.state = 'there' AND j.source_etag IS NOT NULL
         AND NOT EXISTS (SELECT 1 FROM object_record o WHERE o.bucket_id = $1 AND o.key = j.key)
         AND NOT ($3 AND ${isToldDeleted('r.storage_id', 'j.key')}) LIMIT $2)`,
    [bucketId, Math.ceil(most / 2), butToldDeleted],
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

/**
 * Of objects that the master is known to have: by its record, or else by what was copied from it. Null: of none. In the order
 * of the keys.
 */
export async function knownEtags(
  sql: Sql,
  objects: readonly { readonly bucketId: string; readonly key: string }[],
): Promise<(string | null)[]> {
  const { rows } = await sql.query<{ place: number; etag: string | null }>(
    `SELECT k.place::int - 1 AS place, COALESCE(
       (SELECT etag FROM object_record o WHERE o.bucket_id = k.bucket_id AND o.key = k.key),
       (SELECT j.source_etag FROM replica r JOIN replica_object j ON j.replica_id = r.id
        WHERE r.bucket_id = k.bucket_id AND j.key = k.key AND j.state = 'there' LIMIT 1)) AS etag
     FROM unnest($1::uuid[], $2::text[]) WITH ORDINALITY AS k (bucket_id, key, place)`,
    [objects.map((one) => one.bucketId), objects.map((one) => one.key)],
    'known_etags',
  )
  const found = new Map(rows.map(({ place, etag }) => [place, etag]))
  return objects.map((_, place) => found.get(place) ?? null)
}
