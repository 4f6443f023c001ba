import { createHash, randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Readable } from 'node:stream'
import { expect, onTestFinished, test } from 'vitest'
import { giveBack, pieceBytes, pieceOf } from '../../../../../server/storage/wire/pieces.ts'
import { client } from '../../../../support/wire.ts'

test('a piece has the bytes that it was made of, and its memory is lent again only when it was given back', () => {
  const first = randomBytes(100_000)
  const one = pieceOf(first)
  expect(one).toEqual(first)
  const other = pieceOf(randomBytes(pieceBytes))
  expect(other.buffer).not.toBe(one.buffer)
  expect(one).toEqual(first)
  giveBack(one)
  expect(pieceOf(randomBytes(50_000)).buffer).toBe(one.buffer)
})

test('what is given back twice is lent once, and what is no piece never', () => {
  const one = pieceOf(randomBytes(100_000))
  giveBack(one)
  giveBack(one)
  const stranger = randomBytes(100_000)
  giveBack(stranger)
  const next = Array.from({ length: 3 }, () => pieceOf(randomBytes(100_000)).buffer)
  expect(new Set(next).size).toBe(3)
  expect(next).not.toContain(stranger.buffer)
})

test('of a piece that goes on in parts the memory is not lent again: the others may still be on their way', () => {
  const one = pieceOf(randomBytes(100_000))
  giveBack(one.subarray(0, 50_000))
  giveBack(one.subarray())
  expect(pieceOf(randomBytes(100_000)).buffer).not.toBe(one.buffer)
})

test('a few bytes take no piece', () => {
  const few = pieceOf(randomBytes(100))
  expect(few.buffer.byteLength).toBeLessThan(pieceBytes)
})

const objects = 12
const bytes = 5_000_000
const md5 = (data: Uint8Array) => createHash('md5').update(data).digest('hex')

/** Gives objects of one repeated number each, and answers a PUT with the digest of what came, which it takes slowly. */
async function store(): Promise<string> {
  const server = createServer(async (request, response) => {
    const number = Number(request.url?.slice(1))
    if (request.method === 'GET') response.setHeader('content-length', bytes).end(Buffer.alloc(bytes, number))
    const hash = createHash('md5')
    for await (const chunk of request) {
      hash.update(chunk as Buffer)
      if (number % 2 === 0) await new Promise(setImmediate)
    }
    if (request.method === 'PUT') response.end(hash.digest('hex'))
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  onTestFinished(() => void server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

test('many that are carried at once, from answer to request, all arrive as they were', async () => {
  const [from, to] = [await store(), await store()]
  const call = client()
  const carried = async (number: number) => {
    const { body } = await call(from, { path: `/${number}` }, { streams: true })
    const put = {
      method: 'PUT',
      path: `/${number}`,
      headers: { 'content-length': String(bytes) },
      body: body as Readable,
    }
    return String((await call(to, put)).body)
  }
  for (let round = 0; round < 2; round++) {
    const digests = await Promise.all(Array.from({ length: objects }, (_, number) => carried(number)))
    expect(digests).toEqual(Array.from({ length: objects }, (_, number) => md5(Buffer.alloc(bytes, number))))
  }
})
