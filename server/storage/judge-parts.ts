// What the parts of a copy come to: whether they are the object that was wanted, and what shows that the target has it.
import { createHash } from 'node:crypto'
import { CopyEnded, NotDigested } from './copy-ends.ts'
import type { CopyLayout } from './copy-layout.ts'
import type { CopyPlan } from './copy-plan.ts'
import type { CopyVerification } from './copy-request.ts'
import { StorageError } from './storage-error.ts'
import type { WriteResult } from './storage-values.ts'

export type CopiedPart = WriteResult & {
  readonly bytes: number
  /** Of what was read; null when it was not measured. */
  readonly md5: string | null
}

/** Whether what is read has to be measured: the source's ETag need not tell what the parts are, or its word is another store's. */
export const measuresParts = ({ measure, sourceHead, request }: CopyPlan, layout: CopyLayout['kind']): boolean =>
  measure || layout === 'ranges' || !sourceHead.etagIsDigest || isLent({ request })

const isLent = ({ request }: Pick<CopyPlan, 'request'>): boolean => request.version !== undefined

/** The ETag that S3 gives an object of these parts. */
export function compositeOf(digests: readonly string[]): string {
  const all = Buffer.from(digests.join(''), 'hex')
  return `${createHash('md5').update(all).digest('hex')}-${digests.length}`
}

const compositeOfEtags = (parts: readonly CopiedPart[]) => compositeOf(parts.map(({ etag }) => etag))

/** Why no object may be made of them; undefined: it may. */
export function faultOfParts(plan: CopyPlan, parts: readonly CopiedPart[], measured: boolean): Error | undefined {
  const bytes = parts.reduce((sum, part) => sum + part.bytes, 0)
  if (bytes !== plan.sourceHead.size)
    return new StorageError('protocol', "The source's parts do not add up to its size")
  return measured ? faultOfRead(plan, compositeOf(parts.map(({ md5 }) => md5 ?? ''))) : faultOfWritten(plan, parts)
}

/** `came`: of what was read. What is lent is what its ETag digests; of other sources two reads may agree instead. */
function faultOfRead(plan: CopyPlan, came: string): Error | undefined {
  if (came === plan.sourceHead.etag) return undefined
  if (isLent(plan)) return new CopyEnded('source-changed')
  return plan.read === null || came === plan.read ? undefined : new NotDigested(came)
}

/** What was not measured the target's answers tell, where they are digests. */
function faultOfWritten({ sourceHead }: CopyPlan, parts: readonly CopiedPart[]): Error | undefined {
  const written = compositeOfEtags(parts)
  const isOther = written !== sourceHead.etag && parts.every(({ etagIsDigest }) => etagIsDigest)
  return isOther ? new NotDigested(written) : undefined
}

/** `etag`: what the target calls the object of these parts. */
export function verifyParts({ sourceHead }: CopyPlan, parts: readonly CopiedPart[], etag: string): CopyVerification {
  if (etag === sourceHead.etag) return 'etag'
  const isMeasured = parts.every((part) => part.etag === part.md5)
  return isMeasured || compositeOfEtags(parts) === sourceHead.etag ? 'md5' : 'size'
}
