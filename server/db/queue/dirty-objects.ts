// Keys to be looked at: marked by events and listings, one row for each store concerned. Marking a row again only says
// that there is news; rows are never lost and never doubled.

import { type Amount, nothing } from '../../domain/forecast/amount.ts'
import type { CopyId } from '../../domain/replica/copy-id.ts'
import { ms } from '../core/clock.ts'
import type { Sql } from '../core/pool.ts'
import { anyKey, isMissing } from '../terms/missing.ts'

/**
 * An event's hint. The bucket is named by its id, or by its name on its master's store (where `store` names one: on that).
 * `removed`: it tells of a delete, which may be acted on unless events may have been missed since the last whole look: then a
 * comparison must find it.
 */
export type ObjectMark = { readonly key: string; readonly size?: number; readonly removed: boolean } & (
  | { readonly bucketId: string }
  | { readonly masterBucketName: string; readonly store?: string | null }
)

/**
 * `since` is the arrival of the first event after the source was last read: news for a leased row count from now when its
 * holder is done. A key that failed keeps its backoff. The last mark says whether a delete may be acted on: one that was told
 * before the object was written again says nothing of the next. Where marks come out of order, a comparison must find it.
 */
const onAgain = `
  ON CONFLICT (bucket_id, storage_id, key) DO UPDATE SET generation = d.generation + 1,
    since = CASE WHEN d.lease_owner IS NULL THEN LEAST(d.since, excluded.since) ELSE d.since END,
    since_next = CASE WHEN d.lease_owner IS NULL THEN d.since_next ELSE COALESCE(d.since_next, excluded.since) END,
    not_before = CASE WHEN d.lease_owner IS NULL AND d.attempts = 0 THEN LEAST(d.not_before, now()) ELSE d.not_before END,
    size = COALESCE(excluded.size, d.size), initial = d.initial OR excluded.initial`
const asTold = ', may_delete = excluded.may_delete'

/**
 * Marks each key for the bucket's master and for each of its replicas, in one statement. Buckets that FaDO does not know
 * are passed over. Resolves to the ids of the buckets that were marked.
 */
export async function markObjects(sql: Sql, marks: readonly ObjectMark[]): Promise<string[]> {
  if (marks.length === 0) return []
  const { rows } = await sql.query<{ bucketId: string }>(
    `WITH hint AS (
       SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::bigint[], $5::boolean[], $6::text[])
         AS h (bucket_id, master_name, key, size, removed, store)
     ), known AS (
       SELECT b.id, b.master_storage_id, h.key, h.size, h.removed AND b.gap_since IS NULL AS may_delete
       FROM hint h JOIN bucket b ON b.id = h.bucket_id WHERE b.state <> 'deleting'
       UNION ALL
       SELECT b.id, b.master_storage_id, h.key, h.size, h.removed AND b.gap_since IS NULL
       FROM hint h JOIN bucket b ON b.master_bucket_name = h.master_name
       JOIN storage_deployment s ON s.id = b.master_storage_id AND (h.store IS NULL OR s.name = h.store)
       WHERE b.state <> 'deleting'
     ), marked AS (
       INSERT INTO dirty_object AS d (bucket_id, storage_id, key, size, may_delete)
       SELECT k.id, s.storage_id, k.key, max(k.size), bool_and(k.may_delete) FROM known k CROSS JOIN LATERAL (
         SELECT k.master_storage_id AS storage_id UNION ALL
         SELECT r.storage_id FROM replica r WHERE r.bucket_id = k.id) s
       GROUP BY 1, 2, 3 ORDER BY 1, 2, 3 ${onAgain}${asTold}
       RETURNING bucket_id
     ) SELECT DISTINCT bucket_id AS "bucketId" FROM marked`,
    [
      marks.map((mark) => ('bucketId' in mark ? mark.bucketId : null)),
      marks.map((mark) => ('bucketId' in mark ? null : mark.masterBucketName)),
      marks.map((mark) => mark.key),
      marks.map((mark) => mark.size ?? null),
      marks.map((mark) => mark.removed),
      marks.map((mark) => ('bucketId' in mark ? null : (mark.store ?? null))),
    ],
    'mark_objects',
  )
  if (rows.length > 0) sql.wake('object')
  return rows.map((row) => row.bucketId)
}

