// How old changes were when a copy had them. Movers add to the month's row, so that the figures of several add up.

import type { Arrivals } from '../../domain/replica/conformance.ts'
import type { CopyId } from '../../domain/replica/copy-id.ts'
import type { Sql } from '../core/pool.ts'

const monthsKept = 13

export async function addArrivals(sql: Sql, at: CopyId, { changes, slowest }: Arrivals): Promise<void> {
  const later = (column: string) =>
    `${column} = CASE WHEN excluded.slowest_seconds > c.slowest_seconds THEN excluded.${column} ELSE c.${column} END`
  const { rows } = await sql.query<{ isNew: boolean }>(
    `INSERT INTO replica_conformance AS c
       (bucket_id, storage_id, month, changes, slowest_seconds, slowest_key, slowest_at, slowest_cause)
     VALUES ($1, $2, date_trunc('month', now() AT TIME ZONE 'UTC'), $3, $4, $5, now(), $6)
     ON CONFLICT (bucket_id, storage_id, month) DO UPDATE SET
       changes = ARRAY(SELECT COALESCE(a.count, 0) + COALESCE(z.count, 0)
         FROM unnest(c.changes) WITH ORDINALITY a (count, band)
         FULL JOIN unnest(excluded.changes) WITH ORDINALITY z (count, band) USING (band) ORDER BY band),
       ${later('slowest_key')}, ${later('slowest_at')}, ${later('slowest_cause')},
       slowest_seconds = GREATEST(c.slowest_seconds, excluded.slowest_seconds)
     RETURNING xmax = 0 AS "isNew"`,
    [at.bucketId, at.storageId, changes, slowest.seconds, slowest.key, JSON.stringify(slowest.cause)],
  )
  if (rows[0]?.isNew !== true) return
  await sql.query(
    `DELETE FROM replica_conformance WHERE bucket_id = $1 AND storage_id = $2
       AND month < date_trunc('month', now() AT TIME ZONE 'UTC') - interval '${monthsKept - 1} months'`,
    [at.bucketId, at.storageId],
  )
}
