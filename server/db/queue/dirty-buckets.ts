// The buckets to be decided again: marked in the transaction of the change, claimed by reconcilers under a lease.
import { given } from '../core/given.ts'
import type { Sql } from '../core/pool.ts'
import { valueInForce } from '../policies/in-force.ts'
import { isReturning } from '../terms/health.ts'

/**
 * Which buckets a change touches. `storage` is its id: buckets with a copy there, or their master. `returning`: the same of all
 * stores that are coming back.
 */
export type BucketSet =
  /** `storesFirst`: ids. Those with a copy on one of these stores, or their master, go before the others. */
  | { readonly kind: 'all'; readonly storesFirst?: readonly string[] }
  | { readonly kind: 'ids'; readonly ids: readonly string[] }
  | { readonly kind: 'storage'; readonly storageId: string }
  | { readonly kind: 'returning' }
  /** Those whose policy `callers` names this caller. */
  | { readonly kind: 'caller'; readonly name: string }

/**
 * What touches fewer goes first: a store that died does not wait until a change of the whole fleet is decided, of which those go
 * first that it is most likely to move.
 */
const turns = { single: 0, some: 1, firstOfAll: 2, all: 3 } as const
const { single, ...bulk } = turns

export type Mark = {
  /** A user's change: the route is PENDING until it is decided. */
  readonly intent?: boolean
  /** The change may forbid copies: movers write nothing to these buckets until it is decided. */
  readonly narrowing?: boolean
}

/** SQL, for a bucket `b`. `turn`: default `some`. */
type Selection = { readonly where: string; readonly turn?: string; readonly values: readonly unknown[] }

function selection(set: BucketSet): Selection {
  switch (set.kind) {
    case 'all':
      return {
        where: 'true',
        turn: `CASE WHEN b.master_storage_id = ANY($3::uuid[])
          OR b.id IN (SELECT r.bucket_id FROM replica r WHERE r.storage_id = ANY($3::uuid[]))
          THEN ${turns.firstOfAll} ELSE ${turns.all} END`,
        values: [set.storesFirst ?? []],
      }
    case 'ids':
      return { where: 'b.id = ANY($3::uuid[])', turn: String(turns.single), values: [set.ids] }
    case 'storage':
      return {
        where: `(b.master_storage_id = $3::uuid OR EXISTS
          (SELECT 1 FROM replica r WHERE r.bucket_id = b.id AND r.storage_id = $3::uuid))`,
        values: [set.storageId],
      }
    case 'returning':
      return {
        where: `EXISTS (SELECT 1 FROM storage_deployment s WHERE ${isReturning('s')} AND (s.id = b.master_storage_id
          OR EXISTS (SELECT 1 FROM replica r WHERE r.bucket_id = b.id AND r.storage_id = s.id)))`,
        values: [],
      }
    case 'caller':
      return {
        where: `${valueInForce('callers', 'bucket', 'b.id')} ? $3::text`,
        values: [set.name],
      }
  }
}

/** One statement however many buckets it touches; one that goes meanwhile is passed over. */
export async function markBuckets(sql: Sql, set: BucketSet, mark: Mark = {}): Promise<void> {
  const { where, turn = String(turns.some), values } = selection(set)
  await sql.query(
    `INSERT INTO dirty_bucket AS d (bucket_id, intent, narrowing, turn)
     SELECT o.id, $1::boolean, $2::boolean, o.turn FROM (
       SELECT b.id, ${turn} AS turn FROM bucket b WHERE ${where} ORDER BY b.id FOR KEY SHARE) o
     ORDER BY o.id -- first all buckets, then the marks
     ON CONFLICT (bucket_id) DO UPDATE SET generation = d.generation + 1, attempts = 0,
       intent = d.intent OR excluded.intent, narrowing = d.narrowing OR excluded.narrowing, turn = LEAST(d.turn, excluded.turn),
       not_before = LEAST(d.not_before, now())`,
    [mark.intent ?? false, mark.narrowing ?? false, ...values],
  )
  sql.wake('bucket')
}

export type ClaimedBucket = {
  readonly bucketId: string
  /** The last mark that this claim knows of: a later one is news. */
  readonly mark: number
  readonly attempts: number
  /** A user's change waits for this decision. */
  readonly intent: boolean
}

/** Buckets that were marked one by one, or many together. Each has claims of its own, so that the few never wait for the many. */
export type Turn = 'single' | 'bulk'
const inTurn: Readonly<Record<Turn, string>> = {
  single: `turn = ${single}`,
  bulk: `turn > ${single}`,
}

/**
 * Takes up to `limit` due buckets for `leaseSeconds`. A lease that ran out may be taken by anyone; one of the owner itself
 * was left by a claim that failed, for it claims one batch at a time.
 */
export async function claimBuckets(
  sql: Sql,
  owner: string,
  limit: number,
  leaseSeconds: number,
  turn: Turn,
): Promise<ClaimedBucket[]> {
  const { rows } = await sql.query<ClaimedBucket>(
    `UPDATE dirty_bucket d SET lease_owner = $1, lease_until = now() + make_interval(secs => $3)
     FROM (SELECT bucket_id FROM dirty_bucket
           WHERE ${inTurn[turn]} AND not_before <= now() AND (lease_until IS NULL OR lease_until < now() OR lease_owner = $1)
           ORDER BY turn, intent DESC, not_before LIMIT $2 FOR UPDATE SKIP LOCKED) due
     WHERE d.bucket_id = due.bucket_id
     RETURNING d.bucket_id AS "bucketId", d.generation AS mark, d.attempts, d.intent`,
    [owner, limit, leaseSeconds],
  )
  return rows
}