/**
 * Somebody asks for these keys: each is looked at again at the master and at every copy, and what was told of them stays in
 * force. A key that failed keeps its backoff. Resolves to when that was, in milliseconds by PostgreSQL's clock: until a key was
 * looked at, its row is as old as that, or older.
 */
export async function lookAtKeys(
  sql: Sql,
  keys: readonly { readonly bucketId: string; readonly key: string }[],
): Promise<number> {
  const { rows } = await sql.query<{ now: number }>(
    `WITH marked AS (INSERT INTO dirty_object AS d (bucket_id, storage_id, key)
     SELECT DISTINCT b.id, s.storage_id, k.key FROM unnest($1::uuid[], $2::text[]) AS k (bucket_id, key)
     JOIN bucket b ON b.id = k.bucket_id AND b.state <> 'deleting' CROSS JOIN LATERAL (
       SELECT b.master_storage_id AS storage_id UNION ALL SELECT r.storage_id FROM replica r WHERE r.bucket_id = b.id) s
     ORDER BY 1, 2, 3 ${onAgain})
     SELECT ${ms('now()')} AS now`,
    [keys.map(({ bucketId }) => bucketId), keys.map(({ key }) => key)],
  )
  if (keys.length > 0) sql.wake('object')
  return rows[0]?.now ?? 0
}

/** Something is not there as it was seen: the copy's key is looked at again, and what was told of it stays in force. */
export async function lookAtCopy(sql: Sql, at: CopyId & { readonly key: string }): Promise<void> {
  await sql.query(
    `INSERT INTO dirty_object AS d (bucket_id, storage_id, key) VALUES ($1::uuid, $2::uuid, $3) ${onAgain}`,
    [at.bucketId, at.storageId, at.key],
  )
  sql.wake('object')
}

/**
 * A store answers again: what waited for it as its master is due, and what failed of it, whatever its backoff. What it was told
 * before, and nobody saw done, it may do within `lateSeconds` from now.
 */
export async function lookNow(
  sql: Sql,
  store: { readonly id: string; readonly name: string },
  lateSeconds: number,
): Promise<void> {
  await sql.query(
    `UPDATE dirty_object d SET look_again_at = now() + make_interval(secs => $2)
     WHERE d.storage_id = $1 AND d.look_again_at IS NOT NULL AND ${anyKey('d')}`,
    [store.id, lateSeconds],
  )
  const { rowCount } = await sql.query(
    `UPDATE dirty_object d SET not_before = GREATEST(now(), d.look_again_at) FROM bucket b
     WHERE d.bucket_id = b.id AND (b.master_storage_id = $1 OR d.storage_id = $1) AND ${anyKey('d')}
       AND d.not_before > GREATEST(now(), d.look_again_at) AND d.lease_owner IS NULL
       AND CASE WHEN d.attempts = 0 THEN b.master_storage_id = $1 AND d.storage_id <> $1 ELSE d.failure ->> 'store' = $2 END`,
    [store.id, store.name],
  )
  if ((rowCount ?? 0) > 0) sql.wake('object')
}

/** What failed on this copy is tried again now, whatever its backoff. */
export async function retryNow(sql: Sql, at: CopyId): Promise<void> {
  await sql.query(
    `UPDATE dirty_object SET not_before = now() WHERE bucket_id = $1::uuid AND storage_id = $2::uuid
       AND lease_owner IS NULL AND attempts > 0 AND not_before > now()`,
    [at.bucketId, at.storageId],
  )
  sql.wake('object')
}

export type FoundKey = {
  readonly key: string
  readonly size: number | null
  /** Since when the change is known, at the latest; milliseconds by PostgreSQL's clock. Null: now. */
  readonly since: number | null
  /** A delete that the brake let pass. */
  readonly mayDelete: boolean
}

/** For these stores. `bulk`: after what events told; a first sync is complete when none of it is left. */
export type MarkPlace = { readonly bucketId: string; readonly storageIds: readonly string[]; readonly bulk: boolean }

/**
 * Marks what a listing found. However old an object is, it is waited for since FaDO knows of the bucket at the longest. Resolves
 * to how many of these rows nobody had marked already.
 */
