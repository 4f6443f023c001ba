// Which side is read where two ETags of the same bytes differ.
import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { compareContent } from '../../../../../server/replication/keys/compare-content.ts'
import type { StorageDriver } from '../../../../../server/storage/storage-driver.ts'

const md5 = (bytes: Buffer) => createHash('md5').update(bytes).digest()
function etagOf(bytes: Buffer, sizes: readonly number[] | null): string {
  if (sizes === null) return md5(bytes).toString('hex')
  const ends = sizes.map((_, i) => sizes.slice(0, i + 1).reduce((sum, size) => sum + size, 0))
  const digests = ends.map((end, i) => md5(bytes.subarray(ends[i - 1] ?? 0, end)))
  return `${md5(Buffer.concat(digests)).toString('hex')}-${sizes.length}`
}

/** One object; `parts` as it was uploaded, `chunk` as its bytes come. */
function object(bytes: Buffer, parts: readonly number[] | null, more: { digest?: boolean; chunk?: number } = {}) {
  const { digest = true, chunk = 3 } = more
  const read = { times: 0 }
  const driver = {
    parts: async () => parts,
    open: async () => {
      read.times++
      const chunks = Array.from({ length: Math.ceil(bytes.length / chunk) }, (_, i) =>
        bytes.subarray(i * chunk, (i + 1) * chunk),
      )
      return { body: Readable.from(chunks) }
    },
  } as unknown as StorageDriver
  const etag = digest ? etagOf(bytes, parts) : 'opaque'
  const seen = { etag, etagIsDigest: digest, size: bytes.length, lastModified: 0, coding: '', carried: '' }
  return { driver, bucket: 'b', seen, read }
}

const bytes = Buffer.from('abcdefghijklmnopqrstuvwxyz')
const { signal } = new AbortController()

test.each([
  ['plain at the master, parts at the copy', null, [10, 16]],
  ['parts at the master, plain at the copy', [10, 16], null],
  ['other parts on each', [5, 5, 16], [20, 6]],
  ['parts that end with the chunks', [3, 3, 20], [26]],
])('%s: the copy alone is read', async (_what, at, there) => {
  const [source, copy] = [object(bytes, at), object(bytes, there)]
  expect(await compareContent(source, copy, 'k', signal)).toBe(true)
  expect([source.read.times, copy.read.times]).toEqual([0, 1])
})

test('where the master tells no digest, the master alone is read', async () => {
  const [source, copy] = [object(bytes, null, { digest: false }), object(bytes, [10, 16])]
  expect(await compareContent(source, copy, 'k', signal)).toBe(true)
  expect([source.read.times, copy.read.times]).toEqual([1, 0])
})

test('where neither tells one, both are read', async () => {
  const opaque = { digest: false }
  const [source, copy] = [object(bytes, null, opaque), object(bytes, null, { ...opaque, chunk: 7 })]
  expect(await compareContent(source, copy, 'k', signal)).toBe(true)
  expect([source.read.times, copy.read.times]).toEqual([1, 1])
})

test('other bytes are never taken for the same, nor are the same for others where an ETag only looks like a digest', async () => {
  const other = Buffer.from(bytes).fill('x', 25)
  for (const [at, there] of [
    [null, [10, 16]],
    [
      [10, 16],
      [20, 6],
    ],
  ] as const)
    expect(await compareContent(object(bytes, at), object(other, there), 'k', signal)).toBe(false)
  const lying = object(bytes, null)
  const source = { ...lying, seen: { ...lying.seen, etag: '0'.repeat(32) } }
  expect(await compareContent(source, object(bytes, [10, 16]), 'k', signal)).toBe(true)
})
