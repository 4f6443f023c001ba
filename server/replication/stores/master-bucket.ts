// Whether the master's bucket is there and still the recorded one. When it is not, nothing of it may be taken for deleted
// and nothing may be copied from it: everything stops and says why (I10).
import type { BucketFacts } from '../../db/copies/copies.ts'
import { stopMaster } from '../../db/copies/master.ts'
import type { Wakeups } from '../../db/core/notify.ts'
import type { Pool } from '../../db/core/pool.ts'
import { isSameBucket } from '../../domain/same-bucket.ts'
import { orInterrupted, type SharedAnswers } from './shared-answers.ts'
import type { Store } from './stores.ts'

/** When the buckets of a store were made, by their names; shared by the store's id. */
export type CreationDates = SharedAnswers<ReadonlyMap<string, number>>

type Deps = { readonly pool: Pool; readonly wakeups: Wakeups; readonly creationDates: CreationDates }

/** Asked after this call. Null: the store has no such bucket. */
export async function createdOf(
  { creationDates }: Pick<Deps, 'creationDates'>,
  { id, driver }: Store,
  bucket: string,
  signal: AbortSignal,
): Promise<number | null> {
  const dates = creationDates(id, async () => {
    const buckets = await driver.listBuckets()
    return new Map(buckets.map(({ name, createdAt }) => [name, createdAt]))
  })
  return (await orInterrupted(dates, signal)).get(bucket) ?? null
}

/** The recorded bucket's creation date, asked after this call; null when it is missing or another: that is written down. */
export async function confirmMaster(
  deps: Deps,
  bucket: BucketFacts,
  master: Store,
  signal: AbortSignal,
): Promise<number | null> {
  const createdOn = await createdOf(deps, master, bucket.masterBucket, signal)
  if (createdOn !== null && isSameBucket(createdOn, bucket.masterCreatedOn)) return createdOn
  const stop = createdOn === null ? 'missing' : 'replaced'
  if (await deps.pool.transaction((sql) => stopMaster(sql, bucket.id, stop))) {
    deps.wakeups.wake('bucket')
    deps.wakeups.wake('event')
  }
  return null
}
