// What may have been missed is looked at again.
import type { CopyId } from '../../domain/replica/copy-id.ts'
import type { SweepLimit } from '../../domain/replica/plan-sweep.ts'
import type { ReplicaTaskKind } from '../../domain/replica/replica-state.ts'
import type { Sql, Tx } from '../core/pool.ts'
import { ask, askOrBegin } from './ask.ts'
import { isSubscribedAndBelieved } from './bucket-events.ts'

/** When a store was last well, in seconds ago. `not-known`, and `not-asked`: the health monitor may still tell. */
export type WellBefore = number | 'not-known' | 'not-asked'

/**
 * The store was away or began anew, so that its events may be lost and it may have been put back: what lies there is looked at
 * again at once. Masters' subscriptions are written again first, for a store that restarts answers before it sends events. What
 * nobody told of is younger than when the store was last well, unless a gap was open by then.
 */
export async function sweepStore(sql: Sql, storageId: string, wellBefore: WellBefore): Promise<void> {
  // In the order of all who take several.
  await sql.query('SELECT 1 FROM bucket WHERE master_storage_id = $1 ORDER BY id FOR NO KEY UPDATE', [storageId])
  // An event may have been on its way for a second; what others than FaDO have set up may take any time.
  await sql.query(
    `UPDATE bucket b SET gap_since = clock_timestamp(), away_since = clock_timestamp(), watched_until = CASE
         WHEN $3 OR (b.gap_since IS NOT NULL AND b.watched_until IS NOT NULL) THEN b.watched_until
         WHEN ${isSubscribedAndBelieved} AND COALESCE(b.gap_since > t.well, t.well IS NOT NULL) THEN t.well
         ELSE 'epoch' END
     FROM storage_deployment m CROSS JOIN (SELECT now() - make_interval(secs => $2::float8 + 1) AS well) t
     WHERE m.id = $1 AND b.master_storage_id = m.id`,
    [storageId, typeof wellBefore === 'number' ? wellBefore : null, wellBefore === 'not-asked'],
  )
  const there = { where: 't.storage_id = $1', values: [storageId] }
  const forgets = ['failures', 'quiet'] as const
  await ask(sql, { kinds: ['master_sweep'], ...there }, { forgets, orders: ['resubscribe'] })
  await ask(sql, { kinds: ['master_rebuild', 'sweep', 'first_sync'], ...there }, { forgets })
}

/** The store's changes become known in another way from now on: subscriptions are written where they are FaDO's, and masters looked at. */
export const subscribeMasters = (sql: Sql, storageId: string): Promise<void> =>
  ask(sql, { kinds: ['master_sweep'], where: 't.storage_id = $1', values: [storageId] }, { orders: ['resubscribe'] })

/** Events of any master may have been missed, e.g. while no control plane ran: every master is looked at again. */
export async function sweepAllMasters(sql: Sql): Promise<void> {
  await sql.query(`UPDATE bucket SET gap_since = clock_timestamp(), watched_until = COALESCE(watched_until, 'epoch')`)
  await ask(sql, { kinds: ['master_sweep'], where: 'true', values: [] }, { forgets: ['quiet'] })
}

/** All copies of a bucket are compared with it as it is now, and the delete brake is released for that: a user ordered so. */
export const sweepAllowingDeletes = (sql: Sql, bucketId: string): Promise<void> =>
  ask(
    sql,
    { kinds: ['sweep', 'first_sync'], where: 't.bucket_id = $1', values: [bucketId] },
    { forgets: ['failures'], orders: ['allowDeletes'] },
  )

export type ResyncOrder = { readonly allowDeletes: boolean; readonly overwrite: boolean }

/** The next look at the whole copy is due now, at each object itself, and under these orders. `kind`: where there is no work on it yet. */
export const orderResync = (
  sql: Sql,
  { bucketId, storageId }: CopyId,
  kind: ReplicaTaskKind,
  { allowDeletes, overwrite }: ResyncOrder,
): Promise<void> =>
  askOrBegin(
    sql,
    { bucketId, storageId, kind },
    {
      forgets: ['failures'],
      orders: [
        'full',
        ...(allowDeletes ? ['allowDeletes' as const] : []),
        ...(overwrite ? ['overwrite' as const] : []),
      ],
    },
  )

/**
 * The next look at these buckets (null: at all) and their copies comes no later than so many seconds after the last one: what is
 * looked at rarely may be hours away. A look under way went by what held before, so another one follows.
 */
export const sweepWithin = (
  sql: Sql,
  bucketIds: readonly string[] | null,
  { seconds, of }: SweepLimit,
): Promise<void> =>
  ask(
    sql,
    {
      kinds: ['sweep', 'master_sweep'],
      where: `($1::uuid[] IS NULL OR t.bucket_id = ANY($1)) AND ($2 OR t.kind = 'master_sweep' AND EXISTS (
         SELECT FROM bucket b JOIN storage_deployment m ON m.id = b.master_storage_id
         WHERE b.id = t.bucket_id AND NOT ${isSubscribedAndBelieved}))`,
      values: [bucketIds, of === 'all'],
    },
    { withinSeconds: seconds },
  )

/**
 * A store said that it has no buckets of these names: masters and copies that should be there are looked at. Of one that is known
 * to be gone nothing is new, and a look under way sees it itself.
 */
export const sweepMissing = (sql: Sql, storageId: string, names: readonly string[]): Promise<void> =>
  ask(sql, {
    kinds: ['master_sweep', 'sweep'],
    where: `t.storage_id = $1 AND t.lease_owner IS NULL AND t.not_before > now() AND EXISTS (
       SELECT FROM bucket b WHERE b.id = t.bucket_id AND (
         (t.kind = 'master_sweep' AND b.master_bucket_name = ANY($2) AND b.master_stopped IS NULL)
         OR (t.kind = 'sweep' AND EXISTS (SELECT FROM replica r WHERE r.bucket_id = b.id AND r.storage_id = $1
           AND r.bucket_name = ANY($2) AND r.observed = 'complete'))))`,
    values: [storageId, names],
  })

/** Nobody tells of changes in these buckets any more: their masters are looked at. */
export const sweepMasters = (sql: Sql, bucketIds: readonly string[]): Promise<void> =>
  ask(sql, { kinds: ['master_sweep'], where: 't.bucket_id = ANY($1::uuid[])', values: [bucketIds] })

const looks = ['sweep', 'first_sync', 'master_sweep'] as const
const isCopy = 't.bucket_id = $1 AND t.storage_id = $2'

/**
 * Something was seen of this copy, or of this master, that only a whole look may decide about. Thousands of keys may say so of one:
 * what is due already, and begins with the first key, is left as it is. Not for what is written in the same transaction: that is
 * `sweepAfterCommit`.
 */
export const sweepSoon = (sql: Sql, bucketId: string, storageId: string): Promise<void> =>
  ask(sql, {
    kinds: looks,
    where: `${isCopy} AND (t.lease_owner IS NOT NULL OR t.not_before > now() OR t.checkpoint IS NOT NULL)`,
    values: [bucketId, storageId],
  })

/** This copy, or this master, is looked at by what stands there after the commit. */
export const sweepAfterCommit = (tx: Tx, bucketId: string, storageId: string): Promise<void> =>
  ask(tx, { kinds: looks, where: isCopy, values: [bucketId, storageId] })
