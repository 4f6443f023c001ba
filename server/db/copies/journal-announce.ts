// What will be written to a copy's store or deleted there is said in its journal before, in the statement that asks whether it may be.
import { type Columns, given } from '../core/given.ts'
import type { Sql } from '../core/pool.ts'
import { isMade } from '../terms/copy.ts'
import { givenVersions, type JournalRow } from './journal-row.ts'
import { isLeasedTo } from './key-lease.ts'
import { mayWrite, sourceAllowed } from './may-write.ts'
import { type CopyRun, isRunBy } from './run-lease.ts'

/** A copy as it was when the work on it began. */
export type WriteGuard = {
  readonly replicaId: string
  readonly epoch: number
  readonly generation: number
  /** The store of the copy that lends the bytes; default: none does. */
  readonly from?: string | null
}

export type PlannedWrite = { readonly guard: WriteGuard; readonly key: string; readonly what: JournalRow }

const givenGuard = <Item>(guardOf: (item: Item) => WriteGuard): Columns<Item> => ({
  replica_id: ['uuid', (item) => guardOf(item).replicaId],
  epoch: ['int', (item) => guardOf(item).epoch],
  generation: ['bigint', (item) => guardOf(item).generation],
  lender: ['uuid', (item) => guardOf(item).from ?? null],
})
const givenGuards = given<WriteGuard>(givenGuard((guard) => guard))
const givenWrites = given<PlannedWrite>({
  ...givenGuard(({ guard }) => guard),
  key: ['text', ({ key }) => key],
  ...givenVersions(({ what }) => what),
})

/** SQL, for rows of a guard under this name. */
const isAllowed = (name: string): string =>
  `${mayWrite({ epoch: `${name}.epoch`, generation: `${name}.generation` })} AND ${sourceAllowed(`${name}.lender`)}`

/** Which of these writes are still allowed, and whose bytes may still come from where they come from. */
export async function allowedWrites(sql: Sql, guards: readonly WriteGuard[]): Promise<ReadonlySet<WriteGuard>> {
  const { rows } = await sql.query<{ place: number }>(
    `SELECT g.place::int - 1 AS place FROM ${givenGuards.placedRows('g', 1)}
     JOIN replica r ON r.id = g.replica_id JOIN bucket b ON b.id = r.bucket_id WHERE ${isAllowed('g')}`,
    givenGuards.values(guards),
    'allowed_writes',
  )
  const places = new Set(rows.map((row) => row.place))
  return new Set(guards.filter((_, place) => places.has(place)))
}

/**
 * Says what will be written, and over what; each key of a copy once. False where it is not allowed any more (a copy that is being
 * taken away may be wanted again), or the key is not the holder's: then nothing was said. In the order of the writes.
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
     FROM ${givenWrites.rows('w', 2)} JOIN replica r ON r.id = w.replica_id JOIN bucket b ON b.id = r.bucket_id
     WHERE ${isAllowed('w')} AND ${isMade('r')} AND ${isLeasedTo('$1', 'w.key')}
     ORDER BY r.id, w.key
     ON CONFLICT (replica_id, key) DO UPDATE SET state = 'writing', epoch = excluded.epoch,
       source_etag = excluded.source_etag, source_modified = excluded.source_modified, carried = excluded.carried,
       size = excluded.size, upload_id = excluded.upload_id, target_etag = excluded.target_etag,
       target_modified = excluded.target_modified, target_carried = excluded.target_carried,
       undone_since = NULL, from_storage_id = excluded.from_storage_id
     RETURNING replica_id AS "replicaId", key`,
    [holder, ...givenWrites.values(writes)],
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
     WHERE j.replica_id = $1 AND j.key = $4 AND r.id = $1 AND ${mayWrite({ epoch: '$2', generation: '$3' })}
       AND ${isMade('r')} AND ${isLeasedTo('$8', '$4')}`,
    [
      ...[guard.replicaId, guard.epoch, guard.generation, key],
      ...[what.targetEtag, what.targetModified, what.targetCarried, holder],
    ],
  )
  return (rowCount ?? 0) > 0
}

type Doomed = { readonly key: string; readonly before: JournalRow }
const givenDoomed = given<Doomed>({
  key: ['text', ({ key }) => key],
  etag: ['text', ({ before }) => before.targetEtag],
  modified: ['float8', ({ before }) => before.targetModified],
  carried: ['text', ({ before }) => before.targetCarried],
})

/**
 * Of a copy that is being taken away, where no write is allowed any more: says which objects will be deleted. Resolves to their keys:
 * none where the run has the copy no more.
 */
export async function journalDeletingAll(
  sql: Sql,
  { replicaId, runId }: CopyRun,
  doomed: readonly Doomed[],
): Promise<ReadonlySet<string>> {
  const { rows } = await sql.query<{ key: string }>(
    `UPDATE replica_object j SET state = 'deleting', target_etag = d.etag,
       target_modified = to_timestamp(d.modified / 1000), target_carried = d.carried
     FROM ${givenDoomed.rows('d', 3)}, replica r
     WHERE j.replica_id = $1 AND j.key = d.key AND r.id = $1 AND ${isRunBy('$2')} RETURNING j.key`,
    [replicaId, runId, ...givenDoomed.values(doomed)],
  )
  return new Set(rows.map(({ key }) => key))
}
