import { openSource, type PieceOptions, toTarget } from './copy-ends.ts'
import type { CopyLayout } from './copy-layout.ts'
import type { CopyPlan, WrittenObject } from './copy-plan.ts'
import type { CopyRequest } from './copy-request.ts'
import { createTap } from './copy-tap.ts'
import { type CopiedPart, faultOfParts, measuresParts, verifyParts } from './judge-parts.ts'
import { StorageError } from './storage-error.ts'
import type { OpenedObject } from './storage-values.ts'

const defaultConcurrency = 4

/** To take back an upload that failed; what is left then goes with the store's own clean-up of old uploads. */
const abortUploadMs = 5_000

type PartsLayout = Exclude<CopyLayout, { kind: 'whole' }>

/** Copies piece by piece as one multipart upload, which is taken back when anything fails. `first` is part 1, opened. */
export async function copyParts(
  plan: CopyPlan,
  layout: PartsLayout,
  first: OpenedObject | null,
): Promise<WrittenObject> {
  const { request } = plan
  const { target, key, signal, beforeWrite } = request
  const measure = measuresParts(plan, layout.kind)
  const { uploadId, there } = await beginUpload(plan, measure)
  try {
    const parts = await inParallel(piecesOf(layout), request, async (piece, index, partSignal) => {
      const done = there.get(index + 1)
      if (done !== undefined) return done
      const opened = index === 0 && first !== null ? first : await openSource(request, piece, partSignal)
      return copyPart(plan, { opened, uploadId, partNumber: index + 1, measure, signal: partSignal })
    })
    const fault = faultOfParts(plan, parts, measure)
    if (fault !== undefined) throw fault
    await beforeWrite?.({ uploadId })
    const { etag } = await toTarget(
      target.driver.completeUpload(target.bucket, key, {
        uploadId,
        parts: parts.map((part, index) => ({ partNumber: index + 1, etag: part.etag })),
        ...(request.condition === undefined ? {} : { condition: request.condition }),
        ...(signal === undefined ? {} : { signal }),
      }),
    )
    return { targetEtag: etag, verified: verifyParts(plan, parts, etag), writtenAt: null }
  } catch (error) {
    const limit = { signal: AbortSignal.timeout(abortUploadMs) }
    if (!request.keepsUpload?.(error))
      await target.driver.abortUpload(target.bucket, key, uploadId, limit).catch(() => undefined)
    throw error
  }
}

const piecesOf = (layout: PartsLayout): readonly PieceOptions[] =>
  layout.kind === 'ranges'
    ? layout.ranges.map((range) => ({ range }))
    : Array.from({ length: layout.count }, (_, i) => ({ partNumber: i + 1 }))

/** `there`: the parts that need not be copied, by their numbers. */
type Upload = { readonly uploadId: string; readonly there: ReadonlyMap<number, CopiedPart> }

/** One that was begun before is gone on with, but where what comes is measured: of what is there only the ETag of all can tell. */
async function beginUpload({ request, sourceHead, tags }: CopyPlan, measure: boolean): Promise<Upload> {
  const { target, key, signal, beforeWrite } = request
  const begun = measure ? null : await partsThere(request)
  if (begun !== null) return begun
  await dropUpload(request)
  await beforeWrite?.({ uploadId: null })
  const options = { metadata: sourceHead.metadata, tags, ...(signal === undefined ? {} : { signal }) }
  return { uploadId: await target.driver.createUpload(target.bucket, key, options), there: new Map() }
}

/** Null: there is no upload to go on with. */
async function partsThere({ target, key, resume, signal }: CopyRequest): Promise<Upload | null> {
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
  return { uploadId: resume, there: new Map(parts) }
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
