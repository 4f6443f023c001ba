// Asks a store whether a bucket is the recorded one.
import { hasMovingDates, recordMovingDates } from '../../db/copies/moving-dates.ts'
import type { Pool } from '../../db/core/pool.ts'
import { type DatedObject, hasRecordedDate, judgeByContent, speaksForBucket } from '../../domain/same-bucket.ts'
import { isAskable } from '../../storage/object-path.ts'
import type { StorageDriver } from '../../storage/storage-driver.ts'
import { orInterrupted, type SharedAnswers } from './shared-answers.ts'
import type { Store } from './stores.ts'

/** When the buckets of a store were made, by their names; shared by the store's id. */
export type CreationDates = SharedAnswers<ReadonlyMap<string, number>>
type Deps = { readonly pool: Pool; readonly creationDates: CreationDates }

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

/**
 * `createdOn`: its creation date as it is reported now, to be recorded where it is another than was. `untold`: the date is
 * another and FaDO knows of nothing in the bucket, so that nothing of ours can be lost, and nothing of others may be taken.
 */
export type BucketIdentity =
  | { readonly is: 'same' | 'moved'; readonly createdOn: number }
  | { readonly is: 'untold'; readonly createdOn: number; readonly isEmpty: boolean }
  | { readonly is: 'missing' | 'other' }

export type Recorded = {
  readonly bucket: string
  /** Null: not known. */
  readonly createdOn: number | null
  /** What FaDO expects to be there; asked for only where the date does not tell. `datesMove`: the store is known for that. */
  readonly known: (datesMove: boolean) => Promise<readonly DatedObject[]>
}

export async function identify(
  deps: Deps,
  store: Store,
  recorded: Recorded,
  signal: AbortSignal,
): Promise<BucketIdentity> {
  const createdOn = await createdOf(deps, store, recorded.bucket, signal)
  if (createdOn === null) return { is: 'missing' }
  if (hasRecordedDate(createdOn, recorded.createdOn)) return { is: 'same', createdOn }
  const datesMove = await hasMovingDates(deps.pool, store.id)
  const known = (await recorded.known(datesMove)).filter(({ key }) => isAskable(key))
  const heads = await Promise.all(known.map(({ key }) => store.driver.head(recorded.bucket, key, { signal })))
  const speaking = known.filter((object, place) => speaksForBucket(object, heads[place] ?? null, datesMove))
  const is = judgeByContent({ asked: known.length, found: speaking.length })
  switch (is) {
    case 'moved':
      await recordMovingDates(deps.pool, store.id)
      return { is, createdOn }
    case 'untold':
      return { is, createdOn, isEmpty: await holdsNothing(store.driver, recorded.bucket, signal) }
    case 'other':
      return { is }
  }
}

async function holdsNothing(driver: StorageDriver, bucket: string, signal: AbortSignal): Promise<boolean> {
  for await (const page of driver.list(bucket, { signal })) if (page.length > 0) return false
  return true
}
