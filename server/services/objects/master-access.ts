// The way to a bucket's master, for those who write to it on a user's order.
import { type BucketRecord, masterZones } from '../../db/catalogue/buckets.ts'
import { type SealedStorage, sealedStorageById, storageDatesMove } from '../../db/catalogue/storage-deployments.ts'
import { bucketPolicyValues, globalPolicyValues } from '../../db/policies/policy-values.ts'
import { FadoError } from '../../domain/errors.ts'
import { doesNotAnswer } from '../../domain/fleet/health-cause.ts'
import { zonesAllow } from '../../domain/fleet/zones.ts'
import { effectivePolicy } from '../../domain/policy/effective.ts'
import { listOf } from '../../domain/reason.ts'
import type { MasterStop } from '../../domain/trouble/trouble.ts'
import type { StorageDriver } from '../../storage/storage-driver.ts'
import type { StorageTimeouts } from '../../storage/storage-values.ts'
import type { Actor } from '../shared/authorize.ts'
import type { ServiceDeps } from '../shared/deps.ts'
import { activeBucket } from '../shared/find.ts'
import { accessOf } from '../stores/probe-store.ts'
import { objectRefusal } from './object-refusal.ts'

export type Master = {
  readonly bucket: BucketRecord
  readonly storage: SealedStorage
  readonly driver: StorageDriver
}

/** The bucket, to be written to: within the token's bounds, not being deleted, its master not stopped. */
export async function writableBucket(deps: ServiceDeps, actor: Actor, name: string): Promise<BucketRecord> {
  const bucket = await activeBucket(deps.pool, actor, name)
  if (bucket.masterStop !== null) throw stopped(bucket)
  return bucket
}

/** The same, for who sends data to it: nothing is put where the policy zones forbids it. */
export async function fillableBucket(deps: ServiceDeps, actor: Actor, name: string): Promise<BucketRecord> {
  const bucket = await writableBucket(deps, actor, name)
  const [global, own] = await Promise.all([globalPolicyValues(deps.pool), bucketPolicyValues(deps.pool, [bucket.id])])
  const zones = effectivePolicy('zones', { global, bucket: own.get(bucket.id) ?? {} }).value
  if (zonesAllow(zones, { zones: await masterZones(deps.pool, bucket.id) })) return bucket
  throw new FadoError(
    'UNSAFE',
    `The data of ${name} may lie in ${listOf(zones)} only (the policy zones), and its master lies elsewhere: allow a zone of the master's cluster, or make the bucket on another store`,
    { path: ['bucket'] },
  )
}

const stops: Readonly<Record<MasterStop, string>> = {
  missing: 'is missing on its store: nothing is written to it until a look at the whole bucket finds the recorded one',
  replaced:
    'is another one than FaDO knows: nothing is written to it until a look at the whole bucket finds the recorded one',
  regressed: 'is an earlier one than FaDO saw: nothing is written to it until somebody chooses what is to be believed',
}

const stopped = ({ masterBucketName, masterStop }: BucketRecord): FadoError =>
  new FadoError(
    'UNSAFE',
    `The master's bucket ${masterBucketName} ${stops[masterStop ?? 'replaced']}. Its page says what to do`,
    { path: ['bucket'] },
  )

const silent = ({ name, healthDetail }: SealedStorage): FadoError =>
  new FadoError(
    'UNREACHABLE',
    `${name}, which has the master, does not answer. FaDO tries it every 2 s. What it saw: ${healthDetail}`,
  )

/** Runs `work` with the master's store open, unless that is known not to answer; what the store refuses is told in words that name it. */
export async function withMaster<T>(
  deps: ServiceDeps,
  bucket: BucketRecord,
  work: (master: Master) => Promise<T>,
  timeouts?: Partial<StorageTimeouts>,
): Promise<T> {
  const storage = await sealedStorageById(deps.pool, bucket.masterStorageId)
  if (storage === undefined) throw new Error('a bucket has no master store')
  if (doesNotAnswer(storage)) throw silent(storage)
  const driver = deps.connect(accessOf(deps, storage), timeouts)
  try {
    return await work({ bucket, storage, driver })
  } catch (error) {
    throw objectRefusal(error, storage.name)
  } finally {
    await driver.close()
  }
}

/**
 * Whether the bucket that is there now is the recorded one, as far as its creation date tells: `unknown` where none was seen
 * yet, or where the store is known to report moving ones.
 */
export async function recordedMaster(
  deps: Pick<ServiceDeps, 'pool'>,
  { bucket, storage, driver }: Master,
): Promise<'recorded' | 'another' | 'missing' | 'unknown'> {
  const createdOn = await driver.bucketCreatedAt(bucket.masterBucketName)
  if (createdOn === null) return 'missing'
  if (bucket.masterCreatedOn === createdOn) return 'recorded'
  if (bucket.masterCreatedOn === null || (await storageDatesMove(deps.pool, storage.id))) return 'unknown'
  return 'another'
}

export async function requireRecordedMaster(deps: Pick<ServiceDeps, 'pool'>, master: Master): Promise<void> {
  const seen = await recordedMaster(deps, master)
  if (seen === 'recorded' || seen === 'unknown') return
  throw stopped({ ...master.bucket, masterStop: seen === 'missing' ? 'missing' : 'replaced' })
}
