import type { Sql } from '../core/pool.ts'

/** An object at the master, as FaDO last saw it. */
export type ObjectSeen = {
  readonly key: string
  readonly size: number
  readonly etag: string
  readonly lastModified: Date | null
  readonly contentType: string | null
}

/** In the byte order of their keys, those after `after` that begin with `prefix`. */
export async function listSeenObjects(
  sql: Sql,
  bucketId: string,
  page: { readonly prefix: string; readonly after: string | undefined; readonly limit: number },
): Promise<ObjectSeen[]> {
  const { rows } = await sql.query<ObjectSeen>(
    `SELECT key, size::float8 AS size, etag, last_modified AS "lastModified", content_type AS "contentType"
     FROM object_record WHERE bucket_id = $1::uuid AND key ^@ $2 AND ($3::text IS NULL OR key > $3)
     ORDER BY key LIMIT $4`,
    [bucketId, page.prefix, page.after ?? null, page.limit],
  )
  return rows
}

/** What stands in a folder: an object, or a folder of its own, whose `key` is the prefix of all that is in it. */
export type FolderEntry = { readonly key: string; readonly object: ObjectSeen | null }

/**
 * What keys that begin with `prefix` come to when all that lies behind their next slash counts as one folder. In the byte
 * order of keys; `after` is the key of an entry. Each entry costs one step of the index, however much a folder holds: the next
 * key after a folder `a/` is not below `a0` (0 follows the slash), the next after an object not below its key and U+0001 (no
 * key has NUL).
 */
export async function listFolder(
  sql: Sql,
  bucketId: string,
  page: { readonly prefix: string; readonly after: string | undefined; readonly limit: number },
): Promise<FolderEntry[]> {
  const { prefix, after, limit } = page
  const entry = `CASE WHEN strpos(substr(k.key, $3::int), '/') > 0
    THEN left(k.key, $3::int - 1 + strpos(substr(k.key, $3::int), '/')) ELSE k.key END COLLATE "C"`
  const isFolder = `(f.name LIKE '%/' AND length(f.name) >= $3::int)`
  const next = (from: string) =>
    `SELECT o.key FROM object_record o
     WHERE o.bucket_id = $1::uuid AND o.key ^@ $2 AND o.key >= ${from} ORDER BY o.key LIMIT 1`
  const behindIt = `(CASE WHEN ${isFolder} THEN left(f.name, -1) || '0' ELSE f.name || chr(1) END COLLATE "C")`
  const { rows } = await sql.query<ObjectSeen & { readonly isFolder: boolean }>(
    `WITH RECURSIVE found AS (
       SELECT ${entry} AS name, 1 AS place FROM (${next('$4')}) k
       UNION ALL
       SELECT ${entry}, f.place + 1 FROM found f CROSS JOIN LATERAL (${next(behindIt)}) k WHERE f.place < $5
     )
     SELECT f.name AS key, ${isFolder} AS "isFolder", o.size::float8 AS size, o.etag, o.last_modified AS "lastModified",
       o.content_type AS "contentType"
     FROM found f LEFT JOIN object_record o ON o.bucket_id = $1::uuid AND o.key = f.name ORDER BY f.place`,
    [bucketId, prefix, [...prefix].length + 1, after === undefined ? prefix : behind(prefix, after), limit],
  )
  return rows.map(({ isFolder, ...object }) => ({ key: object.key, object: isFolder ? null : object }))
}

/** The lowest key that may stand after this entry. */
const behind = (prefix: string, key: string): string =>
  key.endsWith('/') && key.length > prefix.length ? `${key.slice(0, -1)}0` : `${key}\u0001`

/** Of the version at the master that FaDO saw last; undefined when it knows of no such object. */
export async function recordedEtag(sql: Sql, bucketId: string, key: string): Promise<string | undefined> {
  const { rows } = await sql.query<{ etag: string }>(
    'SELECT etag FROM object_record WHERE bucket_id = $1::uuid AND key = $2',
    [bucketId, key],
  )
  return rows[0]?.etag
}
