// Objects as users write them: small, empty, in parts, with odd names and with metadata.
import { createHash } from 'node:crypto'
import type { Content } from './history.ts'
import type { Random } from './random.ts'
import type { Store } from './world.ts'

/** Names that programs get wrong: escapes, numbers, dots, a name below another one. */
export const oddKeys = [
  'a b.txt',
  'plus+and%20percent%',
  'ü/ñ/漢字',
  'emoji-😀',
  '00123',
  'what?x=1&y=2#z',
  `quote'"<&>`,
  'folder',
  'folder/inner',
  '...dots',
  'semi;colon=,~!()*',
] as const

/** MinIO's listings hide it while `folder` is there: no sweep can find a change of it whose event was lost. */
export const hiddenKey = 'folder/inner'

const contentTypes = [
  'text/plain',
  'application/octet-stream',
  'image/svg+xml; charset=utf-8',
  'application/x-ndjson',
] as const
const partSize = 5 * 2 ** 20
const largeSize = 12_000_000

export const someTags = (mark: string): Content['tags'] => ({ mark, 'with spaces': 'a=b c' })

export type Body = { readonly content: Content; readonly bytes: Buffer }

/** `mark` is unlike any other, so two writes never look the same. */
export function someBody(random: Random, mark: string): Body {
  const large = random.chance(0.03)
  const bytes = random.bytes(large ? largeSize : random.chance(0.1) ? 0 : random.between(1, 2_000))
  return {
    bytes,
    content: {
      sha256: createHash('sha256').update(bytes).digest('hex'),
      size: bytes.length,
      contentType: random.pick(contentTypes),
      metadata: { mark, ...(random.chance(0.3) ? { note: `n${random.between(0, 1_000)} with spaces` } : {}) },
      tags: random.chance(0.3) ? someTags(mark) : {},
    },
  }
}

const headersOf = ({ contentType, metadata, tags }: Content): Record<string, string> => ({
  'content-type': contentType,
  ...(Object.keys(tags).length === 0 ? {} : { 'x-amz-tagging': new URLSearchParams(tags).toString() }),
  ...Object.fromEntries(Object.entries(metadata).map(([name, value]) => [`x-amz-meta-${name}`, value])),
})

type Response = Awaited<ReturnType<Store['send']>>
function ok(what: string, response: Response): Response {
  if (response.status !== undefined && response.status < 300) return response
  throw new Error(`${what}: ${response.status} ${response.body}`)
}

async function putInParts(store: Store, bucket: string, key: string, { bytes, content }: Body): Promise<void> {
  const begun = await store.send('POST', bucket, key, { query: { uploads: '' }, headers: headersOf(content) })
  const uploadId = /<UploadId>([^<]+)</.exec(ok('begin', begun).body.toString())?.[1] ?? ''
  const parts: string[] = []
  for (let from = 0; from < bytes.length; from += partSize) {
    const partNumber = parts.length + 1
    const body = bytes.subarray(from, from + partSize)
    const { headers } = ok('part', await store.send('PUT', bucket, key, { query: { partNumber, uploadId }, body }))
    parts.push(`<Part><PartNumber>${partNumber}</PartNumber><ETag>${headers.etag}</ETag></Part>`)
  }
  const body = `<CompleteMultipartUpload>${parts.join('')}</CompleteMultipartUpload>`
  const ended = ok('complete', await store.send('POST', bucket, key, { query: { uploadId }, body }))
  if (ended.body.includes('<Error>')) throw new Error(`complete: ${ended.body}`)
}

export async function putObject(store: Store, bucket: string, key: string, body: Body): Promise<void> {
  if (body.bytes.length > partSize) await putInParts(store, bucket, key, body)
  else await store.put(bucket, key, body.bytes, headersOf(body.content))
}

const escaped = (key: string) => key.split('/').map(encodeURIComponent).join('/')

/** Other metadata and tags, the same bytes. */
export async function changeMetadata(store: Store, bucket: string, key: string, content: Content): Promise<void> {
  const headers = {
    ...headersOf(content),
    'x-amz-copy-source': `/${bucket}/${escaped(key)}`,
    'x-amz-metadata-directive': 'REPLACE',
    'x-amz-tagging-directive': 'REPLACE',
  }
  const response = ok('copy', await store.send('PUT', bucket, key, { headers }))
  if (response.body.includes('<Error>')) throw new Error(`copy: ${response.body}`)
}

async function readTags(store: Store, bucket: string, key: string): Promise<Content['tags']> {
  const { body } = ok('tags', await store.send('GET', bucket, key, { query: { tagging: '' } }))
  const all = body.toString().matchAll(/<Tag><Key>([^<]*)<\/Key><Value>([^<]*)<\/Value><\/Tag>/g)
  return Object.fromEntries([...all].map(([, name = '', value = '']) => [name, value]))
}

/** null: there is none. */
export async function readObject(
  store: Store,
  bucket: string,
  key: string,
): Promise<(Content & { readonly etag: string }) | null> {
  const response = await store.get(bucket, key)
  if (response.status === 404) return null
  const { headers, body } = ok('get', response)
  return {
    sha256: createHash('sha256').update(body).digest('hex'),
    size: body.length,
    etag: String(headers.etag),
    contentType: headers['content-type'] ?? '',
    metadata: Object.fromEntries(
      Object.entries(headers)
        .filter(([name]) => name.startsWith('x-amz-meta-'))
        .map(([name, value]) => [name.slice('x-amz-meta-'.length), String(value)]),
    ),
    tags: headers['x-amz-tagging-count'] === undefined ? {} : await readTags(store, bucket, key),
  }
}

const canonical = ({ sha256, size, contentType, metadata, tags }: Content) =>
  JSON.stringify([sha256, size, contentType, Object.entries(metadata).sort(), Object.entries(tags).sort()])

export const sameContent = (a: Content | null, b: Content | null): boolean =>
  a === null || b === null ? a === b : canonical(a) === canonical(b)
