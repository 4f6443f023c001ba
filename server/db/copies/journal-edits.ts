// What a copy's journal says after a step: what is there, what is left, what was forgotten.
import { given } from '../core/given.ts'
import type { Sql } from '../core/pool.ts'
import { givenVersions, type JournalRow } from './journal-row.ts'
import { isLeasedTo } from './key-lease.ts'
import { type CopyRun, isRunBy } from './run-lease.ts'

export type JournalPlace = { readonly replicaId: string; readonly key: string; readonly epoch: number }
export type JournalEdit = { readonly at: JournalPlace; readonly row: JournalRow | null }
type KeptEdit = { readonly at: JournalPlace; readonly row: JournalRow }

const givenPlaces = given<JournalPlace>({
  replica_id: ['uuid', ({ replicaId }) => replicaId],
  key: ['text', ({ key }) => key],
})
const givenEdits = given<KeptEdit>({
  replica_id: ['uuid', ({ at }) => at.replicaId],
  key: ['text', ({ at }) => at.key],
  epoch: ['int', ({ at }) => at.epoch],
  state: ['text', ({ row }) => row.state],
  ...givenVersions(({ row }) => row),
  verified: ['boolean', ({ row }) => row.verified],
})

/**
 * Writes the rows as given, each key of a copy once, of keys that are the holder's; null takes one away. `verified` stays once it
 * was; here it can only be added.
 */
export async function putJournal(sql: Sql, holder: string | null, edits: readonly JournalEdit[]): Promise<void> {
  const doomed = edits.flatMap(({ at, row }) => (row === null ? [at] : []))
  const kept = edits.flatMap(({ at, row }) => (row === null ? [] : [{ at, row }]))
  if (doomed.length > 0)
    await sql.query(
      `DELETE FROM replica_object j USING ${givenPlaces.rows('d', 2)} JOIN replica r ON r.id = d.replica_id
       WHERE j.replica_id = d.replica_id AND j.key = d.key AND ${isLeasedTo('$1', 'd.key')}`,
      [holder, ...givenPlaces.values(doomed)],
    )
  if (kept.length === 0) return
  await sql.query(
    `INSERT INTO replica_object (replica_id, key, state, epoch, source_etag, source_modified, carried, size, target_etag,
       target_modified, target_carried, upload_id, verified_at)
     SELECT r.id, e.key, e.state, e.epoch, e.source_etag, to_timestamp(e.source_modified / 1000), e.carried, e.size,
       e.target_etag, to_timestamp(e.target_modified / 1000), e.target_carried, e.upload_id,
       CASE WHEN e.verified THEN now() END
     FROM ${givenEdits.rows('e', 2)}
     JOIN replica r ON r.id = e.replica_id WHERE ${isLeasedTo('$1', 'e.key')} ORDER BY r.id, e.key
     ON CONFLICT (replica_id, key) DO UPDATE SET state = excluded.state, epoch = excluded.epoch,
       source_etag = excluded.source_etag, source_modified = excluded.source_modified, carried = excluded.carried,
       size = excluded.size, target_etag = excluded.target_etag, target_modified = excluded.target_modified,
       target_carried = excluded.target_carried, upload_id = excluded.upload_id,
       undone_since = NULL, verified_at = CASE WHEN excluded.state IN ('there', 'refused') THEN excluded.verified_at
                          WHEN excluded.verified_at IS NOT NULL THEN replica_object.verified_at END`,
    [holder, ...givenEdits.values(kept)],
    'put_journal',
  )
}

/** What is being written there was not done now, as its store answered: it is waited for from this answer on. */
export async function noteUndone(sql: Sql, holder: string, { replicaId, key }: JournalPlace): Promise<void> {
  await sql.query(
    `UPDATE replica_object j SET undone_since = now() FROM replica r
     WHERE j.replica_id = $1 AND j.key = $2 AND r.id = $1 AND j.state = 'writing' AND ${isLeasedTo('$3', '$2')}`,
    [replicaId, key, holder],
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
export async function journalLeft(sql: Sql, { replicaId, runId }: CopyRun, keys: readonly string[]): Promise<void> {
  await sql.query(
    `UPDATE replica_object j SET state = 'left', upload_id = NULL FROM replica r
     WHERE j.replica_id = $1 AND j.key = ANY($2::text[]) AND r.id = $1 AND ${isRunBy('$3')}`,
    [replicaId, keys, runId],
  )
}

export async function forgetJournal(sql: Sql, { replicaId, runId }: CopyRun, keys: readonly string[]): Promise<void> {
  await sql.query(
    `DELETE FROM replica_object j USING replica r
     WHERE j.replica_id = $1 AND j.key = ANY($2::text[]) AND r.id = $1 AND ${isRunBy('$3')}`,
    [replicaId, keys, runId],
  )
}
