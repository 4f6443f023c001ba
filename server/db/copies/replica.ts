// What movers see of a replica, written where it changes something: the bucket is then decided again and subscribers told.

import type { BucketVersioning } from '../../domain/bucket-versioning.ts'
import { nextObserved, type Observed, type ReplicaEvent } from '../../domain/replica/replica-state.ts'
import type { KeysTrouble } from '../../domain/trouble/standing.ts'
import type { ConflictKind } from '../../domain/trouble/trouble.ts'
import type { Sql, Tx } from '../core/pool.ts'
import { markBuckets } from '../queue/dirty-buckets.ts'
import { isKeyOf } from '../terms/missing.ts'
import type { WriteGuard } from './journal-announce.ts'
import { mayWrite } from './may-write.ts'

/** A decision depends on what changed; keys of the copy may be free to be worked on. */
async function tell(tx: Tx, replicaId: string, bucketId: string): Promise<void> {
  await markBuckets(tx, { kind: 'ids', ids: [bucketId] })
  tx.wake('object')
  tx.changed('replica', [replicaId])
}

/** Moves `observed` on by an event. What belongs to a bucket that is gone goes with it. */
export async function observe(tx: Tx, replicaId: string, event: ReplicaEvent): Promise<Observed> {
  const { rows } = await tx.query<{ observed: Observed; bucketId: string }>(
    'SELECT observed, bucket_id AS "bucketId" FROM replica WHERE id = $1 FOR NO KEY UPDATE',
    [replicaId],
  )
  const [row] = rows
  if (row === undefined) return 'absent'
  const next = nextObserved(row.observed, event)
  const gone = next === 'absent'
  if (next === row.observed && !gone) return next
  await tx.query(
    `UPDATE replica SET observed = $2, taking_over = taking_over AND $2 NOT IN ('complete', 'absent'),
       complete_at = CASE WHEN $2 = 'complete' THEN COALESCE(complete_at, now()) WHEN $3 THEN NULL ELSE complete_at END
     WHERE id = $1`,
    [replicaId, next, gone],
  )
  if (gone) {
    await tx.query('DELETE FROM replica_object WHERE replica_id = $1', [replicaId])
    await tx.query(
      `UPDATE replica SET create_sent_at = NULL, created_on = NULL, versioning = NULL, verified_at = NULL, compared_key = NULL,
         comparing_since = NULL, compared_since = NULL, conflicts = 0, keys_trouble = NULL, braked = 0, braked_since = NULL
       WHERE id = $1`,
      [replicaId],
    )
  }
  await tell(tx, replicaId, row.bucketId)
  return next
}

/** Says that the store will be asked to make the bucket. False: the copy is not wanted any more as it was. */
export async function recordCreateSent(sql: Sql, guard: WriteGuard): Promise<boolean> {
  const { rowCount } = await sql.query(
    `UPDATE replica r SET create_sent_at = COALESCE(r.create_sent_at, now()) FROM bucket b
     WHERE r.id = $1 AND b.id = r.bucket_id AND ${mayWrite({ epoch: '$2', generation: '$3' })}`,
    [guard.replicaId, guard.epoch, guard.generation],
  )
  return (rowCount ?? 0) > 0
}

/** Something of this key is in the way: until it is counted, this one is. */
export async function noteConflict(tx: Tx, replicaId: string, kind: ConflictKind, key: string): Promise<void> {
  const trouble: KeysTrouble = { conflicts: [{ kind, count: 1, keys: [key] }], failing: null }
  const { rows } = await tx.query<{ bucketId: string }>(
    `UPDATE replica SET conflicts = 1, keys_trouble = $2::jsonb WHERE id = $1 AND conflicts = 0
     RETURNING bucket_id AS "bucketId"`,
    [replicaId, JSON.stringify(trouble)],
  )
  for (const row of rows) await tell(tx, replicaId, row.bucketId)
}

/** Whether keys of its first sync (a copy has no other bulk) are left while it is being filled. */
export async function hasBulk(sql: Sql, replicaId: string): Promise<boolean> {
  const { rows } = await sql.query<{ left: boolean }>(
    `SELECT r.observed = 'syncing' AND EXISTS (SELECT 1 FROM dirty_object d
       WHERE ${isKeyOf('d', 'r')} AND d.initial) AS left
     FROM replica r WHERE r.id = $1`,
    [replicaId],
  )
  return rows[0]?.left ?? false
}

/** Which bucket it is that FaDO made there (milliseconds, by its store's clock). */
export async function recordCreatedOn(sql: Sql, replicaId: string, createdOn: number): Promise<void> {
  await sql.query(
    `UPDATE replica SET created_on = to_timestamp($2::float8 / 1000)
     WHERE id = $1 AND created_on IS DISTINCT FROM to_timestamp($2::float8 / 1000)`,
    [replicaId, createdOn],
  )
}

/** A whole comparison ended well. `startedAt`: milliseconds; `braked`: deletes that wait for an order. */
export async function recordVerified(
  tx: Tx,
  replicaId: string,
  seen: {
    readonly startedAt: number
    readonly braked: number
    /** The turn through all keys in which each is compared whole: how far it is, and when it began. */
    readonly turn: { readonly key: string | null; readonly since: number; readonly ended: boolean }
  },
): Promise<void> {
  const { rows } = await tx.query<{ bucketId: string; before: number }>(
    `UPDATE replica r SET verified_at = to_timestamp($2::float8 / 1000), braked = $3,
       braked_since = CASE WHEN $3::int > 0 THEN COALESCE(r.braked_since, LEAST(now(), (
         SELECT min(d.since) FROM dirty_object d
         WHERE ${isKeyOf('d', 'r')} AND NOT d.may_delete))) END,
       compared_key = $4, comparing_since = CASE WHEN $6::boolean THEN NULL ELSE to_timestamp($5::float8 / 1000) END,
       compared_since = CASE WHEN $6 THEN to_timestamp($5::float8 / 1000) ELSE r.compared_since END
     FROM (SELECT id, braked FROM replica WHERE id = $1 FOR NO KEY UPDATE) o WHERE r.id = o.id
     RETURNING r.bucket_id AS "bucketId", o.braked AS before`,
    [replicaId, seen.startedAt, seen.braked, seen.turn.key, seen.turn.since, seen.turn.ended],
  )
  for (const row of rows) if (row.before !== seen.braked) await tell(tx, replicaId, row.bucketId)
}

/** What its bucket keeps of versions. */
export async function recordVersioning(tx: Tx, replicaId: string, versioning: BucketVersioning): Promise<void> {
  const { rows } = await tx.query<{ bucketId: string }>(
    `UPDATE replica SET versioning = $2::jsonb WHERE id = $1 AND versioning IS DISTINCT FROM $2::jsonb
     RETURNING bucket_id AS "bucketId"`,
    [replicaId, JSON.stringify(versioning)],
  )
  for (const row of rows) await tell(tx, replicaId, row.bucketId)
}

/** `braked`: deletes that wait for an order. */
export type ReplicaPlace = { readonly id: string; readonly storageId: string; readonly braked: number }

/** All replicas of a bucket, wanted or not: one that is wanted again must not have missed anything. */
export async function replicasOf(sql: Sql, bucketId: string): Promise<ReplicaPlace[]> {
  const { rows } = await sql.query<ReplicaPlace>(
    'SELECT id, storage_id AS "storageId", braked FROM replica WHERE bucket_id = $1 ORDER BY id',
    [bucketId],
  )
  return rows
}
