import { v7 } from 'uuid'
import { type BucketRecord, bucketByKey, insertBucket, type NewBucket } from '../../db/catalogue/buckets.ts'
import { setPolicyValue } from '../../db/catalogue/policy-values.ts'
import { holdStorage, type SealedStorage, storagesByIds } from '../../db/catalogue/storage-deployments.ts'
import { withLock } from '../../db/core/advisory-lock.ts'
import { bucketNameOn, bucketNameProblem } from '../../domain/bucket-name.ts'
import { type GivenPolicy, type ParsedPolicy, parsePolicies } from '../policies/policy-input.ts'
import type { Actor } from '../shared/authorize.ts'
import { asDuplicate, beingDeleted, keyTaken } from '../shared/change.ts'
import { checkIdempotencyKey, invalid } from '../shared/check-input.ts'
import type { ServiceDeps } from '../shared/deps.ts'
import { accessOf, storeRefusal } from '../stores/probe-store.ts'
import { creationLock, makeBucket, refuseIfThere } from './bucket-creation.ts'
import { inCreation, masterPlace, nameTaken, refuseOutside, refuseTaken } from './new-bucket.ts'

export type CreateBucket = {
  readonly name: string
  /** Where the master's copy lies. */
  readonly storageDeployment: string
  readonly policies: readonly GivenPolicy[]
  /** The master may lie outside the zones that its policy allows: a violation from the start. */
  readonly allowOutsideZones: boolean
  readonly idempotencyKey?: string | null | undefined
}

/** When this returns the bucket is on its store and its events are subscribed. Returns its id. */
export async function createBucket(deps: ServiceDeps, actor: Actor, input: CreateBucket): Promise<string> {
  const idempotencyKey = checkIdempotencyKey(input.idempotencyKey)
  const earlier = await resultOfKey(deps, input, idempotencyKey)
  if (earlier !== undefined) return earlier
  const place = await masterPlace(deps, actor, input.storageDeployment)
  const { storage } = place
  const masterBucketName = checkBucketName(input.name, storage)
  const policies = await parsePolicies(deps.pool, input.policies, ['policies'])
  if (!input.allowOutsideZones) await refuseOutside(deps, place, policies, 'makes it there')
  const bucket: NewBucket = {
    id: v7(),
    name: input.name,
    masterStorageId: storage.id,
    masterBucketName,
    idempotencyKey,
  }
  try {
    await refuseTaken(deps.pool, input.name) // maybe by the same call, which came twice
    await withLock(deps.pool, creationLock(bucket.id), () => create(deps, actor, bucket, storage, policies))
  } catch (error) {
    const same = await resultOfKey(deps, input, idempotencyKey)
    if (same !== undefined) return same
    throw error
  }
  return bucket.id
}

/** The first call's bucket; waits for that call while it is not done. Throws CONFLICT where that was about another one. */
async function resultOfKey(deps: ServiceDeps, input: CreateBucket, key: string | null): Promise<string | undefined> {
  const find = async (): Promise<BucketRecord | undefined> => (key === null ? undefined : bucketByKey(deps.pool, key))
  const found = await find()
  if (found !== undefined) {
    const [storage] = await storagesByIds(deps.pool, [found.masterStorageId])
    const place = storage?.name ?? ''
    if (found.name !== input.name || place !== input.storageDeployment)
      throw keyTaken(`the bucket ${found.name} was created on ${place}`)
  }
  if (found === undefined || found.state !== 'creating') return found?.id
  await withLock(deps.pool, creationLock(found.id), async () => undefined)
  const after = await find()
  if (after?.state === 'creating') throw inCreation(after.name)
  return after?.id
}

/** The name that it gets on its store. */
function checkBucketName(name: string, storage: SealedStorage): string {
  const problem = bucketNameProblem(name)
  if (problem !== undefined) throw invalid(`A bucket's name ${problem}`, ['name'])
  const there = bucketNameOn(storage.bucketNameTemplate, name)
  const problemThere = bucketNameProblem(there)
  if (problemThere !== undefined)
    throw invalid(`On ${storage.name} the name would be ${there}, which ${problemThere}`, ['name'])
  return there
}

async function create(
  deps: ServiceDeps,
  actor: Actor,
  bucket: NewBucket,
  storage: SealedStorage,
  policies: readonly ParsedPolicy[],
): Promise<void> {
  const driver = deps.connect(accessOf(deps, storage))
  try {
    await refuseIfThere(driver, bucket, storage.name).catch((error: unknown) => {
      throw storeRefusal(error, storage.endpoint)
    })
    await store(deps, bucket, storage, policies)
    await makeBucket(deps, actor.name, driver, bucket, storage)
  } finally {
    await driver.close()
  }
}

/** Not seen by readers before the store has it. */
async function store(
  deps: ServiceDeps,
  bucket: NewBucket,
  storage: SealedStorage,
  policies: readonly ParsedPolicy[],
): Promise<void> {
  await deps.pool
    .transaction(async (tx) => {
      const held = await holdStorage(tx, storage.name)
      if (held?.id !== storage.id || held.state === 'deleting')
        throw beingDeleted(`The storage deployment ${storage.name}`, ['storageDeployment'])
      await insertBucket(tx, bucket)
      for (const { name, value } of policies) await setPolicyValue(tx, { scope: 'bucket', id: bucket.id }, name, value)
    })
    .catch((error: unknown) => {
      throw asDuplicate(error, nameTaken(bucket.name))
    })
}
