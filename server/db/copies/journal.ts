// The journal of a copy: what FaDO wrote on a replica's store, or is about to write or delete. It is written before each
// step that changes the store, in the same statement that asks whether the step is still allowed.

import type { ConflictKind } from '../../domain/trouble/trouble.ts'
import type { Sql } from '../core/pool.ts'
import { mayWrite, sourceAllowed } from './may-write.ts'

/**
 * `left`: the object is gone, but its bucket keeps versions that FaDO wrote. `refused`: the store cannot hold the source's
 * version as it is; what FaDO has there instead, if anything, is the target: an older version, or this one without its tags.
 * All others are told in the schema.
 */
export type JournalState = 'writing' | 'there' | 'deleting' | 'refused' | 'foreign' | 'conflict' | 'overwrite' | 'left'

/** Times are milliseconds. */
export type JournalRow = {
  readonly state: JournalState
  /** Of the source's version that is there, is being written, or stands against a foreign object. */
  readonly sourceEtag: string | null
  readonly sourceModified: number | null
  /** Digest of everything carried beside the bytes. */
  readonly carried: string | null
  readonly size: number | null
  /** Of the object on the replica's store; while writing: of the one that is to be replaced. */
  readonly targetEtag: string | null
  readonly targetModified: number | null
  readonly targetCarried: string | null
  readonly uploadId: string | null
  /** FaDO wrote it once and saw it whole. */
  readonly verified: boolean
}

/** A copy as it was when the work on it began. */
export type WriteGuard = {
  readonly replicaId: string
  readonly epoch: number
  readonly generation: number
  /** The store of the copy that lends the bytes; default: none does. */
  readonly from?: string | null
}

const allowed = mayWrite({ epoch: '$2', generation: '$3' })

/** Which of these writes are still allowed, and whose bytes may still come from where they come from. */
export async function allowedWrites(sql: Sql, guards: readonly WriteGuard[]): Promise<ReadonlySet<WriteGuard>> {
  const { rows } = await sql.query<{ place: number }>(
    `SELECT g.place::int - 1 AS place
     FROM unnest($1::uuid[], $2::int[], $3::bigint[], $4::uuid[]) WITH ORDINALITY
       AS g (replica_id, epoch, generation, lender, place)
     JOIN replica r ON r.id = g.replica_id JOIN bucket b ON b.id = r.bucket_id
     WHERE ${mayWrite({ epoch: 'g.epoch', generation: 'g.generation' })} AND ${sourceAllowed('g.lender')}`,
    [
      guards.map((g) => g.replicaId),
      guards.map((g) => g.epoch),
      guards.map((g) => g.generation),
      guards.map((g) => g.from ?? null),
    ],
    'allowed_writes',
  )
  const places = new Set(rows.map((row) => row.place))
  return new Set(guards.filter((_, place) => places.has(place)))
}

/** SQL of a journal row's columns, for a row called `j`. */
export const journalColumns = `j.state, j.source_etag AS "sourceEtag", j.carried, j.size, j.target_etag AS "targetEtag",
  j.target_carried AS "targetCarried", j.upload_id AS "uploadId", j.verified_at IS NOT NULL AS verified,
  (extract(epoch FROM j.source_modified) * 1000)::float8 AS "sourceModified",
  (extract(epoch FROM j.target_modified) * 1000)::float8 AS "targetModified"`

/**
 * SQL, for a query with `replica r`: the key is leased to this holder. A statement may wait for a connection or a lock until after
 * its holder's lease, and what it says of the key is another's by then. Null: nobody works on the key. Not as an EXISTS, for
 * which PostgreSQL may read all keys that anybody holds.
 */
const isHeld = (
  holder: string,
  key: string,
): string => `(${holder}::uuid IS NULL OR ${holder} = (SELECT h.lease_owner FROM dirty_object h
  WHERE h.bucket_id = r.bucket_id AND h.storage_id = r.storage_id AND h.key = ${key}))`

export type PlannedWrite = { readonly guard: WriteGuard; readonly key: string; readonly what: JournalRow }

/**
 * Says what will be written, and over what; each key of a copy once. False where it is not allowed any more, or the key is not
 * the holder's: then nothing was said. In the order of the writes.
 */
