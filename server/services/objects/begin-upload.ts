// UploadBegin: where and how a client may send an object straight to the master's store.
import { v7 } from 'uuid'
import {
  forgetUpload,
  insertUpload,
  type NewUpload,
  openUploadByKey,
  prolongUpload,
  type UploadCarried,
  type UploadRecord,
  uploadById,
} from '../../db/catalogue/uploads.ts'
import { violatedIndex } from '../../db/core/transaction.ts'
import { sameContent } from '../../domain/canonical-json.ts'
import { FadoError } from '../../domain/errors.ts'
import { largestObject, largestPiece, partSizeFor } from '../../domain/object/upload-plan.ts'
import type { StorageDriver } from '../../storage/storage-driver.ts'
import { StorageError } from '../../storage/storage-error.ts'
import type { Actor } from '../shared/authorize.ts'
import { change, keyTaken } from '../shared/change.ts'
import { checkIdempotencyKey, invalid } from '../shared/check-input.ts'
import type { ServiceDeps } from '../shared/deps.ts'
import { checkCarried, checkKey, type GivenCarried, headersOf } from './check-object.ts'
import { addressEnd, addressSeconds, inPartsSeconds, onePieceSeconds } from './lifetimes.ts'
import { fillableBucket, type Master, withMaster } from './master-access.ts'

export type BeginUpload = GivenCarried & {
  readonly bucket: string
  readonly key: string
  readonly size: number
  readonly idempotencyKey?: string | null | undefined
}

export type HttpHeader = { readonly name: string; readonly value: string }

/** A request that anyone may send until `expiresAt`. */
export type UploadView = {
  readonly id: string
  /** Null: in parts. */
  readonly address: { readonly method: string; readonly url: string; readonly headers: readonly HttpHeader[] } | null
  readonly partSize: number | null
  readonly expiresAt: Date
}

export const asHeaders = (headers: Readonly<Record<string, string>>): HttpHeader[] =>
  Object.entries(headers).map(([name, value]) => ({ name, value }))

/** The same `idempotencyKey` answers the upload of that key that is still open, so that a client that was cut off goes on. */
export async function beginUpload(deps: ServiceDeps, actor: Actor, input: BeginUpload): Promise<UploadView> {
  const idempotencyKey = checkIdempotencyKey(input.idempotencyKey)
  checkKey(input.key)
  if (input.size < 0 || input.size > largestObject)
    throw invalid(`size must be from 0 to ${largestObject} bytes (5 TiB)`, ['size'])
  const carried = checkCarried(input)
  const bucket = await fillableBucket(deps, actor, input.bucket)
  return withMaster(deps, bucket, async (master) => {
    const find = async () =>
      idempotencyKey === null ? undefined : openUploadByKey(deps.pool, bucket.id, input.key, idempotencyKey)
    const earlier = await known(deps, master, await find())
    const upload = earlier ?? (await begin(deps, actor, master, { ...input, carried, idempotencyKey }, find))
    return answer(
      deps,
      master.driver,
      bucket.masterBucketName,
      requireSame(upload, input.size, carried, bucket.masterStorageId),
    )
  })
}

/** The store of one in parts may know nothing of it any more (a lifecycle rule, a completion whose answer was lost): then it is over. */
async function known(
  deps: ServiceDeps,
  { bucket, driver }: Master,
  earlier: UploadRecord | undefined,
): Promise<UploadRecord | undefined> {
  if (earlier === undefined || earlier.storeUploadId === null) return earlier
  try {
    await driver.uploadedParts(bucket.masterBucketName, earlier.key, earlier.storeUploadId)
    return earlier
  } catch (error) {
    if (!(error instanceof StorageError) || error.kind !== 'no-such-upload') throw error
    await forgetUpload(deps.pool, earlier.id)
    return undefined
  }
}

/** A client that sends something else under a key that means something else would mix the two. */
function requireSame(upload: UploadRecord, size: number, carried: UploadCarried, storageId: string): UploadRecord {
  const same = upload.size === size && sameContent(upload.carried, carried)
  if (!same || upload.storageId !== storageId)
    throw keyTaken(`another upload of ${JSON.stringify(upload.key)} was begun`)
  return upload
}

type Wanted = {
  readonly key: string
  readonly size: number
  readonly carried: UploadCarried
  readonly idempotencyKey: string | null
}

async function begin(
  deps: ServiceDeps,
  actor: Actor,
  { bucket, storage, driver }: Master,
  { key, size, carried, idempotencyKey }: Wanted,
  find: () => Promise<UploadRecord | undefined>,
): Promise<UploadRecord> {
  const partSize = storage.capabilities.includes('multipart') ? partSizeFor(size) : null
  if (partSize === null && size > largestPiece)
    throw invalid(`${storage.name} takes no objects in parts, and in one piece at most ${largestPiece} bytes`, ['size'])
  const headers = headersOf(carried)
  const storeUploadId =
    partSize === null
      ? null
      : await driver.createUpload(bucket.masterBucketName, key, { metadata: headers, tags: carried.tags })
  const upload: NewUpload = {
    id: v7(),
    bucketId: bucket.id,
    storageId: storage.id,
    ...{ key, size, carried, partSize, storeUploadId, idempotencyKey },
  }
  try {
    return await change(deps, actor, 'uploadBegin', async (tx) => {
      await insertUpload(tx, upload, partSize === null ? onePieceSeconds : inPartsSeconds)
      const stored = await uploadById(tx, upload.id)
      if (stored === undefined) throw new FadoError('NOT_FOUND', 'The bucket is gone', { path: ['bucket'] })
      return { result: stored, subject: bucket.name, detail: { key, size } }
    })
  } catch (error) {
    if (storeUploadId !== null) await driver.abortUpload(bucket.masterBucketName, key, storeUploadId)
    const other = violatedIndex(error) === undefined ? undefined : await find() // it came first
    if (other === undefined) throw error
    return other
  }
}

async function answer(
  deps: ServiceDeps,
  driver: StorageDriver,
  bucketName: string,
  upload: UploadRecord,
): Promise<UploadView> {
  const { id, key, partSize, carried, ageMs } = upload
  const seconds = partSize === null ? onePieceSeconds : inPartsSeconds
  if (ageMs > 1_000) await prolongUpload(deps.pool, id, seconds)
  if (partSize !== null)
    return { id, address: null, partSize, expiresAt: new Date(Date.now() + inPartsSeconds * 1_000) }
  const { method, url, headers } = await driver.presignPut(bucketName, key, {
    expiresInSeconds: addressSeconds,
    metadata: headersOf(carried),
    tags: carried.tags,
  })
  return { id, address: { method, url, headers: asHeaders(headers) }, partSize, expiresAt: addressEnd() }
}
