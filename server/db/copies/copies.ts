// One copy with all that a mover must know before it acts: the bucket, its master, the replica, and for one key its journal.
import type { MasterChoice } from '../../domain/replica/regress.ts'
import type { Observed } from '../../domain/replica/replica-state.ts'
import type { MasterStop } from '../../domain/trouble/trouble.ts'
import { ms } from '../core/clock.ts'
import { partOf } from '../core/fields.ts'
import type { Sql } from '../core/pool.ts'
import { type JournalRow, journalFields } from './journal-row.ts'
import { mayWrite } from './may-write.ts'
import { nearStores, type OtherCopies, otherCopies } from './other-copies.ts'

/** Times are milliseconds by PostgreSQL's clock, the master's creation date by its store's. */
export type BucketFacts = {
  readonly id: string
  readonly name: string
  readonly state: 'creating' | 'active' | 'deleting'
  readonly epoch: number
  readonly deleteData: boolean
  readonly masterStorageId: string
  readonly masterBucket: string
  readonly masterCreatedOn: number | null
  readonly masterSweptAt: number | null
  /** With a gap: until then no event was missed, 1970 where that is not known. */
  readonly watchedUntil: number | null
  readonly masterStop: MasterStop | null
  /**
   * Its store was away or began anew, and no whole look has judged the master since: it may have been put back to an earlier
   * state, so what it lacks is not believed.
   */
  readonly unjudged: boolean
  /**
   * Since when every object at the master is recorded that was there then: the last whole look, and not before its store was away.
   * Null: it was never looked at whole.
   */
  readonly knownSeconds: number | null
  /** Events may have been missed. */
  readonly hasGap: boolean
  /** What a user chose of one that went backwards, and whether its store was away since, so that this was said of another state. */
  readonly choice: MasterChoice | null
  readonly choiceFrom: string | null
  readonly choiceIsVoid: boolean
}
export type ReplicaFacts = {
  readonly id: string
  readonly storageId: string
  /** The bucket's name on its store. */
  readonly bucketName: string
  readonly wanted: boolean
  /** Whether work that writes to it may begin now. */
  readonly mayWrite: boolean
  readonly epoch: number
  readonly generation: number
  readonly observed: Observed
  readonly createSentAt: number | null
  /** Its first sync takes over what lies there already. */
  readonly takingOver: boolean
  /** A user lets it go with its data. */
  readonly released: boolean
  /** By its store's clock; null while it is not known. */
  readonly createdOn: number | null
  readonly verifiedAt: number | null
  /** Its bucket keeps versions, or may have some of before; as last seen. */
  readonly keepsVersions: boolean
  /** Its store heeds conditions of writes, as it was tried last. */
  readonly heedsConditions: boolean
  /** The turn through all keys in which each is compared whole: the last key, and when it began; null: it begins anew. */
  readonly comparedKey: string | null
  readonly comparingSince: number | null
  readonly braked: number
}

const bucketPart = partOf<BucketFacts>('bucket', {
  id: 'b.id',
  name: 'b.name',
  state: 'b.state',
  epoch: 'b.epoch',
  deleteData: 'b.delete_data',
  masterStorageId: 'b.master_storage_id',
  masterBucket: 'b.master_bucket_name',
  masterCreatedOn: ms('b.master_created_on'),
  masterSweptAt: ms('b.master_swept_at'),
  watchedUntil: ms('b.watched_until'),
  masterStop: 'b.master_stopped',
  unjudged: 'b.away_since IS NOT NULL',
  knownSeconds: `CASE WHEN b.master_swept_at IS NOT NULL
    THEN extract(epoch FROM now() - GREATEST(b.away_since, b.master_swept_at))::float8 END`,
  hasGap: 'b.gap_since IS NOT NULL',
  choice: 'b.master_choice',
  choiceFrom: 'b.master_choice_from',
  choiceIsVoid: 'COALESCE(b.away_since > b.master_chosen_at, false)',
})
const replicaPart = partOf<ReplicaFacts>('replica', {
  id: 'r.id',
  storageId: 'r.storage_id',
  bucketName: 'r.bucket_name',
  wanted: 'r.wanted',
  mayWrite: mayWrite(),
  epoch: 'r.epoch',
  generation: 'r.generation',
  observed: 'r.observed',
  createSentAt: ms('r.create_sent_at'),
  takingOver: 'r.taking_over',
  released: 'r.released_at IS NOT NULL',
  createdOn: ms('r.created_on'),
  verifiedAt: ms('r.verified_at'),
  keepsVersions: `COALESCE(r.versioning->>'versions', 'none') <> 'none'`,
  heedsConditions: `(SELECT 'conditional-writes' = ANY(s.capabilities) FROM storage_deployment s WHERE s.id = r.storage_id)`,
  comparedKey: 'r.compared_key',
  comparingSince: ms('r.comparing_since'),
  braked: 'r.braked',
})
const journalPart = partOf('journal', journalFields)
type Row = Readonly<Record<string, unknown>>

