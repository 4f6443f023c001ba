// Whether copies hold what their masters had at a time, for all that wait for it in one statement each.
import { type EventFacts, judgeEvents } from '../../domain/fleet/event-source.ts'
import type { Sql } from '../core/pool.ts'
import { eventFactColumns, eventFactTables } from '../queue/bucket-events.ts'
import { lookAtKeys } from '../queue/dirty-objects.ts'
import { sweepSoon } from '../queue/sweeps.ts'
import { isMade, isWhole } from '../terms/copy.ts'

/** `key` null: the whole bucket. */
export type AwaitedKey = { readonly bucket: string; readonly key: string | null }

/** What the master had at `at` (milliseconds by PostgreSQL's clock) is waited for. */
export type Awaiting = { readonly bucketId: string; readonly key: string | null; readonly at: number }

/** An event may be on its way for so long, milliseconds; what it tells of was there when it was asked. */
const eventMs = 100

const watchColumns = `b.gap_since IS NOT NULL AS "hasGap", ${eventFactColumns}`
type Watch = EventFacts & { readonly hasGap: boolean }

/** Events of the master are watched without a gap. */
const isWatched = (watch: Watch): boolean => !watch.hasGap && judgeEvents(watch) === 'believed'

/**
 * A key is looked at again at the master, whatever events told. Of a whole bucket events tell, and where none come a
 * comparison that begins from now on. Null: there is no such bucket.
 */
export async function beginAwaiting(sql: Sql, asked: readonly AwaitedKey[]): Promise<(Awaiting | null)[]> {
  const { rows } = await sql.query<Watch & { name: string; id: string; stores: string[] }>(
    `SELECT b.name, b.id, ${watchColumns},
       ARRAY(SELECT r.storage_id::text FROM replica r WHERE r.bucket_id = b.id) AS stores
     FROM ${eventFactTables}
     WHERE b.name = ANY($1::text[]) AND b.state = 'active'`,
    [[...new Set(asked.map(({ bucket }) => bucket))]],
  )
  const known = new Map(rows.map((row) => [row.name, row]))
  const now = await lookAtKeys(
    sql,
    asked.flatMap(({ bucket, key }) => {
      const row = known.get(bucket)
      return row === undefined || key === null ? [] : [{ bucketId: row.id, key }]
    }),
  )
  const whole = new Set(asked.flatMap(({ bucket, key }) => (key === null ? [bucket] : [])))
  for (const row of rows)
    if (whole.has(row.name) && !isWatched(row))
      for (const storageId of row.stores) await sweepSoon(sql, row.id, storageId)
  return asked.map(({ bucket, key }) => {
    const row = known.get(bucket)
    return row === undefined ? null : { bucketId: row.id, key, at: now + (key === null ? eventMs : 0) }
  })
}

export type AwaitedCopy = { readonly storageId: string; readonly done: boolean }
export type AwaitedState = {
  /** False: the bucket is gone. */
  readonly there: boolean
  /** No change of a user waits to be decided, so these are the copies that are wanted. */
  readonly settled: boolean
  /** Of a key: whether the master has it, or a wanted copy that is done. Null: not looked at yet, or a whole bucket is waited for. */
  readonly exists: boolean | null
  readonly copies: readonly AwaitedCopy[]
}

const inConflict = `SELECT 1 FROM replica_object j WHERE j.replica_id = r.id AND j.state IN ('conflict', 'overwrite', 'refused')`
/** The column is rounded to milliseconds. */
const lacksFor = (
  storageId: string,
) => `SELECT 1 FROM dirty_object d WHERE d.bucket_id = b.id AND d.storage_id = ${storageId}
  AND d.since <= to_timestamp(w.at / 1000) + interval '1 ms'`

const bucketDone = `${isWhole('r')} AND r.braked = 0 AND clock_timestamp() > to_timestamp(w.at / 1000)
  AND NOT EXISTS (${lacksFor('r.storage_id')}) AND NOT EXISTS (${inConflict})`
/** A comparison of the copy began later. */
const isCompared = `COALESCE(r.verified_at > to_timestamp(w.at / 1000), false)`

const isRecorded = `EXISTS (SELECT 1 FROM object_record o WHERE o.bucket_id = b.id AND o.key = w.key)`
const isThere = `EXISTS (SELECT 1 FROM replica_object j WHERE j.replica_id = r.id AND j.key = w.key AND j.state IN ('there', 'foreign'))`
/** It is there as the master has it, or neither has it. */
const keyDone = `${isMade('r')} AND NOT EXISTS (${lacksFor('r.storage_id')} AND d.key = w.key)
  AND NOT EXISTS (${inConflict} AND j.key = w.key)
  AND (NOT ${isRecorded} OR ${isThere})`
/** A copy may be done before what FaDO knows of the master's object is made true. */
const keyExists = `CASE WHEN w.key IS NULL THEN NULL
  WHEN EXISTS (SELECT 1 FROM replica r WHERE r.bucket_id = b.id AND r.wanted AND ${keyDone} AND ${isThere}) THEN true
  WHEN EXISTS (${lacksFor('b.master_storage_id')} AND d.key = w.key) THEN NULL
  ELSE ${isRecorded} END`

type ReadCopy = AwaitedCopy & { readonly compared: boolean }
type Row = Watch &
  Pick<AwaitedState, 'settled' | 'exists'> & { readonly place: number; readonly copies: readonly ReadCopy[] }

/** In the order of what is waited for. */
export async function awaitedStates(sql: Sql, awaiting: readonly Awaiting[]): Promise<AwaitedState[]> {
  const { rows } = await sql.query<Row>(
    `SELECT w.place::int - 1 AS place, ${watchColumns},
       NOT EXISTS (SELECT 1 FROM dirty_bucket n WHERE n.bucket_id = b.id AND n.intent) AS settled,
       ${keyExists} AS "exists",
       COALESCE((SELECT json_agg(json_build_object('storageId', r.storage_id,
           'done', CASE WHEN w.key IS NULL THEN ${bucketDone} ELSE ${keyDone} END,
           'compared', w.key IS NOT NULL OR ${isCompared}) ORDER BY r.id)
         FROM replica r WHERE r.bucket_id = b.id AND r.wanted), '[]') AS copies
     FROM unnest($1::uuid[], $2::text[], $3::float8[]) WITH ORDINALITY AS w (bucket_id, key, at, place)
     JOIN (${eventFactTables}) ON b.id = w.bucket_id AND b.state = 'active'`,
    [awaiting.map((one) => one.bucketId), awaiting.map((one) => one.key), awaiting.map((one) => one.at)],
    'awaited_states',
  )
  const found = new Map(rows.map((row) => [row.place, row]))
  return awaiting.map((_, place) => {
    const row = found.get(place)
    return row === undefined ? { there: false, settled: false, exists: null, copies: [] } : stateOf(row)
  })
}

/** What nobody tells of only a comparison can know. */
function stateOf(row: Row): AwaitedState {
  const copies = row.copies.map(({ storageId, done, compared }) => ({
    storageId,
    done: done && (compared || isWatched(row)),
  }))
  return { there: true, settled: row.settled, exists: row.exists, copies }
}
