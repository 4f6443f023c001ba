// The journal of a copy: what FaDO wrote on a replica's store, or is about to write or delete. It is written before each
// step that changes the store, in the same statement that asks whether the step is still allowed (`journal-announce.ts`).
import type { ConflictKind } from '../../domain/trouble/trouble.ts'
import type { Columns } from '../core/given.ts'

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

/** SQL of a journal row's columns, for a row called `j`. */
export const journalColumns = `j.state, j.source_etag AS "sourceEtag", j.carried, j.size, j.target_etag AS "targetEtag",
  j.target_carried AS "targetCarried", j.upload_id AS "uploadId", j.verified_at IS NOT NULL AS verified,
  (extract(epoch FROM j.source_modified) * 1000)::float8 AS "sourceModified",
  (extract(epoch FROM j.target_modified) * 1000)::float8 AS "targetModified"`

/** The versions that a row tells of, as a statement is given them. */
export const givenVersions = <Item>(rowOf: (item: Item) => JournalRow): Columns<Item> => ({
  source_etag: ['text', (item) => rowOf(item).sourceEtag],
  source_modified: ['float8', (item) => rowOf(item).sourceModified],
  carried: ['text', (item) => rowOf(item).carried],
  size: ['bigint', (item) => rowOf(item).size],
  upload_id: ['text', (item) => rowOf(item).uploadId],
  target_etag: ['text', (item) => rowOf(item).targetEtag],
  target_modified: ['float8', (item) => rowOf(item).targetModified],
  target_carried: ['text', (item) => rowOf(item).targetCarried],
})

/** Of an object that was written and answered for: nobody has looked since at what is beside its bytes there. */
export const isUnseen = ({ targetCarried }: Pick<JournalRow, 'targetCarried'>): boolean => targetCarried === null

/** The row tells of an object of ours on the replica's store. SQL says the same below. */
export const isOurs = ({ state, targetEtag }: Pick<JournalRow, 'state' | 'targetEtag'>): boolean =>
  state === 'there' || state === 'writing' || state === 'deleting' || (state === 'refused' && targetEtag !== null)

export const sqlIsOurs = `(state IN ('there', 'writing', 'deleting') OR state = 'refused' AND target_etag IS NOT NULL)`

/** What a row in conflict stands for; SQL says the same in `journal-counts.ts`. */
export function conflictKindOf({ state, verified }: JournalRow): ConflictKind {
  if (state === 'refused') return 'refused'
  return verified ? 'changed' : 'foreign'
}
