// Whether two objects have the same bytes though their ETags differ, e.g. for they were uploaded in other parts. The ETag of one
// tells in its own layout what the bytes of the other must digest to, so one of them is read; both only where that does not tell.
import { createHash, type Hash } from 'node:crypto'
import { partsInEtag } from '../../storage/copy-layout.ts'
import type { Place, Seen } from './carried.ts'
import { haveSameBytes } from './same-bytes.ts'

type Object = Place & { readonly seen: Seen }

/** Sizes of the parts whose MD5s the ETag digests; null: it is the MD5 of the whole. Undefined: it tells nothing. */
async function layoutOf({ driver, bucket, seen }: Object, key: string, signal: AbortSignal) {
  if (!seen.etagIsDigest) return undefined
  const count = partsInEtag(seen.etag)
  if (count === null) return null
  const parts = await driver.parts(bucket, key, { signal })
  const whole = parts?.length === count && parts.reduce((sum, size) => sum + size, 0) === seen.size
  return whole ? parts : undefined
}

/** The ETag that S3 gives these bytes in this layout. */
async function digest(body: AsyncIterable<Buffer>, parts: readonly number[] | null): Promise<string> {
  if (parts === null) {
    const all = createHash('md5')
    for await (const chunk of body) all.update(chunk)
    return all.digest('hex')
  }
  const ofParts: Buffer[] = []
  let part: Hash = createHash('md5')
  let left = parts[0] ?? 0
  for await (const chunk of body)
    for (let at = 0; at < chunk.length; ) {
      const end = Math.min(chunk.length, at + left)
      part.update(chunk.subarray(at, end))
      left -= end - at
      at = end
      if (left > 0) continue
      ofParts.push(part.digest())
      part = createHash('md5')
      left = parts[ofParts.length] ?? Number.POSITIVE_INFINITY
    }
  const all = createHash('md5').update(Buffer.concat(ofParts))
  return `${all.digest('hex')}-${parts.length}`
}

/** Reads `read` alone. False: its bytes are others, or the other's ETag is no digest after all. Undefined: that cannot tell. */
async function isDigestedBy(read: Object, other: Object, key: string, signal: AbortSignal) {
  const layout = await layoutOf(other, key, signal)
  if (layout === undefined) return undefined
  const { etag: ifMatch, coding } = read.seen
  const { body } = await read.driver.open(read.bucket, key, { ifMatch, coding, signal })
  try {
    return (await digest(body, layout)) === other.seen.etag
  } finally {
    body.destroy()
  }
}

/** Both have the same size. Rejects with `precondition-failed` when one of them is another by now. */
export async function compareContent(source: Object, copy: Object, key: string, signal: AbortSignal): Promise<boolean> {
  const told = (await isDigestedBy(copy, source, key, signal)) ?? (await isDigestedBy(source, copy, key, signal))
  // A store may send ETags that look like digests and are none.
  return told === true || haveSameBytes(source, copy, key, signal)
}
