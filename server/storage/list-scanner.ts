// Reads one page of ListObjectsV2 without an XML parser: 30 times faster than one, and keys stay what they are (a
// number-guessing parser turns "00123" into 123). https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
import { unquote } from './object-headers.ts'
import { StorageError } from './storage-error.ts'
import type { ListedObject } from './storage-values.ts'
import { assertPlainXml, elementAt, elements, textOf, unescapeXml } from './xml.ts'

export type ListPage = {
  readonly objects: readonly ListedObject[]
  /** What to ask the next page with; null on the last page. */
  readonly next: string | null
}

const broken = (detail: string, cause?: unknown) =>
  new StorageError('protocol', `The store sent a listing that cannot be used: ${detail}`, { cause })

/** Throws a StorageError (`protocol`) on anything but a whole page. */
export function scanListPage(xml: string): ListPage {
  assertPlainXml(xml, 'ListBucketResult')
  // What stands before and after the objects: never search for a page's own fields within them.
  const firstAt = xml.indexOf('<Contents>')
  const lastAt = xml.lastIndexOf('</Contents>')
  const frame = firstAt < 0 ? xml : xml.slice(0, firstAt) + xml.slice(lastAt)
  // Asked for always, but some stores do not do it, and then a `%41` is a `%41`.
  const urlEncoded = textOf(frame, 'EncodingType') === 'url'
  return { objects: scanObjects(xml, urlEncoded), next: nextToken(frame) }
}

/** Where the next page begins, without reading the objects; null on the last page. */
function nextToken(frame: string): string | null {
  const truncated = textOf(frame, 'IsTruncated')
  if (truncated === 'false') return null
  if (truncated !== 'true') throw broken('it does not say whether it is whole')
  const token = textOf(frame, 'NextContinuationToken')
  if (!token) throw broken('it does not say how it goes on')
  return token
}

function scanObjects(xml: string, urlEncoded: boolean): ListedObject[] {
  const objects: ListedObject[] = []
  for (const { inner } of elements(xml, 'Contents')) objects.push(scanObject(inner, urlEncoded))
  if (xml.indexOf('<Contents', xml.lastIndexOf('</Contents>')) >= 0) throw broken('an entry is cut')
  return objects
}

function scanObject(xml: string, urlEncoded: boolean): ListedObject {
  const key = elementAt(xml, 'Key', 0)?.inner
  const size = elementAt(xml, 'Size', 0)?.inner ?? ''
  const lastModified = Date.parse(elementAt(xml, 'LastModified', 0)?.inner ?? '')
  if (!key || !/^\d{1,15}$/.test(size) || Number.isNaN(lastModified)) throw broken('an entry lacks key, size or time')
  const etag = unquote(unescapeXml(elementAt(xml, 'ETag', 0)?.inner ?? ''))
  return { key: decodeKey(unescapeXml(key), urlEncoded), size: Number(size), etag, lastModified }
}

/** As listings tell it. */
export function decodeKey(text: string, urlEncoded: boolean): string {
  if (!urlEncoded || !/[%+]/.test(text)) return text
  try {
    return decodeURIComponent(text.replaceAll('+', '%20'))
  } catch (cause) {
    throw broken('a key is not UTF-8', cause)
  }
}
