// Copies one object from store to store as a stream: same bytes, same parts where the source tells them, same carried
// headers and tags, written only if the target is still what the caller saw.

import { createHash } from 'node:crypto'
import { CopyEnded, fromSource, NotDigested, openSource, toTarget } from './copy-ends.ts'
import { chooseLayout, partsInEtag } from './copy-layout.ts'
import { copyParts, dropUpload } from './copy-parts.ts'
import type { CopyPlan, WrittenObject } from './copy-plan.ts'
import type { CopyOutcome, CopyRequest, CopyVerification } from './copy-request.ts'
import { createTap } from './copy-tap.ts'
import { exactly } from './exact-body.ts'
import { tagsFitHeaders } from './object-headers.ts'
import { StorageError } from './storage-error.ts'
import type { ObjectHead, OpenedObject, Tag, WriteResult } from './storage-values.ts'
import { timed } from './written-at.ts'

type Attempt = { readonly keepParts: boolean } & Pick<CopyPlan, 'measure' | 'read'>

/**
 * Resolves to how it ended. Rejects with a StorageError when a store failed: then nothing was written, or what was
 * written is unknown (a connection lost while the target answered), so look at the target again.
 */
export async function copyObject(request: CopyRequest): Promise<CopyOutcome> {
  try {
    return await copyWith(request, { keepParts: true, measure: false, read: null })
  } catch (error) {
    if (error instanceof CopyEnded) return { outcome: error.outcome }
    throw error
  }
}

async function copyWith(request: CopyRequest, attempt: Attempt): Promise<CopyOutcome> {
  try {
    return await attemptCopy(request, attempt)
  } catch (error) {
    // Nothing was written yet in both cases. An ETag that looks like a digest may be none; a part may be too small.
    const kind = error instanceof StorageError ? error.kind : null
    const isOnlyThis = request.version !== undefined || request.opened !== undefined
    if (isOnlyThis && (kind === 'bad-digest' || kind === 'bad-layout')) throw new CopyEnded('source-changed')
    if (kind === 'bad-digest' && attempt.read === null) {
      const read = error instanceof NotDigested ? error.digest : await digestOf(request)
      return copyWith(request, { ...attempt, measure: true, read })
    }
    if (kind === 'bad-layout' && attempt.keepParts)
      return copyWith(request, { keepParts: false, measure: true, read: null })
    throw error
  }
}

/** Of the whole source, read for nothing else: only what a second read gives as well shows that its ETag is no digest. */
async function digestOf(request: CopyRequest): Promise<string> {
  const { body } = await openSource(request, {})
  const hash = createHash('md5')
  for await (const chunk of body as AsyncIterable<Buffer>) {
    hash.update(chunk)
    request.onBytes?.(chunk.length)
  }
  return hash.digest('hex')
}

async function attemptCopy(request: CopyRequest, { keepParts, measure, read }: Attempt): Promise<CopyOutcome> {
  const { source, key, sourceEtag } = request
  const inParts = partsInEtag(sourceEtag) !== null
  const first = request.opened ?? (await openSource(request, inParts ? { partNumber: 1 } : {}))
  try {
    const { head: opened } = first
    const options = request.signal === undefined ? {} : { signal: request.signal }
    const tagsOf = () => fromSource(source.driver.getTags(source.bucket, key, options))
    const { head: sourceHead, tags } = request.version ?? {
      head: opened,
      tags: opened.tagCount > 0 ? await tagsOf() : [],
    }
    const { size, etag } = sourceHead
    const layout = chooseLayout({ size, etag, partCount: opened.partCount, partLength: first.length, keepParts })
    // What is shown elsewhere is known by its ETag alone, which only the same pieces keep.
    const keepsEtag = layout.kind === (inParts ? 'parts' : 'whole')
    if (request.version !== undefined && (opened.size !== size || !keepsEtag)) throw new CopyEnded('source-changed')
    const inHeaders = tagsFitHeaders(sourceHead.metadata, tags)
    const plan = { request, sourceHead, tags: inHeaders ? tags : [], measure, read }
    const usable = layout.kind === 'parts' || (layout.kind === 'whole' && first.length === size)
    if (!usable) first.body.destroy()
    const written = await (layout.kind === 'whole'
      ? copyWhole(plan, usable ? first : await openSource(request, {}))
      : copyParts(plan, layout, usable ? first : null))
    if (!inHeaders && !(await addTags(request, tags)))
      return { outcome: 'untagged', bytes: size, sourceHead, tags, targetEtag: written.targetEtag }
    return { outcome: 'copied', bytes: size, sourceHead, tags, ...written }
  } finally {
    first.body.destroy()
  }
}

