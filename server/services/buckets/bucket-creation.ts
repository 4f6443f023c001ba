// The part of BucketCreate that speaks to the store. Its row is committed first, in the state `creating`; whatever happens
// then, the bucket is made and shown, or the row goes again. After a crash `finishCreations` does the rest.

import { writeAudit } from '../../db/catalogue/audit.ts'
import { activateBucket, type Creation, creations, forgetCreation, type NewBucket } from '../../db/catalogue/buckets.ts'
import { sealedStorageById, storageDatesMove, storagesByIds } from '../../db/catalogue/storage-deployments.ts'
import { withFreeLock } from '../../db/core/advisory-lock.ts'
import { databaseNow } from '../../db/core/clock.ts'
import { markBuckets } from '../../db/queue/dirty-buckets.ts'
import { FadoError } from '../../domain/errors.ts'
import { hasRecordedDate } from '../../domain/same-bucket.ts'
import { isMadeByCall } from '../../storage/made-by-call.ts'
import type { StorageDriver } from '../../storage/storage-driver.ts'
import { StorageError, type StorageErrorKind } from '../../storage/storage-error.ts'
import type { ServiceDeps } from '../shared/deps.ts'
import { accessOf, storeRefusal } from '../stores/probe-store.ts'

/** Held by whoever speaks to the store for this row: a creation in hand is not one that was left behind. */
export const creationLock = (bucketId: string): string => `fado bucket creation ${bucketId}`

/** After these it is not known whether the store made the bucket. */
const unsure: ReadonlySet<StorageErrorKind> = new Set(['unreachable', 'timeout', 'aborted', 'server-error', 'protocol'])
/** After these there are no events, and sweeps find what changes. */
const withoutEvents: ReadonlySet<StorageErrorKind> = new Set(['unsupported', 'access-denied', 'refused', 'protocol'])

const alreadyThere = (bucket: NewBucket, store: string): FadoError =>
  new FadoError(
    'IN_USE',
    `The store ${store} has a bucket ${bucket.masterBucketName} already: BucketAdopt (fado bucket adopt) takes it under FaDO's care as it is`,
    { path: ['name'] },
  )

export async function refuseIfThere(driver: StorageDriver, bucket: NewBucket, store: string): Promise<void> {
  if ((await driver.headBucket(bucket.masterBucketName)) !== null) throw alreadyThere(bucket, store)
}

type StoreAddress = { readonly name: string; readonly endpoint: string }

/** Makes the bucket of a committed row. Rejects with what to tell the user; then the row is gone, unless nobody can know. */
export async function makeBucket(
  deps: ServiceDeps,
  actor: string,
  driver: StorageDriver,
  bucket: NewBucket,
  store: StoreAddress,
): Promise<void> {
  const goneMeanwhile = (error: unknown) => {
    throw left(error, store)
  }
  try {
    await driver.createBucket(bucket.masterBucketName)
  } catch (error) {
    if (error instanceof StorageError && unsure.has(error.kind)) {
      if (await settle(deps, actor, driver, bucket.id).catch(goneMeanwhile)) return
      throw storeRefusal(error, store.endpoint)
    }
    await takeBack(deps, bucket.id)
    if (error instanceof StorageError && error.kind === 'conflict') throw alreadyThere(bucket, store.name)
    throw storeRefusal(error, store.endpoint)
  }
  await finish(deps, actor, driver, bucket).catch(goneMeanwhile)
}

function left(error: unknown, store: StoreAddress): unknown {
  if (!(error instanceof StorageError)) return error
  return new FadoError(
    'UNREACHABLE',
    `The store ${store.name} went away while it made the bucket; once it answers the creation is finished or taken back`,
    { path: ['storageDeployment'], cause: error },
  )
}

const takeBack = ({ pool }: Pick<ServiceDeps, 'pool'>, id: string): Promise<void> =>
  pool.transaction((sql) => forgetCreation(sql, id))

/**
 * Subscribes the bucket of a committed row that was there already. Rejects with what to tell the user; then the row is gone, unless
 * the store went away, and then it is finished or taken back later.
 */
