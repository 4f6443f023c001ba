import { prolongUpload } from '../../db/catalogue/uploads.ts'
import type { UploadedPart } from '../../storage/storage-values.ts'
import type { Actor } from '../shared/authorize.ts'
import { invalid } from '../shared/check-input.ts'
import type { ServiceDeps } from '../shared/deps.ts'
import { asHeaders, type HttpHeader } from './begin-upload.ts'
import { requireInParts, requireOpen, sizeOfPart, uploadToChange } from './find-upload.ts'
import { addressSeconds, inPartsSeconds } from './lifetimes.ts'
import { fillableBucket, withMaster } from './master-access.ts'

export type UploadParts = { readonly id: string; readonly numbers: readonly number[] }
export type PartView = {
  readonly number: number
  readonly method: string
  readonly url: string
  readonly headers: readonly HttpHeader[]
}

/** Addresses are asked for as a client goes, so that none grows old. */
const mostAtOnce = 1_000

/** Where to send these parts of an object; good for `addressSeconds`. Who asks has a whole time again to complete it. */
export async function uploadParts(deps: ServiceDeps, actor: Actor, input: UploadParts): Promise<readonly PartView[]> {
  const { id, numbers } = input
  if (numbers.length === 0 || numbers.length > mostAtOnce)
    throw invalid(`numbers must be 1 to ${mostAtOnce} numbers of parts`, ['numbers'])
  const { upload, bucket } = await uploadToChange(deps, actor, id)
  const inParts = requireInParts(upload)
  requireOpen(upload)
  await fillableBucket(deps, actor, bucket.name)
  for (const [i, number] of numbers.entries()) sizeOfPart(inParts, number, ['numbers', String(i)])
  await prolongUpload(deps.pool, id, inPartsSeconds)
  return withMaster(deps, bucket, ({ driver }) =>
    Promise.all(
      numbers.map(async (number) => {
        const { method, url, headers } = await driver.presignPart(bucket.masterBucketName, upload.key, {
          uploadId: inParts.storeUploadId,
          partNumber: number,
          expiresInSeconds: addressSeconds,
        })
        return { number, method, url, headers: asHeaders(headers) }
      }),
    ),
  )
}

/** The parts that its store has, for who goes on with it; none of one that is sent in one piece. */
export async function partsAtStore(deps: ServiceDeps, actor: Actor, id: string): Promise<readonly UploadedPart[]> {
  const { upload, bucket } = await uploadToChange(deps, actor, id)
  const { storeUploadId, key, state } = upload
  if (storeUploadId === null || state !== 'open') return []
  return withMaster(deps, bucket, ({ driver }) => driver.uploadedParts(bucket.masterBucketName, key, storeUploadId))
}
