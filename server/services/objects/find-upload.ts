import type { BucketRecord } from '../../db/catalogue/buckets.ts'
import { type UploadRecord, uploadById } from '../../db/catalogue/uploads.ts'
import { FadoError } from '../../domain/errors.ts'
import { partCount } from '../../domain/object/upload-plan.ts'
import type { Actor } from '../shared/authorize.ts'
import { invalid } from '../shared/check-input.ts'
import type { ServiceDeps } from '../shared/deps.ts'
import { writableBucket } from './master-access.ts'

export type FoundUpload = { readonly upload: UploadRecord; readonly bucket: BucketRecord }
export type InParts = UploadRecord & { readonly partSize: number; readonly storeUploadId: string }

/** An upload that is not over, whose bucket this token may write to. */
export async function uploadToChange(deps: ServiceDeps, actor: Actor, id: string): Promise<FoundUpload> {
  const upload = await uploadById(deps.pool, id)
  if (upload === undefined)
    throw new FadoError('NOT_FOUND', 'There is no such upload: it was aborted or has expired. Begin it again', {
      path: ['id'],
    })
  const bucket = await writableBucket(deps, actor, upload.bucketName)
  if (bucket.masterStorageId !== upload.storageId)
    throw new FadoError('CONFLICT', `Another store is the master of ${bucket.name} now: begin the upload again`, {
      path: ['id'],
    })
  return { upload, bucket }
}

export function requireInParts(upload: UploadRecord): InParts {
  const { partSize, storeUploadId } = upload
  if (partSize === null || storeUploadId === null)
    throw invalid('This upload is sent in one piece: it has no parts', ['id'])
  return { ...upload, partSize, storeUploadId }
}

export function requireOpen({ state, key }: UploadRecord): void {
  if (state !== 'open')
    throw new FadoError('CONFLICT', `The upload of ${JSON.stringify(key)} is completed already`, { path: ['id'] })
}

/** Bytes of a part; throws when the object has no such part. */
export function sizeOfPart({ size, partSize }: InParts, number: number, path: readonly string[]): number {
  const count = partCount(size, partSize)
  if (!Number.isInteger(number) || number < 1 || number > count)
    throw invalid(`This upload has the parts 1 to ${count}`, path)
  return number < count ? partSize : size - partSize * (count - 1)
}
