import { StorageError } from './storage-error.ts'

/** RFC 3986: everything but unreserved characters is percent-encoded, as signatures demand. Throws URIError on a lone surrogate. */
export function encodeRfc3986(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)
}

const PLAIN = /^[A-Za-z0-9_.~\-/]+$/

/**
 * Names that would not reach the store as they are: HTTP resolves dot segments (RFC 3986, 5.2.4), so `a/../b` would be
 * `b` to a proxy, or to a store on a file system. NUL ends a name there.
 */
const UNADDRESSABLE = /(?:^|\/)\.{1,2}(?:\/|$)|\0|^$/

/** Path-style address of the store, a bucket or an object, encoded. `bad-key` for a key that HTTP cannot carry. */
export function objectPath(bucket: string | null, key: string | null): string {
  if (bucket === null) return '/'
  const name = encodeRfc3986(bucket)
  if (key === null) return `/${name}`
  if (UNADDRESSABLE.test(key) || !key.isWellFormed()) {
    throw new StorageError('bad-key', `No store can be asked for an object of this name: ${JSON.stringify(key)}`)
  }
  return `/${name}/${PLAIN.test(key) ? key : key.split('/').map(encodeRfc3986).join('/')}`
}

export function queryString(query: Readonly<Record<string, string>>): string {
  return Object.entries(query)
    .map(([name, value]) => `${encodeRfc3986(name)}=${encodeRfc3986(value)}`)
    .sort()
    .join('&')
}
