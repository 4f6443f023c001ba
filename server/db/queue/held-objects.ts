// What other copies of a bucket hold of what its master had last: that can be copied to one more while the master does not answer.
// Whether there is one is asked of each bucket, so first copies that wait for their masters are gone through page by page.
import type { CopyId } from '../../domain/replica/copy-id.ts'
import type { Sql } from '../core/pool.ts'
import { isWhole } from '../terms/copy.ts'

/** SQL: a whole copy of this bucket on another store than this one. */
export const isHeldElsewhere = (bucketId: string, storageId: string): string => `EXISTS (SELECT 1 FROM replica o
  WHERE o.bucket_id = ${bucketId} AND o.storage_id <> ${storageId} AND ${isWhole('o')})`

/** No id comes before it. */
const noId = '00000000-0000-0000-0000-000000000000'
/** So many tasks are asked at once: more of them would hold up what else is claimed. */
const tasksPerPage = 1_000

/**
 * Of one page of all tasks, behind the place `after` (null: from the first on): first copies that are due, whose masters are on these
 * stores, and that a whole copy elsewhere can fill. `last`: where the next page begins; null: there is none.
 */
export async function findFillable(
  sql: Sql,
  masters: readonly string[],
  after: CopyId | null,
): Promise<{ readonly fillable: readonly CopyId[]; readonly last: CopyId | null }> {
  const { rows } = await sql.query<CopyId & { isFillable: boolean; isLast: boolean }>(
    `WITH page AS MATERIALIZED (
       SELECT t.*, row_number() OVER (ORDER BY t.bucket_id, t.storage_id) AS place FROM (
         SELECT t.* FROM replica_task t WHERE (t.bucket_id, t.storage_id) > ($2::uuid, $3::uuid)
         ORDER BY t.bucket_id, t.storage_id LIMIT ${tasksPerPage}) t
     ), told AS (
       SELECT p.bucket_id, p.storage_id, p.place = ${tasksPerPage} AS is_last,
         p.kind = 'first_sync' AND p.master_storage_id = ANY($1::uuid[]) AND p.not_before <= now()
           AND (p.lease_until IS NULL OR p.lease_until <= now()) AND ${isHeldElsewhere('p.bucket_id', 'p.storage_id')} AS is_fillable
       FROM page p
     )
     SELECT bucket_id AS "bucketId", storage_id AS "storageId", is_fillable AS "isFillable", is_last AS "isLast"
     FROM told WHERE is_fillable OR is_last`,
    [masters, after?.bucketId ?? noId, after?.storageId ?? noId],
    'fillable',
  )
  const placeOf = ({ bucketId, storageId }: CopyId): CopyId => ({ bucketId, storageId })
  const last = rows.find(({ isLast }) => isLast)
  return {
    fillable: rows.filter(({ isFillable }) => isFillable).map(placeOf),
    last: last === undefined ? null : placeOf(last),
  }
}

/** Whether there is a whole copy beside this one. */
export async function hasOtherCopy(sql: Sql, { bucketId, storageId }: CopyId): Promise<boolean> {
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
  { bucketId, storageId }: CopyId,
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