export async function takeUp(
  deps: ServiceDeps,
  actor: string,
  driver: StorageDriver,
  bucket: NewBucket,
  store: StoreAddress,
): Promise<void> {
  try {
    await finish(deps, actor, driver, bucket, 'bucketAdopt')
  } catch (error) {
    if (!(error instanceof StorageError)) throw error
    if (unsure.has(error.kind))
      throw new FadoError(
        'UNREACHABLE',
        `The store ${store.name} went away while its bucket was adopted; once it answers the adoption is finished or taken back`,
        { path: ['storageDeployment'], cause: error },
      )
    await takeBack(deps, bucket.id)
    throw storeRefusal(error, store.endpoint)
  }
}

/** Where an operator has set up events, or wants none, FaDO subscribes nothing. */
async function subscribe(deps: ServiceDeps, driver: StorageDriver, bucket: NewBucket): Promise<void> {
  const [store] = await storagesByIds(deps.pool, [bucket.masterStorageId])
  if (store?.events !== 'auto') return
  await driver.subscribe(bucket.masterBucketName).catch((error: unknown) => {
    if (!(error instanceof StorageError && withoutEvents.has(error.kind))) throw error
    deps.log.info({ bucket: bucket.name, kind: error.kind }, 'a bucket without events: sweeps find its changes')
  })
}

/** The bucket is on the store and ours: its events are subscribed, then it is shown. */
async function finish(
  deps: ServiceDeps,
  actor: string,
  driver: StorageDriver,
  bucket: NewBucket,
  action: 'bucketCreate' | 'bucketAdopt' = 'bucketCreate',
): Promise<void> {
  await subscribe(deps, driver, bucket)
  await deps.pool.transaction(async (tx) => {
    if (!(await activateBucket(tx, bucket.id))) return
    await markBuckets(tx, { kind: 'ids', ids: [bucket.id] }, { intent: true })
    tx.changed('bucket', [bucket.id])
    const detail = { masterBucketName: bucket.masterBucketName }
    await writeAudit(tx, { actor, action, subject: bucket.name, detail })
  })
}

async function isOurs(deps: ServiceDeps, driver: StorageDriver, creation: Creation): Promise<boolean> {
  const { masterBucketName: name, masterStorageId, sentAt, createdOn } = creation
  const createdAt = await driver.bucketCreatedAt(name)
  if (sentAt === null)
    return createdAt !== null && (hasRecordedDate(createdAt, createdOn) || storageDatesMove(deps.pool, masterStorageId))
  const head = await driver.headBucket(name)
  if (createdAt === null || head === null) return false
  return isMadeByCall(driver, name, {
    createdAt,
    serverDate: head.serverDate,
    now: await databaseNow(deps.pool),
    sentAt,
  })
}

/** Finishes the creation where the store made the bucket, else takes it back. Resolves to whether the bucket is there. */
async function settle(deps: ServiceDeps, actor: string, driver: StorageDriver, id: string): Promise<boolean> {
  const creation = (await creations(deps.pool)).find((one) => one.id === id)
  if (creation === undefined) return false
  const ours = await isOurs(deps, driver, creation)
  if (ours) await finish(deps, actor, driver, creation, creation.sentAt === null ? 'bucketAdopt' : 'bucketCreate')
  else await takeBack(deps, id)
  return ours
}

async function settleLeft(deps: ServiceDeps, { id, masterStorageId }: Creation): Promise<void> {
  const storage = await sealedStorageById(deps.pool, masterStorageId)
  if (storage === undefined) return
  const driver = deps.connect(accessOf(deps, storage))
  try {
    await settle(deps, 'fado', driver, id)
  } finally {
    await driver.close()
  }
}

/**
 * Finishes or takes back creations that a crash or a lost store left behind. Called at the start and by a timer; those
 * whose store does not answer wait for the next time. Returns how many are left.
 */
export async function finishCreations(deps: ServiceDeps): Promise<number> {
  for (const creation of await creations(deps.pool))
    await withFreeLock(deps.pool, creationLock(creation.id), () => settleLeft(deps, creation)).catch((error: unknown) =>
      deps.log.info({ err: error, bucket: creation.name }, 'a creation waits for its store'),
    )
  return (await creations(deps.pool)).length
}
