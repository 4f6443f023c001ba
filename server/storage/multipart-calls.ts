import { errorOfAnswer } from './map-error.ts'
import { goneIsPrecondition, nullIf } from './object-calls.ts'
import { lengthOf, unquote, writeHeaders, writeResultOf } from './object-headers.ts'
import type { S3Client } from './s3-client.ts'
import type { StorageDriver } from './storage-driver.ts'
import { StorageError } from './storage-error.ts'
import type { CallOptions, UploadedPart } from './storage-values.ts'
import { assertPlainXml, elementAt, elements, escapeXml, textOf } from './xml.ts'

export type MultipartCalls = Pick<
  StorageDriver,
  'parts' | 'createUpload' | 'uploadPart' | 'uploadedParts' | 'completeUpload' | 'abortUpload'
>

/** HEADs of parts under way at once. */
const partHeads = 8

export function createMultipartCalls(client: S3Client, completeMs: number): MultipartCalls {
  /** One call for all sizes; null where the store does not tell (AWS without checksums, versitygw). */
  async function listedParts(bucket: string, key: string, signal?: AbortSignal): Promise<number[] | null> {
    const sizes: number[] = []
    for (let marker = '0'; ; ) {
      const headers = { 'x-amz-object-attributes': 'ObjectParts', 'x-amz-part-number-marker': marker }
      const request = { method: 'GET', bucket, key, query: { attributes: '' }, headers, signal } as const
      const answer = await client.call(request).catch(nullIfUnoffered)
      if (answer === null) return null
      const parts = elementAt(answer.text, 'ObjectParts', 0)?.inner ?? ''
      const page = [...elements(parts, 'Part')].map(({ inner }) => Number(textOf(inner, 'Size')))
      sizes.push(...page)
      if (page.length === 0) return sizes.length > 0 ? sizes : null
      if (textOf(parts, 'IsTruncated') !== 'true') return sizes
      const next = textOf(parts, 'NextPartNumberMarker') ?? ''
      if (!(Number(next) > Number(marker))) return null
      marker = next
    }
  }

  async function headPart(bucket: string, key: string, part: number, signal?: AbortSignal) {
    const query = { partNumber: String(part) }
    const { headers } = await client.call({ method: 'HEAD', bucket, key, query, signal })
    return { size: lengthOf(key, headers), count: Number(headers.get('x-amz-mp-parts-count')) || null }
  }

  async function headedParts(bucket: string, key: string, count: number, signal?: AbortSignal) {
    const sizes: number[] = []
    for (let first = 1; first <= count; first += partHeads) {
      const numbers = Array.from({ length: Math.min(partHeads, count - first + 1) }, (_, i) => first + i)
      const heads = await Promise.all(numbers.map((part) => headPart(bucket, key, part, signal)))
      sizes.push(...heads.map(({ size }) => size))
    }
    return sizes
  }

  return {
    async parts(bucket, key, { signal }: CallOptions = {}) {
      const first = await headPart(bucket, key, 1, signal)
      if (first.count === null) return null
      const listed = await listedParts(bucket, key, signal)
      if (listed?.length === first.count && listed[0] === first.size) return listed
      return headedParts(bucket, key, first.count, signal)
    },

    async createUpload(bucket, key, { signal, ...what } = {}) {
      const headers = writeHeaders(what)
      const { text } = await client.call({ method: 'POST', bucket, key, query: { uploads: '' }, headers, signal })
      assertPlainXml(text, 'InitiateMultipartUploadResult')
      const id = textOf(text, 'UploadId')
      if (!id) throw new StorageError('protocol', 'The store did not name the upload that it began')
      return id
    },

    async uploadPart(bucket, key, { uploadId, partNumber, body, size, md5, signal }) {
      const query = { partNumber: String(partNumber), uploadId }
      const headers = writeHeaders(md5 === undefined ? {} : { md5 })
      const answer = await client.call({ method: 'PUT', bucket, key, query, headers, body, size, signal })
      return writeResultOf(key, answer.headers)
    },

    async uploadedParts(bucket, key, uploadId, { signal } = {}) {
      const found: UploadedPart[] = []
      for (let marker = '0'; ; ) {
        const query = { uploadId, 'part-number-marker': marker }
        const { text } = await client.call({ method: 'GET', bucket, key, query, signal })
        assertPlainXml(text, 'ListPartsResult')
        const page = [...elements(text, 'Part')].map(({ inner }) => toUploadedPart(inner))
        found.push(...page)
        const next = textOf(text, 'NextPartNumberMarker') ?? ''
        if (textOf(text, 'IsTruncated') !== 'true') return found
        if (!(Number(next) > Number(marker))) throw new StorageError('protocol', 'The store lists parts without end')
        marker = next
      }
    },

    async completeUpload(bucket, key, { uploadId, parts, condition, signal }) {
      const list = parts.map(
        ({ partNumber, etag }) => `<Part><PartNumber>${partNumber}</PartNumber><ETag>${escapeXml(etag)}</ETag></Part>`,
      )
      const body = `<CompleteMultipartUpload>${list.join('')}</CompleteMultipartUpload>`
      const headers = writeHeaders(condition === undefined ? {} : { condition })
      const query = { uploadId }
      const answer = await client
        .call({ method: 'POST', bucket, key, query, headers, body, silenceMs: completeMs, signal })
        .catch(goneIsPrecondition(condition))
      // It may answer 200 at once, to keep the connection alive, and tell the failure in the body.
      const { text } = answer
      if (elementAt(text, 'Error', 0)) throw errorOfAnswer({ method: 'POST', bucket, key }, answer)
      assertPlainXml(text.trimStart(), 'CompleteMultipartUploadResult')
      const etag = unquote(textOf(text, 'ETag') ?? '')
      return writeResultOf(key, new Map([...answer.headers, ['etag', etag]]))
    },

    async abortUpload(bucket, key, uploadId, { signal } = {}) {
      const request = { method: 'DELETE', bucket, key, query: { uploadId }, signal } as const
      await client.call(request).catch(nullIf('no-such-upload'))
    },
  }
}

function toUploadedPart(xml: string): UploadedPart {
  return {
    partNumber: Number(textOf(xml, 'PartNumber')),
    size: Number(textOf(xml, 'Size')),
    etag: unquote(textOf(xml, 'ETag') ?? ''),
  }
}

/** Any plain refusal: older stores answer an unknown sub-resource in many ways. */
function nullIfUnoffered(error: unknown): null {
  const kinds = ['unsupported', 'refused', 'protocol', 'access-denied']
  if (error instanceof StorageError && kinds.includes(error.kind)) return null
  throw error
}
