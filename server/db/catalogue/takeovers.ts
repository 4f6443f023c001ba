// Orders to take over copies that lie on stores already, and which buckets of a store FaDO uses.
import type { CatalogueTx } from '../core/client.ts'
import type { Sql } from '../core/pool.ts'

/** `createdOn`: the bucket's creation date as its store reports it. */
export type NewTakeover = {
  readonly bucketId: string
  readonly storageId: string
  readonly bucketName: string
  readonly createdOn: number
}

export async function insertTakeover(tx: CatalogueTx, { createdOn, ...takeover }: NewTakeover): Promise<void> {
  await tx.prisma.takeover.create({ data: { ...takeover, createdOn: new Date(createdOn) } })
}

/** `bucketName` is that on the store, `bucket` FaDO's. */
export type UsedBucket = {
  readonly bucketName: string
  readonly bucket: string
  readonly role: 'master' | 'replica'
}

/** The buckets of a store that FaDO looks after, or is about to. */
export async function usedBuckets(sql: Sql, storageId: string): Promise<UsedBucket[]> {
  const { rows } = await sql.query<UsedBucket>(
    `SELECT b.master_bucket_name AS "bucketName", b.name AS bucket, 'master' AS role FROM bucket b
     WHERE b.master_storage_id = $1::uuid
     UNION ALL
     SELECT r.bucket_name, b.name, 'replica' FROM replica r JOIN bucket b ON b.id = r.bucket_id
     WHERE r.storage_id = $1::uuid AND NOT EXISTS (
       SELECT 1 FROM foreign_bucket f WHERE f.storage_id = r.storage_id AND f.bucket_name = r.bucket_name)
     UNION ALL
     SELECT t.bucket_name, b.name, 'replica' FROM takeover t JOIN bucket b ON b.id = t.bucket_id
     WHERE t.storage_id = $1::uuid`,
    [storageId],
  )
  return rows
}
