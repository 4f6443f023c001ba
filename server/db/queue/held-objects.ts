// What other copies of a bucket hold of what its master had last: that can be copied to one more while the master does not answer.
import type { Sql } from '../core/pool.ts'
import { isWhole } from '../terms/copy.ts'

/** SQL: a whole copy of this bucket on another store than this one. */
export const isHeldElsewhere = (bucketId: string, storageId: string): string => `EXISTS (SELECT 1 FROM replica o
  WHERE o.bucket_id = ${bucketId} AND o.storage_id <> ${storageId} AND ${isWhole('o')})`

type Place = { readonly bucketId: string; readonly storageId: string }

/** Whether there is a whole copy beside this one. */
export async function hasOtherCopy(sql: Sql, { bucketId, storageId }: Place): Promise<boolean> {
  const { rows } = await sql.query<{ held: boolean }>(`SELECT ${isHeldElsewhere('$1::uuid', '$2::uuid')} AS held`, [
    bucketId,
    storageId,
  ])
  return rows[0]?.held ?? false
}

const pageSize = 1_000
type Page = { readonly last: string | null; readonly objects: number; readonly bytes: number }

/**
 * Marks for a first sync what a whole copy elsewhere holds in the version that FaDO last saw at the master, and this one was not
 * given yet, page by page. A key that is marked already stays as it is.
 */
export async function markHeld(
  sql: Sql,
  { bucketId, storageId }: Place,
  signal: AbortSignal,
): Promise<{ readonly objects: number; readonly bytes: number }> {
  const found = { objects: 0, bytes: 0 }
  for (let after: string | null = ''; after !== null; ) {
    signal.throwIfAborted()
    const page: readonly Page[] = (
      await sql.query<Page>(
        `WITH page AS (
         SELECT key, size, etag FROM object_record WHERE bucket_id = $1 AND key > $3 ORDER BY key LIMIT ${pageSize}
       ), held AS (
         SELECT p.key, p.size FROM page p
         WHERE EXISTS (SELECT 1 FROM replica o JOIN replica_object j ON j.replica_id = o.id AND j.key = p.key
             WHERE o.bucket_id = $1 AND o.storage_id <> $2 AND ${isWhole('o')}
               AND j.state = 'there' AND j.source_etag = p.etag)
           AND NOT EXISTS (SELECT 1 FROM replica r JOIN replica_object j ON j.replica_id = r.id AND j.key = p.key
             WHERE r.bucket_id = $1 AND r.storage_id = $2)
       ), marked AS (
         INSERT INTO dirty_object (bucket_id, storage_id, key, size, initial) SELECT $1, $2, key, size, true FROM held ORDER BY key
         ON CONFLICT (bucket_id, storage_id, key) DO NOTHING
       )
       SELECT (SELECT max(key) FROM page) AS last, count(*)::float8 AS objects, COALESCE(sum(size), 0)::float8 AS bytes FROM held`,
        [bucketId, storageId, after],
      )
    ).rows
    const [row] = page
    found.objects += row?.objects ?? 0
    found.bytes += row?.bytes ?? 0
    after = row?.last ?? null
  }
  sql.wake('object')
  return found
}
