// The journal of a whole copy, page by page.
import type { Sql } from '../core/pool.ts'
import { type JournalRow, journalColumns } from './journal-row.ts'

export type JournalEntry = JournalRow & {
  readonly key: string
  /** Its key is dirty: it is looked at anyway. */
  readonly waiting: boolean
  /** Somebody told that the master deleted it, so no comparison has to suggest that. */
  readonly deleteTold: boolean
  /** Written or verified before the time that was given. */
  readonly older: boolean
}

const pageSize = 1_000

/**
 * All rows in the byte order of their keys, or those after a key; `before` (milliseconds by PostgreSQL's clock) is for `older`.
 */
export async function* readJournal(
  sql: Sql,
  replicaId: string,
  before: number,
  startAfter = '',
): AsyncGenerator<readonly JournalEntry[]> {
  for (let after = startAfter; ; ) {
    const { rows } = await sql.query<JournalEntry>(
      `SELECT j.key, ${journalColumns}, d.key IS NOT NULL AS waiting,
         COALESCE(d.may_delete, false) AS "deleteTold",
         COALESCE(j.verified_at < to_timestamp($3::float8 / 1000), true) AS older
       FROM replica_object j JOIN replica r ON r.id = j.replica_id
       LEFT JOIN dirty_object d ON d.bucket_id = r.bucket_id AND d.storage_id = r.storage_id AND d.key = j.key
       WHERE j.replica_id = $1 AND j.key > $2 ORDER BY j.key LIMIT ${pageSize}`,
      [replicaId, after, before],
    )
    const last = rows.at(-1)
    if (last === undefined) return
    yield rows
    after = last.key
  }
}
