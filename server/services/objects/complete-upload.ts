// UploadComplete: what a client says to have sent is looked at, and known at once.
import { createHash } from 'node:crypto'
import { type UploadRecord, uploadCompleted } from '../../db/catalogue/uploads.ts'
import { FadoError } from '../../domain/errors.ts'
import { isNewSince, judgeUpload, sayVerdict, type UploadVerdict } from '../../domain/object/judge-upload.ts'
import { partCount } from '../../domain/object/upload-plan.ts'
import { StorageError } from '../../storage/storage-error.ts'
import type { ObjectHead } from '../../storage/storage-values.ts'
import type { Actor } from '../shared/authorize.ts'
import { change } from '../shared/change.ts'
import { invalid } from '../shared/check-input.ts'
import type { ServiceDeps } from '../shared/deps.ts'
import { activeBucketToChange } from '../shared/find.ts'
import { type InParts, requireInParts, sizeOfPart, uploadToChange } from './find-upload.ts'
import { type Master, withMaster } from './master-access.ts'
import { mayRecord, tellWritten } from './tell-written.ts'

export type GivenPart = { readonly number: number; readonly etag: string }
export type CompleteUpload = {
  readonly id: string
  readonly parts?: readonly GivenPart[] | null | undefined
  /** What the store answered to an object in one piece: then a version of somebody else is told from it. */
  readonly etag?: string | null | undefined
}
export type UploadedObject = {
  readonly key: string
  readonly size: number
  readonly etag: string
  readonly lastModified: Date | null
  readonly contentType: string | null
}

/** Answers the same again until the upload expires. What was found at the master is told to the copies whatever comes of it. */
export async function completeUpload(deps: ServiceDeps, actor: Actor, input: CompleteUpload): Promise<UploadedObject> {
  const { upload, bucket } = await uploadToChange(deps, actor, input.id)
  if (upload.state === 'completed') return completed(upload)
  const parts = upload.partSize === null ? noParts(input) : checkParts(requireInParts(upload), input.parts ?? [])
  return withMaster(deps, bucket, async (master) => {
    const etag = parts === null ? bare(input.etag) : await putTogether(master, requireInParts(upload), parts)
    const head = await master.driver.head(bucket.masterBucketName, upload.key)
    const judged = judge(upload, head, etag)
    if (head !== null) {
      const record = await mayRecord(deps, master, head)
      await change(deps, actor, 'uploadComplete', async (tx) => {
        await activeBucketToChange(tx, actor, bucket.name)
        await tellWritten(tx, bucket.id, head, record)
        if (judged.verdict === 'right') await uploadCompleted(tx, upload.id, head.etag)
        const detail = { key: upload.key, size: head.size, verdict: judged.verdict }
        return { result: undefined, subject: bucket.name, detail }
      })
    }
    if (judged.verdict !== 'right' || head === null)
      throw new FadoError('CONFLICT', sayVerdict(upload.key, upload.size, refused(judged)), { path: ['id'] })
    return writtenOf(head)
  })
}

const refused = (judged: UploadVerdict): Exclude<UploadVerdict, { verdict: 'right' }> =>
  judged.verdict === 'right' ? { verdict: 'missing' } : judged

export const writtenOf = ({ key, size, etag, lastModified, metadata }: ObjectHead): UploadedObject => ({
  ...{ key, size, etag },
  lastModified: new Date(lastModified),
  contentType: metadata['content-type'] ?? null,
})

const completed = ({ key, size, etag, carried }: UploadRecord): UploadedObject => ({
  ...{ key, size, etag: etag ?? '' },
  lastModified: null,
  contentType: carried.contentType,
})

function judge(upload: UploadRecord, head: ObjectHead | null, etag: string | null): UploadVerdict {
  if (head === null) return judgeUpload({ ...upload, etag }, null)
  const isNew = isNewSince(head, upload.ageMs)
  return judgeUpload({ ...upload, etag }, { size: head.size, etag: head.etag, isNew })
}

/** As stores answer it, and as browsers and libraries hand it on. */
const bare = (etag: string | null | undefined): string | null =>
  etag === null || etag === undefined || etag === '' ? null : etag.replace(/^W\//, '').replaceAll('"', '')

function noParts({ parts }: CompleteUpload): null {
  if (parts !== null && parts !== undefined && parts.length > 0)
    throw invalid('This upload is sent in one piece: it has no parts', ['parts'])
  return null
}

type Part = { readonly partNumber: number; readonly etag: string }

/** All of them, each once, in their order. */
function checkParts(upload: InParts, given: readonly GivenPart[]): readonly Part[] {
  const etags = new Map<number, string>()
  for (const [i, { number, etag }] of given.entries()) {
    sizeOfPart(upload, number, ['parts', String(i), 'number'])
    if (etags.has(number)) throw invalid(`The part ${number} is given twice`, ['parts', String(i), 'number'])
    etags.set(number, bare(etag) ?? '')
  }
  const count = partCount(upload.size, upload.partSize)
  return Array.from({ length: count }, (_, i) => {
    const etag = etags.get(i + 1)
    if (etag === undefined) throw invalid(`The part ${i + 1} of ${count} is missing`, ['parts'])
    return { partNumber: i + 1, etag }
  })
}

/** Resolves to the object's ETag, null where the store's answer was lost and it cannot be foretold. */
async function putTogether(
  { driver, bucket }: Master,
  { key, storeUploadId }: InParts,
  parts: readonly Part[],
): Promise<string | null> {
  try {
    const options = { uploadId: storeUploadId, parts }
    return (await driver.completeUpload(bucket.masterBucketName, key, options)).etag
  } catch (error) {
    if (!(error instanceof StorageError)) throw error
    // It may have been put together by a call whose answer was lost: then just that object is there.
    if (error.kind === 'no-such-upload') {
      const head = await driver.head(bucket.masterBucketName, key)
      if (head !== null && head.etag === etagOfParts(parts)) return head.etag
    }
    if (error.code === 'InvalidPart' || error.code === 'InvalidPartOrder')
      throw new FadoError(
        'CONFLICT',
        'A part is not at the store with the ETag that was given: UploadBegin with the same idempotencyKey tells which are there (Upload.parts); send the others again',
        { path: ['parts'], cause: error },
      )
    throw error
  }
}

/** The MD5 of the parts' MD5s, where that is what the store's ETags are. */
function etagOfParts(parts: readonly Part[]): string {
  const digests = Buffer.concat(parts.map(({ etag }) => Buffer.from(etag, 'hex')))
  return `${createHash('md5').update(digests).digest('hex')}-${parts.length}`
}
