import { StorageError } from './storage-error.ts'

/** RFC 3986: everything but unreserved characters is percent-encoded, as signatures demand. Throws URIError on a lone surrogate. */
function encodeRfc3986(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)
}

const plainCharacters = /^[A-Za-z0-9_.~\-/]+$/

/**
 * Names that would not reach the store as they are: HTTP resolves dot segments (RFC 3986, 5.2.4), so `a/../b` would be
 * `b` to a proxy, or to a store on a file system. NUL ends a name there.
 */
const unaddressableKey = /(?:^|\/)\.{1,2}(?:\/|$)|\0|^$/

/** False: no store can be asked for an object of this name. A store may list one all the same. */
export const isAskable = (key: string): boolean => !unaddressableKey.test(key) && key.isWellFormed() && !isTooLong(key)

/** Looser than S3's rule for new buckets: old ones may have capitals and underscores. Never empty, never dots alone. */
const bucketPattern = /^[A-Za-z0-9][A-Za-z0-9._-]{1,254}$/

/** Path-style address of the store, a bucket or an object, encoded. `bad-key` for a key that HTTP cannot carry, `refused` for a bucket's name. */
export function objectPath(bucket: string | null, key: string | null): string {
  if (bucket === null) return '/'
  if (!bucketPattern.test(bucket))
    throw new StorageError('refused', `No bucket can have this name: ${JSON.stringify(bucket)}`)
  const name = encodeRfc3986(bucket)
  if (key === null) return `/${name}`
  if (!isAskable(key)) {
    throw new StorageError('bad-key', `No store can be asked for an object of this name: ${JSON.stringify(key)}`)
  }
  return `/${name}/${plainCharacters.test(key) ? key : key.split('/').map(encodeRfc3986).join('/')}`
}

/** S3's limit is 1 024 bytes of UTF-8, of which a UTF-16 unit takes 3 at most. */
function isTooLong(key: string): boolean {
  return key.length > 341 && Buffer.byteLength(key) > 1_024
}

/** Sorted by name, as signatures demand. */
export function queryString(query: Readonly<Record<string, string>>): string {
  return Object.keys(query)
    .sort()
    .map((name) => `${encodeRfc3986(name)}=${encodeRfc3986(query[name] ?? '')}`)
    .join('&')
}
