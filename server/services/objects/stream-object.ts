// The way through FaDO, for clients that cannot reach a store. Bytes are handed on as they come and go; none are kept.
import type { Readable } from 'node:stream'
import { largestPiece } from '../../domain/object/upload-plan.ts'
import type { ObjectHead, OpenedObject } from '../../storage/storage-values.ts'
import type { Actor } from '../shared/authorize.ts'
import { change } from '../shared/change.ts'
import { invalid } from '../shared/check-input.ts'
import type { ServiceDeps } from '../shared/deps.ts'
import { activeBucketToChange } from '../shared/find.ts'
import { checkCarried, checkKey, headersOf } from './check-object.ts'
import { type UploadedObject, writtenOf } from './complete-upload.ts'
import { requireInParts, requireOpen, sizeOfPart, uploadToChange } from './find-upload.ts'
import { fillableBucket, type Master, withMaster } from './master-access.ts'
import { type AskedObject, withHolder } from './open-holder.ts'
import { mayRecord, tellWritten } from './tell-written.ts'

/** A client may be slow: who sends it here is asked to be patient, and bounds it itself. */
const timeouts = { idleMs: 60_000 }

type Body = { readonly body: Readable; readonly size: number; readonly signal: AbortSignal }

export type PutObject = Body & {
  readonly bucket: string
  readonly key: string
  readonly contentType: string | null
}

/** As UploadBegin, the sending, and UploadComplete together. */
export async function putObject(deps: ServiceDeps, actor: Actor, input: PutObject): Promise<UploadedObject> {
  const { key, body, size, signal, contentType } = input
  checkKey(key)
  if (size > largestPiece)
    throw invalid(`At most ${largestPiece} bytes are taken at once: begin an upload in parts (UploadBegin)`, ['size'])
  const carried = checkCarried({ contentType })
  const bucket = await fillableBucket(deps, actor, input.bucket)
  const send = async (master: Master): Promise<UploadedObject> => {
    const options = { body, size, metadata: headersOf(carried), signal }
    const { etag } = await master.driver.put(bucket.masterBucketName, key, options)
    const head = await master.driver.head(bucket.masterBucketName, key)
    // Somebody else's newer version or delete is what is true then; the caller's was written all the same.
    if (head === null) return { key, size, etag, lastModified: null, contentType }
    const record = await mayRecord(deps, master, head)
    await change(deps, actor, 'objectPut', async (tx) => {
      await activeBucketToChange(tx, actor, bucket.name)
      await tellWritten(tx, bucket.id, head, record)
      return { result: undefined, subject: bucket.name, detail: { key, size } }
    })
    return head.etag === etag ? writtenOf(head) : { key, size, etag, lastModified: null, contentType }
  }
  return withMaster(deps, bucket, send, timeouts)
}

export type PutPart = Body & {
  /** Of the upload. */
  readonly id: string
  readonly key: string
  readonly bucket: string
  readonly number: number
}

/** A part of an upload, in place of the address that UploadParts gives. Resolves to its ETag. */
export async function putPart(deps: ServiceDeps, actor: Actor, input: PutPart): Promise<string> {
  const { body, size, signal, number } = input
  const { upload, bucket } = await uploadToChange(deps, actor, input.id)
  if (upload.key !== input.key || bucket.name !== input.bucket)
    throw invalid('This upload is of another object', ['id'])
  const inParts = requireInParts(upload)
  requireOpen(upload)
  await fillableBucket(deps, actor, bucket.name)
  const wanted = sizeOfPart(inParts, number, ['part'])
  if (size !== wanted) throw invalid(`The part ${number} has ${wanted} bytes, not ${size}`, ['part'])
  const options = { uploadId: inParts.storeUploadId, partNumber: number, body, size, signal }
  const send = async ({ driver }: Master) =>
    (await driver.uploadPart(bucket.masterBucketName, upload.key, options)).etag
  return withMaster(deps, bucket, send, timeouts)
}

export type OpenForReading = {
  readonly head: ObjectHead
  /** `range`: both ends included. CONFLICT when the object has become another one. */
  open(range: { readonly start: number; readonly end: number } | null): Promise<OpenedObject>
}

/** `work` must have read the body to its end, or have destroyed it, when it resolves. */
export async function readObject(
  deps: ServiceDeps,
  input: AskedObject & { readonly signal: AbortSignal },
  work: (object: OpenForReading) => Promise<void>,
): Promise<void> {
  const { key, signal } = input
  return withHolder(deps, input, false, ({ holder, driver, head }) =>
    work({
      head,
      open: (range) =>
        driver.open(holder.bucketName, key, {
          signal,
          ifMatch: head.etag,
          coding: head.metadata['content-encoding'] ?? '',
          ...(range === null ? {} : { range }),
        }),
    }),
  )
}