export async function markFound(sql: Sql, at: MarkPlace, found: readonly FoundKey[]): Promise<number> {
  if (found.length === 0) return 0
  const { rows } = await sql.query<{ fresh: number }>(
    `WITH marked AS (INSERT INTO dirty_object AS d (bucket_id, storage_id, key, size, initial, since, may_delete)
     SELECT b.id, s.storage_id, f.key, f.size, $3,
       LEAST(now(), GREATEST(b.created_at, COALESCE(to_timestamp(f.since / 1000.0), now()))), f.may_delete
     FROM bucket b CROSS JOIN unnest($2::uuid[]) AS s (storage_id)
     CROSS JOIN unnest($4::text[], $5::bigint[], $6::float8[], $7::boolean[]) AS f (key, size, since, may_delete)
     WHERE b.id = $1 ORDER BY 2, 3 ${onAgain}${asTold}
     RETURNING d.xmax = 0 AS fresh)
     SELECT count(*) FILTER (WHERE fresh) AS fresh FROM marked`,
    [
      at.bucketId,
      at.storageIds,
      at.bulk,
      found.map((one) => one.key),
      found.map((one) => one.size),
      found.map((one) => one.since),
      found.map((one) => one.mayDelete),
    ],
  )
  sql.wake('object')
  return rows[0]?.fresh ?? 0
}

/**
 * Marks for a first sync, after it compared the listings, what these lack: keys that they hide below a key that is an object
 * itself, and all that a listing left out which broke off unseen. Records and events tell of them; what the listings have is
 * waiting, or in the copy's journal.
 */
export async function markUnlisted(sql: Sql, at: CopyId): Promise<void> {
  await sql.query(
    `WITH known AS (
       SELECT d.key, d.size FROM dirty_object d JOIN bucket b ON b.id = d.bucket_id AND b.master_storage_id = d.storage_id
       WHERE d.bucket_id = $1
       UNION ALL
       SELECT o.key, o.size FROM object_record o WHERE o.bucket_id = $1
     )
     INSERT INTO dirty_object AS d (bucket_id, storage_id, key, size, initial)
     SELECT $1, $2, k.key, max(k.size), true FROM known k
     WHERE NOT EXISTS (SELECT 1 FROM dirty_object w WHERE w.bucket_id = $1 AND w.storage_id = $2 AND w.key = k.key)
       AND NOT EXISTS (SELECT 1 FROM replica r JOIN replica_object j ON j.replica_id = r.id
         WHERE r.bucket_id = $1 AND r.storage_id = $2 AND j.key = k.key)
     GROUP BY k.key ORDER BY k.key ${onAgain}${asTold}`,
    [at.bucketId, at.storageId],
  )
  sql.wake('object')
}

/**
 * A comparison of this copy ended: keys that waited for one are due. What it let pass it marked, what it held the brake tells,
 * and the others it did not miss.
 */
export async function endWaitForComparison(sql: Sql, at: CopyId): Promise<void> {
  const { rowCount } = await sql.query(
    `UPDATE dirty_object SET not_before = GREATEST(now(), look_again_at)
     WHERE bucket_id = $1 AND storage_id = $2 AND NOT initial AND not_before > GREATEST(now(), look_again_at)
       AND lease_owner IS NULL AND attempts = 0 AND NOT may_delete`,
    [at.bucketId, at.storageId],
  )
  if ((rowCount ?? 0) > 0) sql.wake('object')
}

/** Keys that are missing in one copy. */
export async function countWaiting(sql: Sql, bucketId: string, storageId: string): Promise<Amount> {
  const { rows } = await sql.query<Amount>(
    `SELECT count(*) AS objects, COALESCE(sum(size), 0)::bigint AS bytes FROM dirty_object d
     WHERE bucket_id = $1 AND storage_id = $2 AND ${isMissing('d')}`,
    [bucketId, storageId],
  )
  return rows[0] ?? nothing
}

/**
 * Whether a mover may be writing to this copy: a key is leased, or its former holder may still act, which it can for
 * `lateSeconds` after its lease ran out.
 */
export async function isBeingWritten(
  sql: Sql,
  bucketId: string,
  storageId: string,
  lateSeconds: number,
): Promise<boolean> {
  const { rows } = await sql.query<{ busy: boolean }>(
    `SELECT EXISTS (SELECT 1 FROM dirty_object WHERE bucket_id = $1 AND storage_id = $2
       AND (lease_until > now() - make_interval(secs => $3) OR look_again_at > now())) AS busy`,
    [bucketId, storageId, lateSeconds],
  )
  return rows[0]?.busy ?? false
}
