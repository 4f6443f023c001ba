// The one rule by which a mover may write to a copy. Claims, the journal, the making of a bucket, the first sync and the
// residency guard all ask it, each in its own statement.
import { type WriteTerm, writeTerms } from '../../domain/replica/write-permission.ts'
import { isMade } from '../terms/copy.ts'
import { isClosed, isPaused } from '../terms/paused.ts'

/** SQL for the epoch and the generation with which the work began, e.g. `$2` and `$3`. */
type Begun = { readonly epoch: string; readonly generation: string }

const terms: { readonly [T in WriteTerm]: (begun: Begun) => string } = {
  wanted: () => 'r.wanted',
  epoch: ({ epoch }) => `r.epoch = ${epoch} AND b.epoch = ${epoch}`,
  generation: ({ generation }) => `r.generation = ${generation}`,
  kept: () => `b.state <> 'deleting'`,
  trusted: () => 'b.master_stopped IS NULL',
  unreleased: () => 'r.released_at IS NULL',
  settled: () => 'NOT EXISTS (SELECT 1 FROM dirty_bucket n WHERE n.bucket_id = b.id AND n.narrowing)',
  running: () => `NOT ${isPaused('b', 'r.storage_id')}`,
  open: () => `NOT ${isClosed('b.master_storage_id', 'r.storage_id')}`,
}

/** SQL, for a query with `replica r` and its `bucket b`. Work that begins now begins with what the rows say. */
export const mayWrite = (begun: Begun = { epoch: 'b.epoch', generation: 'r.generation' }): string =>
  `(${(Object.keys(writeTerms) as WriteTerm[]).map((term) => terms[term](begun)).join(' AND ')})`

/** SQL: whether this row of `replica` may lend its bytes to the copy on that store. Zones allow it where it is while it is wanted. */
export const mayLend = (lender: string, storageId: string): string =>
  `(${lender}.wanted AND ${lender}.released_at IS NULL AND ${isMade(lender)}
    AND NOT ${isClosed(`${lender}.storage_id`)} AND NOT EXISTS (
    SELECT 1 FROM link_pause lp WHERE lp.from_storage_id = ${lender}.storage_id AND lp.to_storage_id = ${storageId}))`

/** SQL, for a query with `replica r`: nobody lends (the store is null), or its copy may. */
export const sourceAllowed = (lender: string): string =>
  `(${lender} IS NULL OR EXISTS (SELECT 1 FROM replica o
    WHERE o.bucket_id = r.bucket_id AND o.storage_id = ${lender} AND ${mayLend('o', 'r.storage_id')}))`
