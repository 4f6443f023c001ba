// Whether the master's bucket is there and still the recorded one. When it is not, nothing of it may be taken for deleted
// and nothing may be copied from it: everything stops and says why (I10).
import type { BucketFacts } from '../../db/copies/copies.ts'
import { recordMasterCreatedOn, stopMaster } from '../../db/copies/master.ts'
import { hasMovingDates } from '../../db/copies/moving-dates.ts'
import { sampleMaster } from '../../db/copies/object-records.ts'
import type { Pool } from '../../db/core/pool.ts'
import { mostKnown } from '../../domain/same-bucket.ts'
import { type BucketIdentity, type CreationDates, identify } from './bucket-identity.ts'
import type { Store } from './stores.ts'

type Deps = { readonly pool: Pool; readonly creationDates: CreationDates }

/** Whether the master's bucket is the recorded one, asked after this call; a date that moved is recorded. */
export async function identifyMaster(
  deps: Pick<Deps, 'pool' | 'creationDates'>,
  bucket: BucketFacts,
  master: Store,
  signal: AbortSignal,
): Promise<BucketIdentity> {
  const recorded = {
    bucket: bucket.masterBucket,
    createdOn: bucket.masterCreatedOn,
    known: (datesMove: boolean) => sampleMaster(deps.pool, bucket.id, mostKnown, datesMove),
  }
  const identity = await identify(deps, master, recorded, signal)
  if (identity.is === 'moved' || identity.is === 'untold')
    await recordMasterCreatedOn(deps.pool, bucket.id, identity.createdOn)
  return identity
}

/**
 * Stops the master where its bucket is missing or another one, asked after this call. Resolves to the recorded bucket's creation
 * date; null: it is stopped.
 */
export async function stopUnlessRecorded(
  deps: Deps,
  bucket: BucketFacts,
  master: Store,
  signal: AbortSignal,
): Promise<number | null> {
  const identity = await identifyMaster(deps, bucket, master, signal)
  // Of one that is untold no copy can be lost.
  if ('createdOn' in identity) return identity.createdOn
  const stop = identity.is === 'missing' ? 'missing' : 'replaced'
  await deps.pool.transaction((tx) => stopMaster(tx, bucket.id, stop))
  return null
}

/**
 * Whether an object of the master's bucket may replace what FaDO knows of it: the bucket is the recorded one, asked after this
 * call. Where dates move only objects tell a bucket, and one whose objects were all overwritten looks like another: there it may.
 */
export async function confirmOverwrite(
  deps: Deps,
  bucket: BucketFacts,
  master: Store,
  signal: AbortSignal,
): Promise<boolean> {
  return (
    (await hasMovingDates(deps.pool, master.id)) || (await stopUnlessRecorded(deps, bucket, master, signal)) !== null
  )
}
