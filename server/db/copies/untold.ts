import type { Tx } from '../core/pool.ts'

/**
 * A whole look that began at `startedAt` (milliseconds by PostgreSQL's clock) found changes, and of this bucket no event was heard
 * since the look before: whatever tells of its changes lets them pass. Where events may have been missed for a reason that is
 * known (`gap_since`), or after the first look, that proves nothing. To be called before the look is recorded. Resolves to whether
 * it is silent from now on.
 */
export async function noteUntold(tx: Tx, bucketId: string, startedAt: number): Promise<boolean> {
  const { rows } = await tx.query<{ storageId: string }>(
    `WITH silent AS (
       SELECT b.id, b.master_storage_id FROM bucket b LEFT JOIN bucket_events e ON e.bucket_id = b.id
       WHERE b.id = $1 AND b.master_swept_at IS NOT NULL AND b.gap_since IS NULL
         AND (e.heard_at IS NULL OR e.heard_at < b.master_swept_at)
     ), noted AS (
       INSERT INTO bucket_events AS e (bucket_id, untold_at) SELECT id, to_timestamp($2::float8 / 1000) FROM silent
       ON CONFLICT (bucket_id) DO UPDATE SET untold_at =
         CASE WHEN e.untold_at > COALESCE(e.heard_at, '-infinity') THEN e.untold_at ELSE excluded.untold_at END
       RETURNING bucket_id
     )
     SELECT s.master_storage_id AS "storageId" FROM silent s JOIN noted n ON n.bucket_id = s.id`,
    [bucketId, startedAt],
  )
  tx.changed(
    'storage',
    rows.map(({ storageId }) => storageId),
  )
  return rows.length > 0
}
