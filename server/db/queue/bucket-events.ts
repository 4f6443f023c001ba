// Which buckets' events arrive. The intake of events writes when they were heard, movers what they were not told
// (`db/copies/untold.ts`); whether that is enough to be believed is decided by `judgeEvents`.

import type { EventFacts, EventSource } from '../../domain/fleet/event-source.ts'
import { ms } from '../core/clock.ts'
import type { Sql, Tx } from '../core/pool.ts'

/** SQL for the columns of EventFacts; `b` is a bucket, `m` its master's store, `e` its row of `bucket_events` or none. */
export const eventFactColumns = `m.events AS setting, 'webhook-events' = ANY(m.capabilities) AS offered,
  ${ms('e.heard_at')} AS "heardAt", ${ms('e.untold_at')} AS "untoldAt"`

/** SQL: the tables of these columns. */
export const eventFactTables = `bucket b JOIN storage_deployment m ON m.id = b.master_storage_id
  LEFT JOIN bucket_events e ON e.bucket_id = b.id`

export type BucketEvents = EventFacts & {
  readonly bucketId: string
  readonly bucket: string
  readonly storageId: string
  /** By which source the last event came. */
  readonly heardFrom: EventSource | null
}

const select = `SELECT b.id AS "bucketId", b.name AS bucket, b.master_storage_id AS "storageId", ${eventFactColumns},
  e.heard_from AS "heardFrom" FROM ${eventFactTables}`

export async function eventsOfBuckets(sql: Sql, bucketIds: readonly string[]): Promise<BucketEvents[]> {
  return (await sql.query<BucketEvents>(`${select} WHERE b.id = ANY($1::uuid[])`, [bucketIds])).rows
}

/**
 * SQL for a row of `bucket` called `b` and its master's store `m`: FaDO has subscribed it, and it is believed, as `subscribes` and
 * `judgeEvents` have it. For a statement that must not wait for another one.
 */
export const isSubscribedAndBelieved = `(m.events = 'auto' AND 'webhook-events' = ANY(m.capabilities) AND NOT EXISTS (
  SELECT 1 FROM bucket_events be WHERE be.bucket_id = b.id AND be.untold_at > COALESCE(be.heard_at, '-infinity')))`

/**
 * Of these stores' masters only those that something may be said of: what was not told, what was never heard though somebody set
 * it up, and the last that was heard of each store. A store may have thousands that are well.
 */
export async function eventsToShow(sql: Sql, storageIds: readonly string[]): Promise<BucketEvents[]> {
  const { rows } = await sql.query<BucketEvents>(
    `WITH last AS (
       SELECT DISTINCT ON (b.master_storage_id) b.id FROM bucket b JOIN bucket_events e ON e.bucket_id = b.id
       WHERE b.master_storage_id = ANY($1::uuid[]) AND b.state = 'active' AND e.heard_at IS NOT NULL
       ORDER BY b.master_storage_id, e.heard_at DESC)
     ${select} WHERE b.master_storage_id = ANY($1::uuid[]) AND b.state = 'active'
       AND (e.untold_at IS NOT NULL OR (m.events = 'external' AND e.heard_at IS NULL) OR b.id IN (SELECT id FROM last))
     ORDER BY b.name`,
    [storageIds],
  )
  return rows
}

/** `bucket`: its name on its master's store. `store`: the store's name, where it is known; else any. */
export type Heard = { readonly bucket: string; readonly store: string | null; readonly source: EventSource }

/** SQL for a row of `bucket` called `b`: another store has a master of this name on it, too. */
const isAmbiguous = `EXISTS (SELECT 1 FROM bucket o
  WHERE o.master_bucket_name = b.master_bucket_name AND o.id <> b.id AND o.state <> 'deleting')`

/**
 * Events of these buckets arrived, the latest last. One that may be of either of two stores proves nothing for any. Who is
 * believed again from now on is told to users.
 */
export async function noteHeard(tx: Tx, heard: readonly Heard[]): Promise<void> {
  const { rows } = await tx.query<{ bucketId: string; storageId: string; again: boolean }>(
    `WITH known AS (
       SELECT DISTINCT ON (b.id) b.id, b.master_storage_id, h.source, e.heard_at IS NULL OR e.heard_at < e.untold_at AS again
       FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY AS h (bucket, store, source, place)
       JOIN bucket b ON b.master_bucket_name = h.bucket AND b.state <> 'deleting'
       JOIN storage_deployment m ON m.id = b.master_storage_id AND (h.store IS NULL OR m.name = h.store)
       LEFT JOIN bucket_events e ON e.bucket_id = b.id
       WHERE h.store IS NOT NULL OR NOT ${isAmbiguous} ORDER BY b.id, h.place DESC
     ), noted AS (
       INSERT INTO bucket_events AS e (bucket_id, heard_at, heard_from)
       SELECT b.id, clock_timestamp(), k.source FROM known k JOIN bucket b ON b.id = k.id ORDER BY b.id FOR KEY SHARE OF b
       ON CONFLICT (bucket_id) DO UPDATE SET heard_at = excluded.heard_at, heard_from = excluded.heard_from
       RETURNING e.bucket_id
     )
     SELECT k.id AS "bucketId", k.master_storage_id AS "storageId", COALESCE(k.again, false) AS again
     FROM known k JOIN noted n ON n.bucket_id = k.id`,
    [heard.map(({ bucket }) => bucket), heard.map(({ store }) => store), heard.map(({ source }) => source)],
  )
  tx.changed(
    'bucket',
    rows.filter(({ again }) => again).map(({ bucketId }) => bucketId),
  )
  tx.changed('storage', [...new Set(rows.map(({ storageId }) => storageId))])
}

/** The source said that it tells nothing from now on: until it does again, its buckets, whose ids are returned, are looked at in turns. */
export async function noteSourceEnded(tx: Tx, stores: readonly string[], source: EventSource): Promise<string[]> {
  const { rows } = await tx.query<{ bucketId: string }>(
    `UPDATE bucket_events e SET heard_at = NULL FROM bucket b JOIN storage_deployment m ON m.id = b.master_storage_id
     WHERE b.id = e.bucket_id AND m.name = ANY($1::text[]) AND e.heard_from = $2 RETURNING e.bucket_id AS "bucketId"`,
    [stores, source],
  )
  const ids = rows.map(({ bucketId }) => bucketId)
  tx.changed('bucket', ids)
  return ids
}

/** Something else tells of this store's changes from now on: what is known of what told before says nothing of it. */
export async function forgetEvents(sql: Sql, storageId: string): Promise<void> {
  await sql.query(
    'DELETE FROM bucket_events e USING bucket b WHERE b.id = e.bucket_id AND b.master_storage_id = $1::uuid',
    [storageId],
  )
}

/** Names of the stores whose operators named this topic of AWS SNS. */
export async function storesOfTopic(sql: Sql, arn: string): Promise<string[]> {
  const { rows } = await sql.query<{ name: string }>(
    `SELECT name FROM storage_deployment WHERE $1 = ANY(sns_topics) AND state = 'active' ORDER BY name`,
    [arn],
  )
  return rows.map(({ name }) => name)
}

/** Whether there is a store of this name. */
export async function isStoreName(sql: Sql, name: string): Promise<boolean> {
  const { rowCount } = await sql.query('SELECT 1 FROM storage_deployment WHERE name = $1', [name])
  return rowCount === 1
}
