// Dirty keys are worked on under a lease; while it runs `not_before` is its end, so the queue shows only what is due.

import type { CopyId } from '../../domain/replica/copy-id.ts'
import type { CallFailure } from '../../domain/trouble/trouble.ts'
import { type Columns, given } from '../core/given.ts'
import type { Sql } from '../core/pool.ts'
import { anyKey } from '../terms/missing.ts'

export type ClaimPick = {
  readonly bucketId: string
  readonly storageId: string
  readonly bulk: boolean
  readonly limit: number
  /** Only keys that changed just now. Default: false. */
  readonly young?: boolean
}
export type ObjectId = CopyId & { readonly key: string }
export type ClaimedObject = ObjectId & {
  readonly mark: number
  readonly size: number | null
  readonly bulk: boolean
  /** Its change is known for less than `youngSeconds`. Bulk never is. */
  readonly young: boolean
  readonly attempts: number
  /** That the master has it no more may be acted on. */
  readonly mayDelete: boolean
  /** A former lease on it ran out: its holder may have done the work and told nobody. */
  readonly ranOut: boolean
  /** How old its change is, and what its last try failed of. */
  readonly waitedSeconds: number
  readonly failure: CallFailure | null
}

const givenIds: Columns<ObjectId> = {
  bucket_id: ['uuid', ({ bucketId }) => bucketId],
  storage_id: ['uuid', ({ storageId }) => storageId],
  key: ['text', ({ key }) => key],
}
const givenHeld = given<ObjectId>(givenIds)
const givenClaims = given<ClaimedObject>({
  ...givenIds,
  mark: ['bigint', ({ mark }) => mark],
  bulk: ['boolean', ({ bulk }) => bulk],
})
/** One of so many keys that events told of is the one that waits longest; the others are the newest. */
const shareOfOldest = 4
/** How many keys of a pick are the newest. Of a few, too, every fourth is an oldest one on average. */
function newestOf({ bulk, young = false, limit }: ClaimPick): number {
  if (young) return limit
  return bulk ? 0 : limit - Math.floor(limit / shareOfOldest + Math.random())
}

const givenPicks = given<ClaimPick & { readonly newest: number }>({
  bucket_id: ['uuid', ({ bucketId }) => bucketId],
  storage_id: ['uuid', ({ storageId }) => storageId],
  bulk: ['boolean', ({ bulk }) => bulk],
  oldest: ['int', ({ limit, newest }) => limit - newest],
  newest: ['int', ({ newest }) => newest],
  young: ['boolean', ({ young = false }) => young],
})

/** SQL: due keys of a pick, from one end of its index. */
const dueKeys = (order: 'ASC' | 'DESC', most: string, but = ''): string => `
  SELECT x.* FROM pick w CROSS JOIN LATERAL (
    SELECT d.ctid AS row_at, d.lease_owner IS NOT NULL AS ran_out FROM dirty_object d
    WHERE d.storage_id = w.storage_id AND d.initial = w.bulk AND d.bucket_id = w.bucket_id AND ${anyKey('d')}
      AND d.not_before <= now() ${but} ORDER BY d.not_before ${order} LIMIT ${most} FOR UPDATE SKIP LOCKED) x`

/** SQL: became due and changed after that; the first is what its index knows. */
const isAfter = 'AND d.not_before > w.after AND d.since > w.after'

/**
 * Takes due keys. Of those that events told of the newest go first, so that a copy that was away for long has what happens now at
 * once while it catches up, and some of the oldest with them, so that none waits for ever. One that is changed in this very moment
 * is left to the next claim. One whose former lease ran out is looked at once more, `lookAgainSeconds` from now. What was to be
 * looked at by now is (minus infinity), until that is done or its store turns out to have been away (`lookNow`).
 */