function replicaOf(row: Row): ReplicaFacts | null {
  const replica = replicaPart.of(row)
  return (replica.id as string | null) === null ? null : replica
}
function journalOf(row: Row): JournalRow | null {
  const journal = journalPart.of(row)
  return (journal.state as string | null) === null ? null : journal
}

/** `replica` is null for the master's own store, or when there is no such copy. Null: there is no such bucket. */
export type Copy = { readonly bucket: BucketFacts; readonly replica: ReplicaFacts | null }

export async function loadCopy(sql: Sql, bucketId: string, storageId: string): Promise<Copy | null> {
  const { rows } = await sql.query<Row>(
    `SELECT ${bucketPart.columns}, ${replicaPart.columns}
     FROM bucket b LEFT JOIN replica r ON r.bucket_id = b.id AND r.storage_id = $2 WHERE b.id = $1`,
    [bucketId, storageId],
  )
  const [row] = rows
  return row === undefined ? null : { bucket: bucketPart.of(row), replica: replicaOf(row) }
}

/** An object at the master as FaDO last saw it: what a whole look has judged, or a newer one. Milliseconds. */
export type SeenVersion = { readonly etag: string; readonly lastModified: number }
export type CopyOfKey = Copy & {
  readonly journal: JournalRow | null
  /** For how long its store answers and has not done what the journal says is being written. Null: that is not known. */
  readonly undoneSeconds: number | null
  readonly record: SeenVersion | null
  /** Null: they were not asked for, there being none. */
  readonly others: OtherCopies | null
}

/** `others`: the bucket has other copies, which may lend what this one lacks. */
export type CopyQuestion = {
  readonly bucketId: string
  readonly storageId: string
  readonly key: string
  readonly others: boolean
}

/** In the order of the keys; null where there is no such bucket. */
export async function loadCopiesOfKeys(sql: Sql, ids: readonly CopyQuestion[]): Promise<(CopyOfKey | null)[]> {
  const { rows } = await sql.query<
    Row & {
      readonly place: number
      readonly recordEtag: string | null
      readonly recordModified: number | null
      readonly others: OtherCopies | null
      readonly undoneSeconds: number | null
    }
  >(
    `WITH ${nearStores('$2::uuid[]')} SELECT i.place::int - 1 AS place, m.etag AS "recordEtag",
       ${ms('m.last_modified')} AS "recordModified", extract(epoch FROM now() - j.undone_since)::float8 AS "undoneSeconds",
       ${journalPart.columns}, ${bucketPart.columns}, ${replicaPart.columns},
       CASE WHEN i.others THEN ${otherCopies('i.storage_id', 'i.key')} END AS others
     FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::boolean[]) WITH ORDINALITY
       AS i (bucket_id, storage_id, key, others, place)
     JOIN bucket b ON b.id = i.bucket_id LEFT JOIN replica r ON r.bucket_id = b.id AND r.storage_id = i.storage_id
     LEFT JOIN LATERAL (SELECT * FROM replica_object o WHERE o.replica_id = r.id AND o.key = i.key OFFSET 0) j ON true
     LEFT JOIN LATERAL (SELECT * FROM object_record o WHERE o.bucket_id = i.bucket_id AND o.key = i.key OFFSET 0) m ON true`,
    [ids.map((id) => id.bucketId), ids.map((id) => id.storageId), ids.map((id) => id.key), ids.map((id) => id.others)],
    'copies_of_keys',
  )
  const found = new Map(rows.map((row) => [row.place, row]))
  return ids.map((_, place) => {
    const row = found.get(place)
    if (row === undefined) return null
    const { recordEtag: etag, recordModified: lastModified, undoneSeconds, others } = row
    const record = etag === null || lastModified === null ? null : { etag, lastModified }
    return {
      bucket: bucketPart.of(row),
      replica: replicaOf(row),
      journal: journalOf(row),
      undoneSeconds,
      record,
      others,
    }
  })
}
