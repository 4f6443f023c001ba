// The part of BucketCreate that speaks to the store. Its row is committed first, in the state `creating`; whatever happens
// then, the bucket is made and shown, or the row goes again. After a crash `finishCreations` does the rest.

import { withLock } from '../db/advisory-lock.ts'
import { writeAudit } from '../db/audit.ts'
import { activateBucket, type Creation, creations, forgetCreation, type NewBucket } from '../db/buckets.ts'
import { markBuckets } from '../db/dirty-buckets.ts'
import { writeEvents } from '../db/events.ts'
import { sealedStorageById } from '../db/storage-deployments.ts'
import { transact } from '../db/transaction.ts'
import { FadoError } from '../domain/errors.ts'
import type { StorageDriver } from '../storage/storage-driver.ts'
import { StorageError, type StorageErrorKind } from '../storage/storage-error.ts'
import { type ServiceDeps, wakeAll } from './deps.ts'
import { accessOf, storeRefusal } from './probe-store.ts'

/** Held by whoever speaks to the store for this row: a creation in hand is not one that was left behind. */
export const creationLock = (bucketId: string): string => `fado bucket creation ${bucketId}`

/** After these it is not known whether the store made the bucket. */
const unsure: ReadonlySet<StorageErrorKind> = new Set(['unreachable', 'timeout', 'aborted', 'server-error', 'protocol'])
/** After these there are no events, and sweeps find what changes. */
const withoutEvents: ReadonlySet<StorageErrorKind> = new Set(['unsupported', 'access-denied', 'refused'])

const alreadyThere = (bucket: NewBucket, store: string): FadoError =>
  new FadoError('IN_USE', `The store ${store} has a bucket ${bucket.masterBucketName} already`, { path: ['name'] })

export async function refuseIfThere(driver: StorageDriver, bucket: NewBucket, store: string): Promise<void> {
  if ((await driver.headBucket(bucket.masterBucketName)) !== null) throw alreadyThere(bucket, store)
}

/** Makes the bucket of a committed row. Rejects with what to tell the user; then the row is gone, unless nobody can know. */
export async function makeBucket(
  deps: ServiceDeps,
  actor: string,
  driver: StorageDriver,
  bucket: NewBucket,
  store: { readonly name: string; readonly endpoint: string },
): Promise<void> {
  try {
    await driver.createBucket(bucket.masterBucketName)
  } catch (error) {
    if (error instanceof StorageError && unsure.has(error.kind))
      throw await afterDoubt(deps, driver, bucket, error, store)
    await takeBack(deps, bucket.id)
    if (error instanceof StorageError && error.kind === 'conflict') throw alreadyThere(bucket, store.name)
    throw storeRefusal(error, store.endpoint)
  }
  await finish(deps, actor, driver, bucket).catch((error: unknown) => {
    throw left(error, store)
  })
}

/** What was asked for is there, but no answer came: the user was not told so, hence it is taken back where that can be. */
async function afterDoubt(
  deps: ServiceDeps,
  driver: StorageDriver,
  bucket: NewBucket,
  error: StorageError,
  store: { readonly name: string; readonly endpoint: string },
): Promise<unknown> {
  try {
    if ((await driver.headBucket(bucket.masterBucketName)) === null) {
      await takeBack(deps, bucket.id)
      return storeRefusal(error, store.endpoint)
    }
  } catch {
    // still away: see below
  }
  return left(error, store)
}

function left(error: unknown, store: { readonly name: string }): unknown {
  if (!(error instanceof StorageError)) return error
  return new FadoError(
    'UNREACHABLE',
    `The store ${store.name} went away while it made the bucket; once it answers the creation is finished or taken back`,
    { path: ['storageDeployment'], cause: error },
  )
}

const takeBack = ({ pool }: Pick<ServiceDeps, 'pool'>, id: string): Promise<void> =>
  pool.transaction((sql) => forgetCreation(sql, id))

/** The bucket is on the store and ours: its events are subscribed, then it is shown. */
async function finish(deps: ServiceDeps, actor: string, driver: StorageDriver, bucket: NewBucket): Promise<void> {
  await driver.subscribe(bucket.masterBucketName).catch((error: unknown) => {
    if (!(error instanceof StorageError && withoutEvents.has(error.kind))) throw error
    deps.log.info({ bucket: bucket.name, kind: error.kind }, 'a bucket without events: sweeps find its changes')
  })
  await transact(deps.db, async ({ tx, sql }) => {
    if (!(await activateBucket(sql, bucket.id))) return
    await markBuckets(sql, { kind: 'ids', ids: [bucket.id] }, { intent: true })
    await writeEvents(sql, 'bucket', [bucket.id])
    const detail = { masterBucketName: bucket.masterBucketName }
    await writeAudit(tx, { actor, action: 'bucketCreate', subject: bucket.name, detail })
  })
  wakeAll(deps, ['bucket', 'event'])
}

/** Clocks of stores are read to the second. */
const toleranceMs = 2_000

/** Empty, and made after the row was: only then is it what this row asked for. */
async function isOurs(driver: StorageDriver, creation: Creation, createdAt: number): Promise<boolean> {
  const name = creation.masterBucketName
  const head = await driver.headBucket(name)
  if (head === null) return false
  const ageMs = (head.serverDate ?? Date.now()) - createdAt
  if (ageMs > creation.sentSecondsAgo * 1000 + toleranceMs) return false
  for await (const page of driver.list(name)) if (page.length > 0) return false
  return true
}

async function settle(deps: ServiceDeps, creation: Creation): Promise<void> {
  const storage = await sealedStorageById(deps.pool, creation.masterStorageId)
  if (storage === undefined) return
  const driver = deps.connect(accessOf(deps, storage))
  try {
    const createdAt = await driver.bucketCreatedAt(creation.masterBucketName)
    if (createdAt !== null && (await isOurs(driver, creation, createdAt))) await finish(deps, 'fado', driver, creation)
    else await takeBack(deps, creation.id)
  } finally {
    await driver.close()
  }
}

/**
 * Finishes or takes back creations that a crash or a lost store left behind. Called at the start and by a timer; those
 * whose store does not answer wait for the next time. Returns how many are left.
 */
export async function finishCreations(deps: ServiceDeps): Promise<number> {
  for (const { id, name } of await creations(deps.pool))
    await withLock(deps.pool, creationLock(id), false, async () => {
      const creation = (await creations(deps.pool)).find((one) => one.id === id)
      if (creation !== undefined) await settle(deps, creation)
    }).catch((error: unknown) => deps.log.info({ err: error, bucket: name }, 'a creation waits for its store'))
  return (await creations(deps.pool)).length
}