/** False: the store cannot hold them. */
async function addTags({ target, key, signal, beforeWrite }: CopyRequest, tags: readonly Tag[]): Promise<boolean> {
  const options = signal === undefined ? {} : { signal }
  await beforeWrite?.({ uploadId: null })
  try {
    await target.driver.putTags(target.bucket, key, tags, options)
    return true
  } catch (error) {
    if (error instanceof StorageError && error.isOfObject) return false
    throw error
  }
}

async function copyWhole(plan: CopyPlan, opened: OpenedObject): Promise<WrittenObject> {
  const { request, sourceHead, tags } = plan
  const { target, key, condition, signal, beforeWrite, onBytes } = request
  const ofEtag = sourceHead.etagIsDigest && partsInEtag(sourceHead.etag) === null && !plan.measure
  const foretold = ofEtag ? sourceHead.etag : plan.read
  const tap = createTap(opened.body, { onBytes, measure: foretold === null })
  const meant = request.version === undefined ? plan.read : sourceHead.etag
  const exact = meant === null ? null : exactly(opened.body, meant)
  try {
    await dropUpload(request)
    await beforeWrite?.({ uploadId: null })
    const put = target.driver.put(target.bucket, key, {
      body: exact?.body ?? opened.body,
      size: opened.length,
      metadata: sourceHead.metadata,
      tags,
      ...(foretold === null ? {} : { md5: foretold }),
      ...(condition === undefined ? {} : { condition }),
      ...(signal === undefined ? {} : { signal }),
    })
    const explain = (error: unknown) => {
      if (exact?.isWrong()) throw request.version === undefined ? differing() : new CopyEnded('source-changed')
      return explainCut(request, { size: opened.length, foretold }, error)
    }
    const result = await toTarget(timed(put.catch(explain)))
    const verified = verifyWhole(sourceHead, result, foretold, tap.md5())
    return { targetEtag: result.etag, verified, writtenAt: result.writtenAt }
  } finally {
    opened.body.destroy()
  }
}

/**
 * Some stores (versitygw) refuse a large body by closing the connection on it, and the refusal is lost. An object that
 * is neither what was expected nor can be what we were writing says the same. `foretold`: the MD5 of that; null: not known.
 */
async function explainCut(
  { target, key, condition, sourceEtag, signal }: CopyRequest,
  { size, foretold }: { readonly size: number; readonly foretold: string | null },
  error: unknown,
): Promise<never> {
  const cut = error instanceof StorageError && error.kind === 'unreachable'
  if (!cut || condition === undefined) throw error
  const there = await target.driver.head(target.bucket, key, signal === undefined ? {} : { signal })
  const holds = 'ifMatch' in condition ? there?.etag === condition.ifMatch : there === null
  if (holds || (there !== null && mayBeOurs(there, { size, foretold, sourceEtag }))) throw error
  throw new CopyEnded('target-changed')
}

function mayBeOurs(
  there: ObjectHead,
  written: { readonly size: number; readonly foretold: string | null; readonly sourceEtag: string },
): boolean {
  if (there.size !== written.size) return false
  const tells = written.foretold !== null && there.etagIsDigest
  return there.etag === written.sourceEtag || !tells || there.etag === written.foretold
}

const differing = () =>
  new StorageError('bad-digest', 'The source sends other bytes each time; the object is copied again')

/** `sent`: the MD5 that the target was told; `md5`: of what was read. */
function verifyWhole(
  source: ObjectHead,
  result: WriteResult,
  sent: string | null,
  md5: string | null,
): CopyVerification {
  if (result.etag === source.etag) return 'etag'
  // The target checked the MD5 that it was sent, and says itself that its ETag is another thing.
  const checkedByTarget = sent !== null && !result.etagIsDigest
  return checkedByTarget || result.etag === (md5 ?? sent) ? 'md5' : 'size'
}
