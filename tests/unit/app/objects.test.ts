import { expect, test } from 'vitest'
import { fileName, objectHref, trailOf, visible } from '../../../app/_lib/objects.ts'
import { NoAnswer, type SendBytes, type Sent } from '../../../app/_lib/uploads/send-bytes.ts'
import { createWays, SendFailure } from '../../../app/_lib/uploads/ways.ts'
import { objectPath } from '../../../server/cli/objects/ways.ts'
import { parseObjectAddress } from '../../../server/http/object-address.ts'

test('a prefix is the folders above it', () => {
  expect(trailOf('')).toEqual([])
  expect(trailOf('2026/may/')).toEqual([
    { name: '2026/', prefix: '2026/' },
    { name: 'may/', prefix: '2026/may/' },
  ])
  expect(trailOf('//')).toEqual([
    { name: '/', prefix: '/' },
    { name: '/', prefix: '//' },
  ])
})

test.each(['a', 'a/b.txt', 'ü +&?#%/\u{1f600}', '.../..x', '%2e%2e', "it's", 'a//b', 'x/', 'a\nb'])(
  'the address of %j is read as that key again, from the console and from the command line',
  (key) => {
    for (const address of [objectHref('photos', key), objectPath('photos', key)]) {
      expect(new URL(address, 'http://fado').pathname).toBe(address) // nothing on its way resolves it
      expect(parseObjectAddress(`${address}?upload=x`)).toMatchObject({ bucket: 'photos', key })
    }
  },
)

test('what is no sign by itself is written out', () => {
  expect(visible('a\tb\u0001')).toBe('a\\x09b\\x01')
  expect(fileName('dir/a.txt')).toBe('a.txt')
  expect(fileName('dir/')).toBe('dir')
  expect(fileName('/')).toBe('object')
})

const address = { method: 'PUT', url: 'http://store.example/k', headers: [] }
const piece = { body: new Blob(['hello']), onSent: () => undefined, signal: new AbortController().signal }

/** Answers in this order; null: none. `sent` bytes had gone out. */
function waysOf(answers: readonly (Partial<Sent> | { readonly sent: number })[]) {
  const urls: string[] = []
  const queue = [...answers]
  const ways = createWays(async ({ url }: SendBytes): Promise<Sent> => {
    urls.push(url)
    const next = queue.shift() ?? { status: 500 }
    if ('sent' in next) throw new NoAnswer(next.sent)
    return { status: 200, etag: '"e"', text: '', ...next }
  })
  return { urls, send: () => ways.send(address, '/through', 'text/plain', piece) }
}

test('a store that does not answer is passed by from then on; one that broke off is tried again', async () => {
  const silent = waysOf([{ sent: 0 }, {}, {}])
  expect(await silent.send()).toBe('"e"')
  expect(await silent.send()).toBe('"e"')
  expect(silent.urls).toEqual([address.url, '/through', '/through'])

  const cut = waysOf([{ sent: 3 }, {}])
  await expect(cut.send()).rejects.toMatchObject({ kind: 'retry' })
  expect(await cut.send()).toBe('"e"')
  expect(cut.urls).toEqual([address.url, address.url])

  // A store that hides its ETag from other sites' pages: without it a part cannot be named.
  const hidden = waysOf([{ etag: null }, {}])
  await hidden.send()
  expect(hidden.urls).toEqual([address.url, '/through'])
})

test.each([
  [{ status: 403, text: '<Error/>' }, 'stale'],
  [{ status: 503 }, 'retry'],
  [{ status: 400 }, 'final'],
  [{ status: 403, text: '{"error":{"code":"FORBIDDEN","message":"no"}}' }, 'final'],
] as const)('an answer %j is %s', async (answer, kind) => {
  const failure = await waysOf([answer])
    .send()
    .catch((error: unknown) => error)
  expect(failure).toBeInstanceOf(SendFailure)
  expect(failure).toMatchObject({ kind })
})
