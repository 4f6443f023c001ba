import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { exactly } from '../../../../server/storage/exact-body.ts'

const md5 = (text: string) => createHash('md5').update(text).digest('hex')

/** What a reader got before it ended, or failed. */
async function read(chunks: readonly string[], digest: string) {
  const exact = exactly(Readable.from(chunks.map((chunk) => Buffer.from(chunk))), digest)
  let got = ''
  try {
    for await (const chunk of exact.body) got += String(chunk)
    return { got, failed: false, wrong: exact.isWrong() }
  } catch {
    return { got, failed: true, wrong: exact.isWrong() }
  }
}

test.each([[['one']], [['o', 'n', 'e']], [[]]])('the bytes that were meant pass: %j', async (chunks) => {
  const all = chunks.join('')
  expect(await read(chunks, md5(all))).toEqual({ got: all, failed: false, wrong: false })
})

test.each([[['two']], [['o', 'n', 'f']], [['one', 'more']], [[]]])(
  'of other bytes nobody gets the whole: %j',
  async (chunks) => {
    const { got, ...how } = await read(chunks, md5('one'))
    expect(how).toEqual({ failed: true, wrong: true })
    expect(got.length).toBeLessThanOrEqual(Math.max(0, chunks.join('').length - (chunks.at(-1)?.length ?? 0)))
  },
)

test('a source that fails fails its reader, and is not said to be wrong', async () => {
  const failing = new Readable({
    read() {
      this.destroy(new Error('cut'))
    },
  })
  const exact = exactly(failing, md5('one'))
  await expect(exact.body.toArray()).rejects.toThrow('cut')
  expect(exact.isWrong()).toBe(false)
})
