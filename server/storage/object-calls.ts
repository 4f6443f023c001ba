import { createHash } from 'node:crypto'
import { compareKeys } from './compare-keys.ts'
import { headOf, lengthOf, writeHeaders, writeResultOf } from './object-headers.ts'
import type { S3Client } from './s3-client.ts'
import type { StorageDriver } from './storage-driver.ts'
import { StorageError, type StorageErrorKind } from './storage-error.ts'
import type { OpenOptions, Tag, WriteCondition } from './storage-values.ts'
import { assertPlainXml, elements, escapeXml, textOf } from './xml.ts'

export type ObjectCalls = Pick<StorageDriver, 'head' | 'open' | 'read' | 'put' | 'delete' | 'getTags' | 'putTags'>

export function createObjectCalls(client: S3Client): ObjectCalls {
  return {
    async head(bucket, key, { partNumber, signal } = {}) {
      const query: Record<string, string> = partNumber === undefined ? {} : { partNumber: String(partNumber) }
      const answer = await client
        .call({ method: 'HEAD', bucket, key, query, headers: anyCoding, signal })
        .catch(nullIf('no-such-key', 'no-such-bucket', 'bad-key'))
      return answer && headOf(key, answer.headers)
    },

    async open(bucket, key, options = {}) {
      const { partNumber, signal } = options
      const query: Record<string, string> = partNumber === undefined ? {} : { partNumber: String(partNumber) }
      const headers = openHeaders(options)
      const { headers: got, body } = await client.stream({ method: 'GET', bucket, key, query, headers, signal })
      try {
        const length = lengthOf(key, got)
        assertCoding(key, options.coding, got.get('content-encoding') ?? '')
        if (options.range && length !== options.range.end - options.range.start + 1) throw notThatRange(key)
        return { head: headOf(key, got), length, body }
      } catch (error) {
        body.destroy()
        throw error
      }
    },

    async read(bucket, key, { most, signal }) {
      const headers = openHeaders({})
      const answer = await client.bytes({ method: 'GET', bucket, key, headers, signal }, most)
      const bytes = answer.bytes.length === lengthOf(key, answer.headers) ? answer.bytes : null
      return { head: headOf(key, answer.headers), bytes }
    },

    async put(bucket, key, { body, size, signal, ...what }) {
      const headers = writeHeaders(what)
      const answer = await client
        .call({ method: 'PUT', bucket, key, headers, body, size, signal })
        .catch(goneIsPrecondition(what.condition))
      return writeResultOf(key, answer.headers)
    },

    async delete(bucket, key, { signal } = {}) {
      const answer = await client.call({ method: 'DELETE', bucket, key, signal }).catch(nullIf('no-such-key'))
      return { versionsLeft: answer?.headers.get('x-amz-delete-marker') === 'true' }
    },

    async getTags(bucket, key, { signal } = {}) {
      const { text } = await client.call({ method: 'GET', bucket, key, query: { tagging: '' }, signal })
      assertPlainXml(text, 'Tagging')
      const tags = [...elements(text, 'Tag')].map(({ inner }) => toTag(inner))
      return tags.sort((a, b) => compareKeys(a.key, b.key))
    },

    async putTags(bucket, key, tags, { signal } = {}) {
      const set = tags.map((tag) => `<Tag><Key>${escapeXml(tag.key)}</Key><Value>${escapeXml(tag.value)}</Value></Tag>`)
      const body = `<Tagging><TagSet>${set.join('')}</TagSet></Tagging>`
      const headers = { 'content-md5': createHash('md5').update(body).digest('base64') }
      await client.call({ method: 'PUT', bucket, key, query: { tagging: '' }, headers, body, signal })
    },
  }
}

/** A HEAD has no bytes to be packed: so none that are stored packed are told as they would be unpacked. */
const anyCoding = { 'accept-encoding': 'gzip, deflate, br, zstd' }

function openHeaders({ ifMatch, range, coding }: OpenOptions): Record<string, string> {
  return {
    'accept-encoding': coding || 'identity',
    ...(ifMatch === undefined ? {} : { 'if-match': `"${ifMatch}"` }),
    ...(range === undefined ? {} : { range: `bytes=${range.start}-${range.end}` }),
  }
}

function assertCoding(key: string, asked: string | undefined, came: string): void {
  if (asked === undefined || asked === came) return
  throw new StorageError(
    'altered',
    `Something between FaDO and the store, such as a proxy that unpacks gzip, changes what the store sends: ` +
      `${JSON.stringify(key)} is stored with content-encoding '${asked}' and comes with '${came}'. Let it pass on the stored bytes`,
  )
}

function notThatRange(key: string): StorageError {
  return new StorageError(
    'unsupported',
    `The store did not answer with the bytes that were asked for (${JSON.stringify(key)})`,
  )
}

function toTag(xml: string): Tag {
  return { key: textOf(xml, 'Key') ?? '', value: textOf(xml, 'Value') ?? '' }
}

/** For `catch`: makes an answer of these kinds null. */
export function nullIf(...kinds: readonly StorageErrorKind[]): (error: unknown) => null {
  return (error) => {
    if (error instanceof StorageError && kinds.includes(error.kind)) return null
    throw error
  }
}

/** For `catch`: If-Match on a key that is gone answers 404, which is a condition that does not hold. */
export function goneIsPrecondition(condition: WriteCondition | undefined): (error: unknown) => never {
  return (error) => {
    const gone = error instanceof StorageError && error.kind === 'no-such-key'
    if (!gone || condition === undefined) throw error
    throw new StorageError('precondition-failed', error.message, {
      code: error.code,
      status: error.status,
      cause: error,
    })
  }
}
