// BucketAdopt: a bucket that is there already comes under FaDO's care as a master, with copies of it that others made.
import { v7 } from 'uuid'
import { insertAdopted, type NewBucket } from '../../db/catalogue/buckets.ts'
import { setPolicyValue } from '../../db/catalogue/policy-values.ts'
import { lockStorage } from '../../db/catalogue/storage-deployments.ts'
import { insertTakeover, usedBuckets } from '../../db/catalogue/takeovers.ts'
import { withLock } from '../../db/core/advisory-lock.ts'
import type { CatalogueTx } from '../../db/core/client.ts'
import { refusedCopy } from '../../domain/adoption/hold-copies.ts'
import { unsafeCopy } from '../../domain/adoption/unsafe.ts'
import { bucketNameProblem } from '../../domain/bucket-name.ts'
import { FadoError } from '../../domain/errors.ts'
import { bucketPolicies } from '../../domain/policy/effective.ts'
import { type GivenPolicy, type ParsedPolicy, parsePolicies } from '../policies/policy-input.ts'
import type { Actor } from '../shared/authorize.ts'
import { asDuplicate, beingDeleted } from '../shared/change.ts'
import { invalid } from '../shared/check-input.ts'
import type { ServiceDeps } from '../shared/deps.ts'
import { creationLock, takeUp } from './bucket-creation.ts'
import { type FoundBucket, findBucket, onStore, requireReadable } from './find-bucket.ts'
import { masterPlace, nameTaken, type Place, placeFor, policiesWith, refuseOutside, refuseTaken } from './new-bucket.ts'

export type AdoptBucket = {
  readonly name: string
  /** Where the bucket is, which becomes the master. */
  readonly storageDeployment: string
  /** Stores that hold a copy of it already. */
  readonly alsoOn: readonly string[]
  readonly policies: readonly GivenPolicy[]
  /** The master may lie outside the zones that its policy allows: a violation from the start. */
  readonly allowOutsideZones: boolean
}

/** A place with what was found there. */
type Found = { readonly place: Place; readonly found: FoundBucket; readonly path: readonly string[] }

const masterPath = ['storageDeployment']
const mostCopies = 100

/** When this returns the bucket is known and its events are subscribed; nothing of it was changed. Returns its id. */
export async function adoptBucket(deps: ServiceDeps, actor: Actor, input: AdoptBucket): Promise<string> {
  const { name, storageDeployment, allowOutsideZones } = input
  const problem = bucketNameProblem(name)
  if (problem !== undefined) throw invalid(`A bucket's name ${problem}`, ['name'])
  const place = await masterPlace(deps, actor, storageDeployment)
  const copies = await copyPlaces(deps, actor, input.alsoOn)
  const given = await parsePolicies(deps.pool, input.policies, ['policies'])
  if (!allowOutsideZones) await refuseOutside(deps, place, given, 'adopts it')
  const policies = await keepCopies(deps, place, copies, given)
  await refuseTaken(deps.pool, name)
  const bucketId = v7()
  await withLock(deps.pool, creationLock(bucketId), () =>
    onStore(deps, place.storage, masterPath, async (driver) => {
      const found = await findBucket(driver, place.storage, name, masterPath)
      await requireReadable(driver, found, masterPath)
      const master = { place, found, path: masterPath }
      const sides = [master, ...(await findCopies(deps, name, master, copies))]
      const { id: masterStorageId } = place.storage
      const bucket = { id: bucketId, name, masterStorageId, masterBucketName: found.bucketName, idempotencyKey: null }
      await store(deps, bucket, sides, policies)
      await takeUp(deps, actor.name, driver, bucket, place.storage)
    }),
  )
  return bucketId
}

const copyPath = (index: number): string[] => ['alsoOn', String(index)]

async function copyPlaces(deps: ServiceDeps, actor: Actor, names: readonly string[]): Promise<Place[]> {
  if (names.length > mostCopies) throw invalid(`alsoOn must be at most ${mostCopies} stores`, ['alsoOn'])
  const places: Place[] = []
  for (const [i, name] of names.entries()) {
    if (names.indexOf(name) < i) throw invalid(`${name} is named twice`, copyPath(i))
    places.push(await placeFor(deps, actor, name, copyPath(i)))
  }
  return places
}