export async function claimObjects(
  sql: Sql,
  lease: {
    readonly owner: string
    readonly seconds: number
    readonly lookAgainSeconds: number
    readonly youngSeconds: number
  },
  picks: readonly ClaimPick[],
): Promise<ClaimedObject[]> {
  if (picks.length === 0) return []
  const shared = picks.map((pick) => ({ ...pick, newest: newestOf(pick) }))
  const { rows } = await sql.query<ClaimedObject>(
    `WITH pick AS MATERIALIZED (
       SELECT w.*, CASE WHEN young THEN now() - make_interval(secs => $4) ELSE '-infinity' END AS after
       FROM ${givenPicks.rows('w', 5)}
     ), old AS MATERIALIZED (${dueKeys('ASC', 'w.oldest')}), new AS MATERIALIZED (
       ${dueKeys('DESC', 'w.newest', `${isAfter} AND d.ctid NOT IN (SELECT row_at FROM old)`)}
     ), due AS (SELECT * FROM old UNION ALL SELECT * FROM new)
     UPDATE dirty_object d SET lease_owner = $1, since_next = CASE WHEN due.ran_out THEN d.since_next END,
       lease_until = now() + make_interval(secs => $2), not_before = now() + make_interval(secs => $2),
       look_again_at = CASE WHEN due.ran_out THEN now() + make_interval(secs => $3)
                            WHEN d.look_again_at <= now() THEN '-infinity' ELSE d.look_again_at END
     FROM due WHERE d.ctid = due.row_at
     RETURNING d.bucket_id AS "bucketId", d.storage_id AS "storageId", d.key, d.generation AS mark, d.size, d.initial AS bulk, d.attempts,
       NOT d.initial AND d.since > now() - make_interval(secs => $4) AS young, d.may_delete AS "mayDelete",
       due.ran_out AS "ranOut", d.failure,
       extract(epoch FROM now() - d.since)::float8 AS "waitedSeconds"`,
    [lease.owner, lease.seconds, lease.lookAgainSeconds, lease.youngSeconds, ...givenPicks.values(shared)],
    'claim_objects',
  )
  return rows
}

/** Rows that are locked one after the other in this order cannot wait for each other in a circle. */
const inOrder = 'ORDER BY bucket_id, storage_id, key'

/** Prolongs these leases; resolves to those that are still held. */
export async function renewObjects(
  sql: Sql,
  lease: { readonly owner: string; readonly seconds: number },
  held: readonly ObjectId[],
): Promise<ObjectId[]> {
  const { rows } = await sql.query<ObjectId>(
    `WITH own AS MATERIALIZED (
       SELECT h.* FROM (
         SELECT * FROM ${givenHeld.rows('h', 3)} ${inOrder}) h
       CROSS JOIN LATERAL (
         SELECT 1 FROM dirty_object o WHERE o.bucket_id = h.bucket_id AND o.storage_id = h.storage_id AND o.key = h.key
           AND o.lease_owner = $1 FOR UPDATE) o
     )
     UPDATE dirty_object d SET lease_until = now() + make_interval(secs => $2),
       not_before = now() + make_interval(secs => $2)
     FROM own WHERE d.bucket_id = own.bucket_id AND d.storage_id = own.storage_id AND d.key = own.key AND d.lease_owner = $1
     RETURNING d.bucket_id AS "bucketId", d.storage_id AS "storageId", d.key`,
    [lease.owner, lease.seconds, ...givenHeld.values(held)],
    'renew_objects',
  )
  return rows
}

const jsonOf = (failure: CallFailure | null) => (failure === null ? null : JSON.stringify(failure))
const thatRow = 'bucket_id = $1 AND storage_id = $2 AND key = $3 AND lease_owner = $4'

/** SQL: nothing that was asked of a store under a former lease may still be done. */
const owesNoLook = `COALESCE(d.look_again_at, '-infinity') = '-infinity'`

/** `ageSeconds`: of the change that the work was about. */
export type FinishedObject = { readonly news: boolean; readonly ageSeconds: number }
const notThere: FinishedObject = { news: false, ageSeconds: 0 }

/**
 * The keys are as they should be. News that came meanwhile keep one due at once; one that must be looked at again waits for
 * that, with a `since` that lies ahead. The lease ends in any case. In the order of the claims: whether there were news.
 */
