// Which stores hold an object as its master has it.
import type { Sql } from '../core/pool.ts'
import { isWhole } from '../terms/copy.ts'
import { isAnswering } from '../terms/health.ts'
import { isMissingIn } from '../terms/missing.ts'

export type HolderRecord = {
  readonly storageId: string
  readonly store: string
  /** The bucket's name there. */
  readonly bucketName: string
  readonly isMaster: boolean
  readonly isHealthy: boolean
  readonly hasPublicEndpoint: boolean
  /** What FaDO knows to be there; null: nothing, or of the master: it was not seen yet. */
  readonly etag: string | null
  /** The store of the copy that lent the bytes which were written last; null: they came from the master. */
  readonly fromStorageId: string | null
  /** It is the master's version, and nothing is known against that. The master holds itself. */
  readonly inSync: boolean
}

/** The master, unless it is stopped, then the copies that are wanted, by the names of their stores. */
export async function holdersOf(sql: Sql, bucketId: string, key: string): Promise<HolderRecord[]> {
  const { rows } = await sql.query<HolderRecord>(
    `WITH known AS (SELECT etag FROM object_record WHERE bucket_id = $1::uuid AND key = $2)
     SELECT s.id AS "storageId", s.name AS store, h.bucket_name AS "bucketName", h.is_master AS "isMaster",
       ${isAnswering('s')} AS "isHealthy", s.public_endpoint IS NOT NULL AS "hasPublicEndpoint",
       h.etag, h.in_sync AS "inSync",
       (SELECT f.id FROM storage_deployment f WHERE f.id = h.from_id) AS "fromStorageId"
     FROM (
       SELECT b.master_storage_id AS storage_id, b.master_bucket_name AS bucket_name, true AS is_master,
         (SELECT etag FROM known) AS etag, true AS in_sync, NULL::uuid AS from_id
       FROM bucket b WHERE b.id = $1::uuid AND b.master_stopped IS NULL
       UNION ALL
       SELECT r.storage_id, r.bucket_name, false, j.target_etag,
         ${isWhole('r')} AND COALESCE(j.state IN ('there', 'foreign'), false)
           AND j.source_etag IS NOT DISTINCT FROM (SELECT etag FROM known)
           AND NOT EXISTS (SELECT 1 FROM dirty_object d
             WHERE ${isMissingIn('d', 'r')} AND d.key = $2),
         j.from_storage_id
       FROM replica r LEFT JOIN replica_object j ON j.replica_id = r.id AND j.key = $2
       WHERE r.bucket_id = $1::uuid AND r.wanted
     ) h JOIN storage_deployment s ON s.id = h.storage_id
     ORDER BY h.is_master DESC, s.name`,
    [bucketId, key],
  )
  return rows
}
