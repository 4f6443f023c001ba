// What the headers of an object say, and what of them goes along when it is copied.
import { looksLikeDigest } from '../domain/object/etag.ts'
import { decodeWords } from './encoded-words.ts'
import { StorageError } from './storage-error.ts'
import type { ObjectHead, ObjectMetadata, Tag, WriteCondition, WriteResult } from './storage-values.ts'

/**
 * Left out on purpose: storage class and encryption (the target's own business), checksums (the target makes its own;
 * an upload announced with an algorithm refuses parts without it), website redirects and locks.
 */
const carriedHeaders: ReadonlySet<string> = new Set([
  'content-type',
  'content-encoding',
  'content-language',
  'content-disposition',
  'cache-control',
  'expires',
])

type Headers = ReadonlyMap<string, string>

function metadataOf(headers: Headers): ObjectMetadata {
  const metadata: Record<string, string> = {}
  for (const [name, value] of headers)
    if (carriedHeaders.has(name) || name.startsWith('x-amz-meta-')) metadata[name] = value
  return metadata
}

export function headOf(key: string, headers: Headers): ObjectHead {
  const lastModified = Date.parse(headers.get('last-modified') ?? '')
  const etag = etagOf(headers)
  if (etag === '') throw notAnObject(key, 'ETag', rewrite)
  if (Number.isNaN(lastModified)) throw notAnObject(key, 'Last-Modified')
  return {
    key,
    size: sizeOf(key, headers),
    etag,
    etagIsDigest: isDigest(etag, headers),
    lastModified,
    metadata: metadataOf(headers),
    tagCount: Number(headers.get('x-amz-tagging-count') ?? 0) || 0,
    partCount: Number(headers.get('x-amz-mp-parts-count')) || null,
    serverDate: serverDateOf(headers),
  }
}

let told = { text: '', date: Number.NaN }

/** Read once a second: a store's answers of one second tell the same. */
export function serverDateOf(headers: Headers): number | null {
  const text = headers.get('date') ?? ''
  if (text !== told.text) told = { text, date: Date.parse(text) }
  return told.date || null
}

export function writeResultOf(key: string, headers: Headers): WriteResult {
  const etag = etagOf(headers)
  if (etag === '') throw notAnObject(key, 'ETag')
  return { etag, etagIsDigest: isDigest(etag, headers), serverDate: serverDateOf(headers) }
}

/** Length of this answer's body, which may be a part of the object. */
export function lengthOf(key: string, headers: Headers): number {
  const length = headers.get('content-length') ?? ''
  if (!/^\d{1,15}$/.test(length)) throw notAnObject(key, 'Content-Length')
  return Number(length)
}

function sizeOf(key: string, headers: Headers): number {
  const total = /^bytes .*\/(\d{1,15})$/.exec(headers.get('content-range') ?? '')
  return total === null ? lengthOf(key, headers) : Number(total[1])
}

export function unquote(etag: string): string {
  return etag.replace(/^W\//, '').replaceAll('"', '')
}

function etagOf(headers: Headers): string {
  return unquote(headers.get('etag') ?? '')
}

/** With a key of its own (SSE-KMS, SSE-C) an ETag looks like an MD5 but is none. */
function isDigest(etag: string, headers: Headers): boolean {
  const encryption = headers.get('x-amz-server-side-encryption') ?? 'AES256'
  const customerKey = headers.has('x-amz-server-side-encryption-customer-algorithm')
  return looksLikeDigest(etag) && encryption === 'AES256' && !customerKey
}

function notAnObject(key: string, lacking: string, cure = ''): StorageError {
  const message = `The store's answer does not describe an object (${JSON.stringify(key)}): it has no valid ${lacking}${cure}`
  return new StorageError('protocol', message)
}

/** What was laid into the directory of a store, as a file, has no ETag. */
const rewrite = ', by which FaDO tells its versions. Write the object again through S3'

/** Headers of a request that writes an object. */
export function writeHeaders(options: {
  readonly metadata?: ObjectMetadata
  readonly tags?: readonly Tag[]
  readonly condition?: WriteCondition
  readonly md5?: string
}): Record<string, string> {
  const { metadata = {}, tags = [], condition, md5 } = options
  const headers: Record<string, string> = {}
  for (const name of Object.keys(metadata)) headers[name] = writtenValue(name, metadata[name] ?? '')
  if (tags.length > 0) headers['x-amz-tagging'] = taggingHeader(tags)
  if (md5 !== undefined) headers['content-md5'] = Buffer.from(md5, 'hex').toString('base64')
  if (condition === undefined) return headers
  if ('ifMatch' in condition) headers['if-match'] = `"${condition.ifMatch}"`
  else headers['if-none-match'] = '*'
  return headers
}

function writtenValue(name: string, told: string): string {
  const value = name.startsWith('x-amz-meta-') ? decodeWords(told) : told
  if (/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) return value
  throw new StorageError('bad-metadata', `No request can carry the value of ${name}: it has control characters`)
}

/** S3 takes 8 KB of headers; what is left over is for those of the call itself. */
const mostInHeaders = 6_000

/** Whether the tags can be sent along with the object, or need a call of their own afterwards. */
export function tagsFitHeaders(metadata: ObjectMetadata, tags: readonly Tag[]): boolean {
  const headers = Object.entries(metadata).reduce((sum, [name, value]) => sum + name.length + value.length, 0)
  return headers + taggingHeader(tags).length <= mostInHeaders
}

function taggingHeader(tags: readonly Tag[]): string {
  return tags.map(({ key, value }) => `${encodeURIComponent(key)}=${encodeURIComponent(value)}`).join('&')
}
