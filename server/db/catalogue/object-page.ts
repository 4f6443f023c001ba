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
