import type { Tx } from '../core/pool.ts'
import { markBuckets } from './dirty-buckets.ts'

/** Something was seen of a bucket that its placement and its copies depend on: it is decided again, and subscribers are told. */
export async function tellBucket(tx: Tx, bucketId: string): Promise<void> {
  await markBuckets(tx, { kind: 'ids', ids: [bucketId] })
  tx.changed('bucket', [bucketId])
  const { rows } = await tx.query<{ id: string }>('SELECT id FROM replica WHERE bucket_id = $1', [bucketId])
  tx.changed(
    'replica',
    rows.map((row) => row.id),
  )
}
