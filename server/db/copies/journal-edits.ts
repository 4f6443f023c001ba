// What a copy's journal says after a step: what is there, what is left, what was forgotten.
import type { Sql } from '../core/pool.ts'
import type { JournalRow } from './journal-row.ts'
import { isLeasedTo } from './key-lease.ts'

export type JournalPlace = { readonly replicaId: string; readonly key: string; readonly epoch: number }
export type JournalEdit = { readonly at: JournalPlace; readonly row: JournalRow | null }

/**
 * Writes the rows as given, each key of a copy once, of keys that are the holder's; null takes one away. `verified` stays once it
 * was; here it can only be added.
 */
export async function putJournal(sql: Sql, holder: string | null, edits: readonly JournalEdit[]): Promise<void> {
  const doomed = edits.flatMap(({ at, row }) => (row === null ? [at] : []))
  const kept = edits.flatMap(({ at, row }) => (row === null ? [] : [{ at, row }]))
  if (doomed.length > 0)
    await sql.query(
      `DELETE FROM replica_object j USING unnest($1::uuid[], $2::text[]) AS d (replica_id, key)
       JOIN replica r ON r.id = d.replica_id
       WHERE j.replica_id = d.replica_id AND j.key = d.key AND ${isLeasedTo('$3', 'd.key')}`,
      [doomed.map((at) => at.replicaId), doomed.map((at) => at.key), holder],
    )
  if (kept.length === 0) return
  await sql.query(
    `INSERT INTO replica_object (replica_id, key, state, epoch, source_etag, source_modified, carried, size, target_etag,
       target_modified, target_carried, upload_id, verified_at)
     SELECT r.id, e.key, e.state, e.epoch, e.source_etag, to_timestamp(e.source_modified / 1000), e.carried, e.size,
       e.target_etag, to_timestamp(e.target_modified / 1000), e.target_carried, e.upload_id,
       CASE WHEN e.verified THEN now() END
     FROM unnest($1::uuid[], $2::text[], $3::text[], $4::int[], $5::text[], $6::float8[], $7::text[], $8::bigint[],
       $9::text[], $10::float8[], $11::text[], $12::text[], $13::boolean[]) AS e (replica_id, key, state, epoch,
       source_etag, source_modified, carried, size, target_etag, target_modified, target_carried, upload_id, verified)
     JOIN replica r ON r.id = e.replica_id WHERE ${isLeasedTo('$14', 'e.key')} ORDER BY r.id, e.key
     ON CONFLICT (replica_id, key) DO UPDATE SET state = excluded.state, epoch = excluded.epoch,
       source_etag = excluded.source_etag, source_modified = excluded.source_modified, carried = excluded.carried,
       size = excluded.size, target_etag = excluded.target_etag, target_modified = excluded.target_modified,
       target_carried = excluded.target_carried, upload_id = excluded.upload_id,
       verified_at = CASE WHEN excluded.state IN ('there', 'refused') THEN excluded.verified_at
                          WHEN excluded.verified_at IS NOT NULL THEN replica_object.verified_at END`,
    [
      kept.map(({ at }) => at.replicaId),
      kept.map(({ at }) => at.key),
      kept.map(({ row }) => row.state),
      kept.map(({ at }) => at.epoch),
      kept.map(({ row }) => row.sourceEtag),
      kept.map(({ row }) => row.sourceModified),
      kept.map(({ row }) => row.carried),
      kept.map(({ row }) => row.size),
      kept.map(({ row }) => row.targetEtag),
      kept.map(({ row }) => row.targetModified),
      kept.map(({ row }) => row.targetCarried),
      kept.map(({ row }) => row.uploadId),
      kept.map(({ row }) => row.verified),
      holder,
    ],
    'put_journal',
  )
}

/**
 * A user's order: conflicts may be overwritten where the object still is what was seen, and what the store refused is tried
 * again, as if no version of the source had been.
 */
export async function orderOverwrite(sql: Sql, replicaId: string): Promise<void> {
  await sql.query(
    `UPDATE replica_object SET state = CASE state WHEN 'conflict' THEN 'overwrite' ELSE state END,
       source_etag = CASE state WHEN 'conflict' THEN source_etag END
     WHERE replica_id = $1 AND state IN ('conflict', 'refused')`,
    [replicaId],
  )
}

/** Of these keys only versions are left. */
export async function journalLeft(sql: Sql, replicaId: string, keys: readonly string[]): Promise<void> {
  await sql.query(
    `UPDATE replica_object SET state = 'left', upload_id = NULL WHERE replica_id = $1 AND key = ANY($2::text[])`,
    [replicaId, keys],
  )
}

export async function forgetJournal(sql: Sql, replicaId: string, keys: readonly string[]): Promise<void> {
  await sql.query('DELETE FROM replica_object WHERE replica_id = $1 AND key = ANY($2::text[])', [replicaId, keys])
}
