import { createHash } from 'node:crypto'
import { CopyEnded, NotDigested, openSource, type PieceOptions, toTarget } from './copy-ends.ts'
import type { CopyLayout } from './copy-layout.ts'
import type { CopyPlan, WrittenObject } from './copy-plan.ts'
import type { CopyRequest, CopyVerification } from './copy-request.ts'
import { createTap } from './copy-tap.ts'
import { StorageError } from './storage-error.ts'
import type { OpenedObject, WriteResult } from './storage-values.ts'

const defaultConcurrency = 4

/** To take back an upload that failed; what is left then goes with the store's own clean-up of old uploads. */
const abortUploadMs = 5_000

type PartsLayout = Exclude<CopyLayout, { kind: 'whole' }>

type CopiedPart = WriteResult & {
  readonly bytes: number
  /** Of what was read; null when it was not measured. */
  readonly md5: string | null
}

/** Copies piece by piece as one multipart upload, which is taken back when anything fails. `first` is part 1, opened. */
export async function copyParts(
  plan: CopyPlan,
  layout: PartsLayout,
  first: OpenedObject | null,
): Promise<WrittenObject> {
  const { sourceHead, tags, request } = plan
  const { target, key, signal, beforeWrite } = request
  const isLent = request.version !== undefined
  const measure = plan.measure || layout.kind === 'ranges' || !sourceHead.etagIsDigest || isLent
  const pieces: readonly PieceOptions[] =
    layout.kind === 'ranges'
      ? layout.ranges.map((range) => ({ range }))
      : Array.from({ length: layout.count }, (_, i) => ({ partNumber: i + 1 }))

  const options = signal === undefined ? {} : { signal }
  // Of what is there already only the ETag of them all can tell that it is right.
  const begun = measure ? null : await partsThere(request)
  if (begun === null) await dropUpload(request)
  const create = async () => {
    await beforeWrite?.({ uploadId: null })
    return target.driver.createUpload(target.bucket, key, { metadata: sourceHead.metadata, tags, ...options })
  }
  const uploadId = begun?.uploadId ?? (await create())
  try {
    const parts = await inParallel(pieces, request, async (piece, index, partSignal) => {
      const there = begun?.parts.get(index + 1)
      if (there !== undefined) return there
      const opened = index === 0 && first !== null ? first : await openSource(request, piece, partSignal)
      return copyPart(plan, { opened, uploadId, partNumber: index + 1, measure, signal: partSignal })
    })
    const bytes = parts.reduce((sum, part) => sum + part.bytes, 0)
    if (bytes !== sourceHead.size) throw new StorageError('protocol', "The source's parts do not add up to its size")
    const came = measure ? compositeOf(parts.map(({ md5 }) => md5 ?? '')) : null
    if (isLent && came !== sourceHead.etag) throw new CopyEnded('source-changed')
    if (came !== null && plan.read !== null && came !== plan.read && came !== sourceHead.etag)
      throw new NotDigested(came)
    const composite = compositeOf(parts.map(({ etag }) => etag))
    if (!measure && composite !== sourceHead.etag && parts.every(({ etagIsDigest }) => etagIsDigest))
      throw new NotDigested(composite)
    await beforeWrite?.({ uploadId })
    const { etag } = await toTarget(
      target.driver.completeUpload(target.bucket, key, {
        uploadId,
        parts: parts.map((part, index) => ({ partNumber: index + 1, etag: part.etag })),
        ...(request.condition === undefined ? {} : { condition: request.condition }),
        ...options,
      }),
    )
    return { targetEtag: etag, verified: verifyParts(plan, parts, { etag, composite }), writtenAt: null }
  } catch (error) {
    const limit = { signal: AbortSignal.timeout(abortUploadMs) }
    if (!request.keepsUpload?.(error))
      await target.driver.abortUpload(target.bucket, key, uploadId, limit).catch(() => undefined)
    throw error
  }
}

type BegunUpload = { readonly uploadId: string; readonly parts: ReadonlyMap<number, CopiedPart> }

/** Null: there is no upload to go on with. */
async function partsThere({ target, key, resume, signal }: CopyRequest): Promise<BegunUpload | null> {
  if (resume == null) return null
  const options = signal === undefined ? {} : { signal }
  const listed = await target.driver.uploadedParts(target.bucket, key, resume, options).catch((error: unknown) => {
    if (error instanceof StorageError && !error.retryable) return null // it is gone, or the store does not tell them
    throw error
  })
  if (listed === null) return null
  const parts = listed.map(({ partNumber, etag, size }) => {
    const part: CopiedPart = { etag, etagIsDigest: true, serverDate: null, bytes: size, md5: null }
    return [partNumber, part] as const
  })
  return { uploadId: resume, parts: new Map(parts) }
}

/** What was to be gone on with cannot be. */
export async function dropUpload({ target, key, resume, signal }: CopyRequest): Promise<void> {
  if (resume == null) return
  await target.driver.abortUpload(target.bucket, key, resume, signal === undefined ? {} : { signal })
}

type PartTask = {
  readonly opened: OpenedObject
  readonly uploadId: string
  readonly partNumber: number
  readonly measure: boolean
  readonly signal: AbortSignal
}

async function copyPart({ request }: CopyPlan, task: PartTask): Promise<CopiedPart> {
  const { opened, uploadId, partNumber, measure, signal } = task
  const { target, key, beforeWrite, onBytes } = request
  const tap = createTap(opened.body, { onBytes, measure })
  try {
    await beforeWrite?.({ uploadId })
    const part = { uploadId, partNumber, body: opened.body, size: opened.length, signal }
    const result = await target.driver.uploadPart(target.bucket, key, part)
    return { ...result, bytes: opened.length, md5: tap.md5() }
  } finally {
    opened.body.destroy()
  }
}

/** Some at once, in order of their beginning; the first failure cancels the others and is thrown when all have ended. */
async function inParallel<T, R>(
  items: readonly T[],
  { signal, partConcurrency = defaultConcurrency }: { signal?: AbortSignal; partConcurrency?: number },
  work: (item: T, index: number, signal: AbortSignal) => Promise<R>,
): Promise<R[]> {
  const stop = new AbortController()
  const either = signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal])
  const results: R[] = []
  const failures: unknown[] = []
  const queue = items.entries()
  const worker = async () => {
    for (const [index, item] of queue) {
      if (failures.length > 0) return
      try {
        results[index] = await work(item, index, either)
      } catch (error) {
        failures.push(error)
        stop.abort()
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(partConcurrency, items.length) }, worker))
  if (failures.length > 0) throw failures[0]
  return results
}

/** The ETag that S3 gives an object of these parts. */
function compositeOf(digests: readonly string[]): string {
  const all = Buffer.from(digests.join(''), 'hex')
  return `${createHash('md5').update(all).digest('hex')}-${digests.length}`
}

function verifyParts(
  { sourceHead }: CopyPlan,
  parts: readonly CopiedPart[],
  answered: { readonly etag: string; readonly composite: string },
): CopyVerification {
  if (answered.etag === sourceHead.etag) return 'etag'
  const measured = parts.every(({ etag, md5 }) => etag === md5)
  return measured || answered.composite === sourceHead.etag ? 'md5' : 'size'
}