/** The policies with which placement keeps the copies: as many replicas as there are copies, where nothing else is said. */
async function keepCopies(
  deps: ServiceDeps,
  { storage, cluster }: Place,
  copies: readonly Place[],
  given: readonly ParsedPolicy[],
): Promise<readonly ParsedPolicy[]> {
  if (copies.length === 0) return given
  const policies = bucketPolicies(await policiesWith(deps, given))
  const refused = refusedCopy(
    { storageId: storage.id, cluster: cluster.name },
    copies.map((copy) => ({ storageId: copy.storage.id, store: copy.storage.name, cluster: copy.cluster })),
    policies,
  )
  if (refused !== null) {
    const store = copies[refused.copy]?.storage.name
    const message = `The copy on ${store} would not be kept: ${refused.reason}`
    throw new FadoError(refused.unsafe ? 'UNSAFE' : 'VALIDATION_FAILED', message, { path: copyPath(refused.copy) })
  }
  if (policies.replica_locations !== null || policies.target_replica_count >= copies.length) return given
  const count = given.findIndex(({ name }) => name === 'target_replica_count')
  if (count >= 0)
    throw invalid(
      `target_replica_count ${policies.target_replica_count} would not keep every copy of alsoOn: give at least ${copies.length}`,
      ['policies', String(count), 'value'],
    )
  return [...given, { name: 'target_replica_count', value: copies.length }]
}

async function findCopies(deps: ServiceDeps, name: string, master: Found, copies: readonly Place[]): Promise<Found[]> {
  return Promise.all(
    copies.map((place, i) => {
      const path = copyPath(i)
      return onStore(deps, place.storage, path, async (driver): Promise<Found> => {
        const found = await findBucket(driver, place.storage, name, path)
        const unsafe = unsafeCopy(master.found, found)
        if (unsafe !== null) throw new FadoError('UNSAFE', unsafe, { path })
        await requireReadable(driver, found, path)
        return { place, found, path }
      })
    }),
  )
}

/** Until the transaction ends nobody else gives this store a bucket. */
async function holdForAdoption(tx: CatalogueTx, { place: { storage }, path }: Found): Promise<void> {
  const held = await lockStorage(tx, storage.name)
  if (held?.id !== storage.id || held.state === 'deleting')
    throw beingDeleted(`The storage deployment ${storage.name}`, path)
}

async function refuseUsed(tx: CatalogueTx, { place: { storage }, found, path }: Found): Promise<void> {
  const used = (await usedBuckets(tx, storage.id)).find(({ bucketName }) => bucketName === found.bucketName)
  if (used === undefined) return
  const is = used.role === 'master' ? 'the master' : 'a replica'
  throw new FadoError('IN_USE', `${found.bucketName} on ${storage.name} is ${is} of FaDO's bucket ${used.bucket}`, {
    path,
  })
}

/** Not seen by readers before its events are subscribed. */
async function store(
  deps: ServiceDeps,
  bucket: NewBucket,
  sides: readonly Found[],
  policies: readonly ParsedPolicy[],
): Promise<void> {
  const [master, ...copies] = sides
  if (master === undefined) throw new Error('a bucket without a master')
  await deps.db
    .transaction(async (tx) => {
      // In one order, so that two adoptions never wait for each other.
      const inOrder = sides.toSorted((a, b) => (a.place.storage.id < b.place.storage.id ? -1 : 1))
      for (const side of inOrder) await holdForAdoption(tx, side)
      await refuseTaken(tx, bucket.name)
      for (const side of inOrder) await refuseUsed(tx, side)
      const { idempotencyKey: _, ...row } = bucket
      await insertAdopted(tx, { ...row, createdOn: master.found.createdOn })
      for (const { name, value } of policies) await setPolicyValue(tx, { scope: 'bucket', id: bucket.id }, name, value)
      for (const { place, found } of copies)
        await insertTakeover(tx, {
          bucketId: bucket.id,
          storageId: place.storage.id,
          bucketName: found.bucketName,
          createdOn: found.createdOn,
        })
    })
    .catch((error: unknown) => {
      throw asDuplicate(error, nameTaken(bucket.name))
    })
}