export async function finishObjects(
  sql: Sql,
  owner: string,
  claims: readonly ClaimedObject[],
): Promise<FinishedObject[]> {
  const { rows } = await sql.query<FinishedObject & { place: number; missed: boolean }>(
    `WITH done AS MATERIALIZED (
       SELECT d.row_at, d.generation = c.mark AS as_claimed, d.age, c.bulk, c.place
       FROM (SELECT * FROM ${givenClaims.placedRows('c', 2)} ${inOrder}) c
       CROSS JOIN LATERAL (
         SELECT o.ctid AS row_at, o.generation, extract(epoch FROM now() - o.since)::float8 AS age FROM dirty_object o
         WHERE o.bucket_id = c.bucket_id AND o.storage_id = c.storage_id AND o.key = c.key AND o.lease_owner = $1
         FOR UPDATE) d
     ), gone AS (
       DELETE FROM dirty_object d USING done
       WHERE d.ctid = done.row_at AND done.as_claimed AND ${owesNoLook} RETURNING done.place
     ), kept AS (
       UPDATE dirty_object d SET lease_owner = NULL, lease_until = NULL, attempts = 0, failure = NULL,
         initial = d.initial AND NOT done.bulk, since_next = NULL, look_again_at = NULLIF(d.look_again_at, '-infinity'),
         since = CASE WHEN done.as_claimed THEN COALESCE(d.look_again_at, now()) ELSE COALESCE(d.since_next, d.since) END,
         not_before = CASE WHEN done.as_claimed THEN COALESCE(d.look_again_at, now()) ELSE now() END
       FROM done WHERE d.ctid = done.row_at AND NOT (done.as_claimed AND ${owesNoLook}) RETURNING done.place
     )
     SELECT done.place::int - 1 AS place, NOT done.as_claimed AS news, done.age AS "ageSeconds",
       NOT EXISTS (SELECT 1 FROM gone WHERE gone.place = done.place)
         AND NOT EXISTS (SELECT 1 FROM kept WHERE kept.place = done.place) AS missed FROM done`,
    [owner, ...givenClaims.values(claims)],
    'finish_objects',
  )
  const ends = claims.map(() => notThere)
  for (const { place, news, ageSeconds } of rows) ends[place] = { news, ageSeconds }
  // A row that was changed while this statement waited for it lies where the statement does not see it: once more, then.
  const missed = rows.filter((row) => row.missed).map(({ place }) => place)
  const left = missed.flatMap((place) => claims[place] ?? [])
  const again = left.length === 0 ? [] : await finishObjects(sql, owner, left)
  for (const [i, place] of missed.entries()) ends[place] = again[i] ?? notThere
  return ends
}

export type GiveBack = {
  readonly seconds: number
  /** Null: nothing is wrong with the key itself. */
  readonly failure: CallFailure | null
  readonly failed: boolean
  /** News that came meanwhile make it due at once. Default: false. */
  readonly unlessNews?: boolean
  /** A write was cut off and may still land: look at it again after so many seconds, whatever comes. */
  readonly lookAgainSeconds: number | null
}

/**
 * Only a comparison may decide about the key, and it waits for that, not as bulk any more: the copy may be complete otherwise,
 * and is as old as this change. It is due after so many seconds in any case, and at once where news came meanwhile.
 */
export async function keepUntold(
  sql: Sql,
  owner: string,
  claim: ClaimedObject,
  seconds: number,
): Promise<{ readonly news: boolean }> {
  const { rows } = await sql.query<{ news: boolean }>(
    `UPDATE dirty_object SET lease_owner = NULL, lease_until = NULL, since_next = NULL, attempts = 0, failure = NULL,
       initial = initial AND NOT $7::boolean,
       not_before = now() + CASE WHEN generation = $5 THEN make_interval(secs => $6) ELSE '0' END
     WHERE ${thatRow} RETURNING generation <> $5 AS news`,
    [claim.bucketId, claim.storageId, claim.key, owner, claim.mark, seconds, claim.bulk],
  )
  return { news: rows[0]?.news ?? false }
}

/** The key is not done: it is due again after `seconds`. */
export async function giveBackObject(sql: Sql, owner: string, claim: ClaimedObject, back: GiveBack): Promise<void> {
  await sql.query(
    `UPDATE dirty_object SET lease_owner = NULL, lease_until = NULL, since_next = NULL, failure = COALESCE($5::jsonb, failure),
       not_before = now() + CASE WHEN $9::bigint <> generation THEN '0' ELSE make_interval(secs => $6) END,
       attempts = attempts + CASE WHEN $7::boolean THEN 1 ELSE 0 END,
       look_again_at = GREATEST(look_again_at, now() + make_interval(secs => $8))
     WHERE ${thatRow}`,
    [
      claim.bucketId,
      claim.storageId,
      claim.key,
      owner,
      jsonOf(back.failure),
      back.seconds,
      back.failed,
      back.lookAgainSeconds,
      back.unlessNews ? claim.mark : null,
    ],
  )
}

/** Seconds until the next key that waits for its time is due; undefined when none does. */
export async function nextDueObject(sql: Sql): Promise<number | undefined> {
  const { rows } = await sql.query<{ seconds: number | null }>(
    `SELECT extract(epoch FROM min(not_before) - now())::float8 AS seconds FROM dirty_object WHERE not_before > now()`,
    [],
    'next_due_object',
  )
  return rows[0]?.seconds ?? undefined
}
