// The journal of a copy: what FaDO wrote on a replica's store, or is about to write or delete. It is written before each
// step that changes the store, in the same statement that asks whether the step is still allowed (`journal-announce.ts`).
import type { ConflictKind } from '../../domain/trouble/trouble.ts'
import { ms } from '../core/clock.ts'
import type { Fields } from '../core/fields.ts'
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

/** SQL of what a journal's row tells, for a row called `j`. */
export const journalFields: Fields<JournalRow> = {
  state: 'j.state',
  sourceEtag: 'j.source_etag',
  sourceModified: ms('j.source_modified'),
  carried: 'j.carried',
  size: 'j.size',
  targetEtag: 'j.target_etag',
  targetModified: ms('j.target_modified'),
  targetCarried: 'j.target_carried',
  uploadId: 'j.upload_id',
  verified: 'j.verified_at IS NOT NULL',
}

/** The same for SELECT, where nothing else has these names. */
export const journalColumns = Object.entries(journalFields)
  .map(([name, sql]) => `${sql} AS "${name}"`)
  .join(', ')

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

/** What a row in conflict stands for. SQL says the same below. */
export function conflictKindOf({ state, verified }: Pick<JournalRow, 'state' | 'verified'>): ConflictKind {
  if (state === 'refused') return 'refused'
  return verified ? 'changed' : 'foreign'
}

export const sqlConflictKind = `CASE WHEN state = 'refused' THEN 'refused' WHEN verified_at IS NULL THEN 'foreign' ELSE 'changed' END`
