import type { Sql } from '../core/pool.ts'

export type StorageUsage = { readonly storageId: string; readonly objects: number; readonly bytes: number }

/**
 * What lies on stores for FaDO's buckets, by their masters' counts; a store is absent while some of them is not counted yet.
 * A copy counts in full once its first sync was complete.
 */
export async function usageOfStorages(sql: Sql, ids: readonly string[]): Promise<StorageUsage[]> {
  const { rows } = await sql.query<StorageUsage & { known: boolean }>(
    `SELECT s.id AS "storageId", COALESCE(sum(b.objects), 0)::float8 AS objects, COALESCE(sum(b.bytes), 0)::float8 AS bytes,
       COALESCE(bool_and(b.id IS NULL OR b.objects IS NOT NULL), true) AS known
     FROM storage_deployment s
     LEFT JOIN (SELECT master_storage_id AS storage_id, id AS bucket_id FROM bucket WHERE state <> 'creating'
                UNION ALL SELECT storage_id, bucket_id FROM replica WHERE complete_at IS NOT NULL) copy ON copy.storage_id = s.id
     LEFT JOIN bucket b ON b.id = copy.bucket_id
     WHERE s.id = ANY($1::uuid[]) GROUP BY s.id`,
    [ids],
  )
  return rows.filter((row) => row.known)
}
