// What an object is, as far as a copy must be the same.
import { contentId } from '../../content-id.ts'
import type { SourceVersion } from '../../storage/copy-request.ts'
import type { StorageDriver } from '../../storage/storage-driver.ts'
import { StorageError } from '../../storage/storage-error.ts'
import type { ObjectHead, ObjectMetadata, Tag } from '../../storage/storage-values.ts'

/** One object as a store shows it. `lastModified` is milliseconds, in whole seconds. */
export type Seen = {
  readonly etag: string
  /** The ETag digests the bytes, so two of them that differ in the same form mean other bytes. */
  readonly etagIsDigest: boolean
  readonly size: number
  readonly lastModified: number
  /** Content-Encoding as the store tells it, '' for none: its bytes are asked for in just this. */
  readonly coding: string
  /** Digest of everything carried beside the bytes. */
  readonly carried: string
}

const carriedDigest = (metadata: ObjectMetadata, tags: readonly Tag[]): string => contentId({ metadata, tags })

export const seenOf = (head: ObjectHead, tags: readonly Tag[]): Seen => ({
  etag: head.etag,
  etagIsDigest: head.etagIsDigest,
  size: head.size,
  lastModified: head.lastModified,
  coding: head.metadata['content-encoding'] ?? '',
  carried: carriedDigest(head.metadata, tags),
})

const singlePart = (seen: Seen) => seen.etagIsDigest && !seen.etag.includes('-')

/** Whether the ETags, both digests of whole objects, say that the bytes are others. */
export const differ = (a: Seen, b: Seen): boolean => a.etag !== b.etag && singlePart(a) && singlePart(b)

export type Place = { readonly driver: StorageDriver; readonly bucket: string }

/** Null: the store says that it has no such key. A missing bucket looks the same. */
export async function lookAt(
  { driver, bucket }: Place,
  key: string,
  signal: AbortSignal,
): Promise<(SourceVersion & { readonly seen: Seen }) | null> {
  for (;;) {
    const head = await driver.head(bucket, key, { signal })
    if (head === null) return null
    try {
      const tags = head.tagCount > 0 ? await driver.getTags(bucket, key, { signal }) : []
      return { seen: seenOf(head, tags), head, tags }
    } catch (error) {
      // Deleted between the two calls: the next HEAD says so.
      if (!(error instanceof StorageError) || error.kind !== 'no-such-key') throw error
    }
  }
}

/** A write that is answered within a second began in this second of the store's clock, or in the one before; one more is for rounding. */
const longestWrite = 2_000

/**
 * Whether what is there now may be what a write left that the store answered at `answeredAt` by its clock, in whole seconds;
 * null: not known.
 */
export const mayBeOfWrite = (lastModified: number, answeredAt: number | null): boolean =>
  answeredAt === null || (lastModified >= answeredAt - longestWrite && lastModified < answeredAt + 1_000)