export async function journalWritings(
  sql: Sql,
  holder: string | null,
  writes: readonly PlannedWrite[],
): Promise<boolean[]> {
  const { rows } = await sql.query<{ replicaId: string; key: string }>(
    `INSERT INTO replica_object (replica_id, key, state, epoch, source_etag, source_modified, carried, size, upload_id,
       target_etag, target_modified, target_carried, from_storage_id)
     SELECT r.id, w.key, 'writing', r.epoch, w.source_etag, to_timestamp(w.source_modified / 1000), w.carried, w.size,
       w.upload_id, w.target_etag, to_timestamp(w.target_modified / 1000), w.target_carried, w.lender
     FROM unnest($1::uuid[], $2::int[], $3::bigint[], $4::text[], $5::text[], $6::float8[], $7::text[], $8::bigint[],
       $9::text[], $10::text[], $11::float8[], $12::text[], $13::uuid[]) AS w (replica_id, epoch, generation, key,
       source_etag, source_modified, carried, size, upload_id, target_etag, target_modified, target_carried, lender)
     JOIN replica r ON r.id = w.replica_id JOIN bucket b ON b.id = r.bucket_id
     WHERE ${mayWrite({ epoch: 'w.epoch', generation: 'w.generation' })} AND ${sourceAllowed('w.lender')}
       AND ${isHeld('$14', 'w.key')}
     ORDER BY r.id, w.key
     ON CONFLICT (replica_id, key) DO UPDATE SET state = 'writing', epoch = excluded.epoch,
       source_etag = excluded.source_etag, source_modified = excluded.source_modified, carried = excluded.carried,
       size = excluded.size, upload_id = excluded.upload_id, target_etag = excluded.target_etag,
       target_modified = excluded.target_modified, target_carried = excluded.target_carried,
       from_storage_id = excluded.from_storage_id
     RETURNING replica_id AS "replicaId", key`,
    [
      writes.map(({ guard }) => guard.replicaId),
      writes.map(({ guard }) => guard.epoch),
      writes.map(({ guard }) => guard.generation),
      writes.map(({ key }) => key),
      writes.map(({ what }) => what.sourceEtag),
      writes.map(({ what }) => what.sourceModified),
      writes.map(({ what }) => what.carried),
      writes.map(({ what }) => what.size),
      writes.map(({ what }) => what.uploadId),
      writes.map(({ what }) => what.targetEtag),
      writes.map(({ what }) => what.targetModified),
      writes.map(({ what }) => what.targetCarried),
      writes.map(({ guard }) => guard.from ?? null),
      holder,
    ],
    'journal_writings',
  )
  const said = new Set(rows.map(({ replicaId, key }) => `${replicaId} ${key}`))
  return writes.map(({ guard, key }) => said.has(`${guard.replicaId} ${key}`))
}

/** Says which object will be deleted. False: it is not allowed any more, or the journal knows no such copy. */
export async function journalDeleting(
  sql: Sql,
  holder: string | null,
  { guard, key, what }: PlannedWrite,
): Promise<boolean> {
  const { rowCount } = await sql.query(
    `UPDATE replica_object j SET state = 'deleting', target_etag = $5,
       target_modified = to_timestamp($6::float8 / 1000), target_carried = $7 FROM replica r JOIN bucket b ON b.id = r.bucket_id
     WHERE j.replica_id = $1 AND j.key = $4 AND r.id = $1 AND ${allowed} AND ${isHeld('$8', '$4')}`,
    [
      ...[guard.replicaId, guard.epoch, guard.generation, key],
      ...[what.targetEtag, what.targetModified, what.targetCarried, holder],
    ],
  )
  return (rowCount ?? 0) > 0
}

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
       WHERE j.replica_id = d.replica_id AND j.key = d.key AND ${isHeld('$3', 'd.key')}`,
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
     JOIN replica r ON r.id = e.replica_id WHERE ${isHeld('$14', 'e.key')} ORDER BY r.id, e.key
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

/** Of an object that was written and answered for: nobody has looked since at what is beside its bytes there. */
export const isUnseen = ({ targetCarried }: Pick<JournalRow, 'targetCarried'>): boolean => targetCarried === null

/** The row tells of an object of ours on the replica's store. SQL says the same below. */
export const isOurs = ({ state, targetEtag }: Pick<JournalRow, 'state' | 'targetEtag'>): boolean =>
  state === 'there' || state === 'writing' || state === 'deleting' || (state === 'refused' && targetEtag !== null)

export const sqlIsOurs = `(state IN ('there', 'writing', 'deleting') OR state = 'refused' AND target_etag IS NOT NULL)`

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

/** Of a copy that is being taken away, where no write is allowed any more: says which objects will be deleted. */
export async function journalDeletingAll(
  sql: Sql,
  replicaId: string,
  doomed: readonly { readonly key: string; readonly before: JournalRow }[],
): Promise<void> {
  await sql.query(
    `UPDATE replica_object j SET state = 'deleting', target_etag = d.etag,
       target_modified = to_timestamp(d.modified / 1000), target_carried = d.carried
     FROM unnest($2::text[], $3::text[], $4::float8[], $5::text[]) AS d (key, etag, modified, carried)
     WHERE j.replica_id = $1 AND j.key = d.key`,
    [
      replicaId,
      doomed.map(({ key }) => key),
      doomed.map(({ before }) => before.targetEtag),
      doomed.map(({ before }) => before.targetModified),
      doomed.map(({ before }) => before.targetCarried),
    ],
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

/** What a row in conflict stands for; SQL says the same in `journal-counts.ts`. */
export function conflictKindOf({ state, verified }: JournalRow): ConflictKind {
  if (state === 'refused') return 'refused'
  return verified ? 'changed' : 'foreign'
}
