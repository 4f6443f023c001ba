// Several clients at once on the same upload, the same key, the same copy.
import { expect, test } from 'vitest'
import { endAbandonedUploads } from '../../../server/services/objects/abort-upload.ts'
import { bucketApi } from '../../support/bucket-api.ts'
import { unfinishedUploads } from '../../support/minio.ts'
import { md5, objectApi, send } from '../../support/object-api.ts'

const api = bucketApi()
const objects = objectApi(api)
const size = 70_000_000

async function sendParts(id: string, partSize: number) {
  const body = Buffer.alloc(size, 7)
  const numbers = Array.from({ length: Math.ceil(size / partSize) }, (_, i) => i + 1)
  const { parts } = await objects.parts(id, numbers)
  const sent = []
  for (const part of parts) {
    const bytes = body.subarray((part.number - 1) * partSize, part.number * partSize)
    const answer = await send(part, Uint8Array.from(bytes))
    expect(answer.status).toBe(200)
    sent.push({ number: part.number, etag: answer.headers.get('etag') ?? '' })
  }
  return sent
}

test('an upload that many complete at once is completed once, and all of them read the same', async () => {
  await api.create()
  const begun = await Promise.all(
    Array.from({ length: 5 }, () => objects.begin('large', size, { idempotencyKey: 'one' })),
  )
  const ids = new Set(begun.map(({ upload }) => upload.id))
  expect(ids.size).toBe(1)
  const { upload } = begun[0]
  const parts = await sendParts(upload.id, upload.partSize)
  const ended = await Promise.all(Array.from({ length: 5 }, () => objects.complete(upload.id, { parts })))
  const etag = ended[0].object?.etag
  expect(ended.map(({ object, code, message }) => object?.etag ?? `${code} ${message}`)).toEqual(ended.map(() => etag))
  expect(await objects.listed()).toEqual([`large ${size}`])
  expect(await unfinishedUploads(api.minio.dataDir)).toEqual([])
})

test('an upload that one completes while another aborts it is one of both', async () => {
  await api.create()
  const { upload } = await objects.begin('large', size)
  const parts = await sendParts(upload.id, upload.partSize)
  const [completed] = await Promise.all([objects.complete(upload.id, { parts }), objects.abort(upload.id)])
  await endAbandonedUploads(api.web.deps)
  const head = await api.driver.head(api.bucket, 'large')
  expect(completed.object !== undefined).toBe(head !== null)
  expect(await unfinishedUploads(api.minio.dataDir)).toEqual([])
  expect(await objects.listed()).toEqual(head === null ? [] : [`large ${size}`])
})

test('sent and deleted by several at once, what is recorded is what is there', async () => {
  await api.create()
  const sendOnce = async (text: string) => {
    const { upload } = await objects.begin('k', text.length)
    await send(upload, text)
    return objects.complete(upload.id, { etag: md5(Buffer.from(text)) })
  }
  for (let i = 0; i < 10; i++)
    await Promise.all([
      sendOnce(`first ${i}`),
      objects.deleteAll(['k']),
      sendOnce(`second ${i}!`),
      objects.deleteAll(['k']),
    ])
  // Whatever was recorded, the key is looked at once more.
  expect((await objects.marked()).map(({ key }) => key)).toEqual(['k'])
})

test('what no object and no folder can be named is refused as such wherever it is asked', async () => {
  await api.create()
  await api.driver.put(api.bucket, 'k', { body: Buffer.from('k'), size: 1 })
  const fields = ['objects(prefix: $text)', 'objects(after: $text)', 'folder(prefix: $text)', 'folder(after: $text)']
  const strange = ['\0', 'a\0b', '\ud800', '%', '_', '\\', "'; --", '\u{10ffff}', 'x'.repeat(100_000), '\n\r', '../..']
  for (const text of strange) {
    const variables = { name: api.bucket, text }
    for (const field of fields) {
      const query = `query ($name: String!, $text: String!) { bucket(name: $name) { ${field} { nodes { key } } } }`
      const { data, errors } = await api.web.ask(query, variables)
      if (errors) expect(errors[0]?.extensions.code, `${field} ${JSON.stringify(text)}`).toBe('BAD_USER_INPUT')
      else expect(Object.values(data.bucket)).toEqual([{ nodes: [] }])
    }
    expect(await objects.details(text)).toBeNull()
    expect(await objects.download(text)).toMatchObject({ code: 'NOT_FOUND' })
  }
  expect(api.web.log()).not.toMatch(/"level":[56]0/)
})