/** What a decision leaves to be done. */
export type BucketEnd =
  | { readonly kind: 'done' }
  /** Look again after so long; nothing new need happen before. */
  | { readonly kind: 'after'; readonly seconds: number }
  /** It failed; try again with backoff. */
  | { readonly kind: 'retry' }

type Finished = { readonly claim: ClaimedBucket; readonly outcome: BucketEnd }

const finishedColumns = given<Finished>({
  id: ['uuid', ({ claim }) => claim.bucketId],
  mark: ['bigint', ({ claim }) => claim.mark],
  kind: ['text', ({ outcome }) => outcome.kind],
  seconds: [
    'float8',
    ({ claim, outcome }) => (outcome.kind === 'after' ? outcome.seconds : Math.min(60, 0.25 * 2 ** claim.attempts)),
  ],
})

/**
 * A bucket that was marked again meanwhile stays due; its lease ends in any case. Takes the marks in the order in which all buckets
 * are marked. Returns of how many the owner still held the lease: of the others somebody else may have decided since.
 */
export async function finishBuckets(sql: Sql, owner: string, finished: readonly Finished[]): Promise<number> {
  const { rows } = await sql.query<{ held: number }>(
    `WITH held AS (
       SELECT d.bucket_id, d.generation = f.mark AS known, f.kind, f.seconds
       FROM ${finishedColumns.rows('f', 2)} JOIN dirty_bucket d ON d.bucket_id = f.id
       WHERE d.lease_owner = $1 ORDER BY d.bucket_id FOR UPDATE OF d),
     done AS (
       DELETE FROM dirty_bucket d USING held h WHERE d.bucket_id = h.bucket_id AND h.known AND h.kind = 'done'),
     kept AS (
       UPDATE dirty_bucket d SET lease_owner = NULL, lease_until = NULL,
         not_before = CASE WHEN h.known THEN now() + make_interval(secs => h.seconds) ELSE now() END,
         intent = d.intent AND (NOT h.known OR h.kind = 'retry'),
         narrowing = d.narrowing AND (NOT h.known OR h.kind = 'retry'),
         attempts = CASE WHEN h.known AND h.kind = 'retry' THEN d.attempts + 1 ELSE 0 END
       FROM held h WHERE d.bucket_id = h.bucket_id AND NOT (h.known AND h.kind = 'done'))
     SELECT count(*)::int AS held FROM held`,
    [owner, ...finishedColumns.values(finished)],
  )
  return rows[0]?.held ?? 0
}

const arrayOf = (values: readonly unknown[]): string => `'{${values.join(', ')}}'`
const intents = arrayOf([true, false])
/**
 * SQL for a bucket's mark `d`: of one of these turns, before or after `now`. It says each turn and each intent, so that the index of
 * claims gives these marks alone, however many others there are.
 */
const marksOf = (turns: readonly number[], when: '<=' | '>'): string =>
  `d.turn = ANY(${arrayOf(turns)}) AND d.intent = ANY(${intents}) AND d.not_before ${when} now()`

/**
 * Decides again at once what waits for the proxies to agree to a withdrawal. Copies and bucket of each mark that is not due yet are
 * looked up: an EXISTS may be answered by reading all.
 */
export async function hurryWithdrawals(sql: Sql): Promise<void> {
  const { rows } = await sql.query(
    `UPDATE dirty_bucket d SET not_before = now() WHERE ${marksOf(Object.values(turns), '>')} AND COALESCE(
       (SELECT true FROM replica r WHERE r.bucket_id = d.bucket_id AND NOT r.wanted AND r.withdrawn_at IS NULL LIMIT 1),
       (SELECT b.state = 'deleting' FROM bucket b WHERE b.id = d.bucket_id))
     RETURNING d.bucket_id`,
  )
  if (rows.length > 0) sql.wake('bucket')
}

/**
 * Seconds until the next bucket is due, by the database's clock; undefined when none waits. Of those that are due already it is the
 * end of a lease, and of the others the first of each turn and intent: the others are not read.
 */
export async function nextDueBucket(sql: Sql, turn: Turn): Promise<number | undefined> {
  const those = turn === 'single' ? [single] : Object.values(bulk)
  const { rows } = await sql.query<{ seconds: number | null }>(
    `SELECT extract(epoch FROM min(due) - now())::float8 AS seconds FROM (
       SELECT COALESCE(d.lease_until, d.not_before) AS due FROM dirty_bucket d WHERE ${marksOf(those, '<=')}
       UNION ALL
       SELECT next.not_before
       FROM unnest(${arrayOf(those)}::smallint[]) AS t (turn) CROSS JOIN unnest(${intents}::boolean[]) AS i (intent)
       CROSS JOIN LATERAL (SELECT d.not_before FROM dirty_bucket d
         WHERE d.turn = t.turn AND d.intent = i.intent AND d.not_before > now() ORDER BY d.not_before LIMIT 1) next) waiting`,
  )
  return rows[0]?.seconds ?? undefined
}
