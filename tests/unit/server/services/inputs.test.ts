import { describe, expect, test } from 'vitest'
import { labelsProblem } from '../../../../server/domain/fleet/cluster.ts'
import { roleAllows, type TokenRole, tokenRoles } from '../../../../server/domain/token-role.ts'
import { type Actor, requireOwnZones, requireRole, requireZones } from '../../../../server/services/shared/authorize.ts'
import { checkBaseUrl, checkText, checkWeight, checkZones } from '../../../../server/services/shared/check-input.ts'
import { decodeCursor, encodeCursor, readPage } from '../../../../server/services/shared/paging.ts'
import { bearerToken } from '../../../../server/services/tokens/authenticate.ts'

const allowed: Readonly<Record<TokenRole, readonly TokenRole[]>> = {
  VIEWER: ['VIEWER'],
  OPERATOR: ['VIEWER', 'OPERATOR', 'NOTIFY'],
  ADMIN: ['VIEWER', 'OPERATOR', 'ADMIN', 'NOTIFY', 'PROXY'],
  NOTIFY: ['NOTIFY'],
  PROXY: ['PROXY'],
}
test.each(tokenRoles.flatMap((has) => tokenRoles.map((needs) => [has, needs] as const)))(
  'a %s may or may not do what needs %s',
  (has, needs) => {
    expect(roleAllows(has, needs)).toBe(allowed[has].includes(needs))
    const act = () => requireRole({ id: '', name: '', role: has, zones: [] }, needs)
    if (allowed[has].includes(needs)) expect(act).not.toThrow()
    else expect(act).toThrow(expect.objectContaining({ code: 'FORBIDDEN' }))
  },
)

describe('bounds', () => {
  const actor = (zones: string[]): Actor => ({ id: '', name: '', role: 'OPERATOR', zones })
  test('without bounds everything may be changed, with them only what lies in one of the zones', () => {
    expect(() => requireZones(actor([]), [], 'x')).not.toThrow()
    expect(() => requireZones(actor(['a']), ['b', 'a'], 'x')).not.toThrow()
    expect(() => requireZones(actor(['a']), ['b'], 'x')).toThrow('may not change x')
    expect(() => requireZones(actor(['a']), [], 'x')).toThrow()
  })
  test('only its own zones may a bounded token give or take', () => {
    expect(() => requireOwnZones(actor(['a']), ['b'], ['b', 'a'])).not.toThrow()
    expect(() => requireOwnZones(actor(['a']), ['a', 'b'], ['b'])).not.toThrow()
    expect(() => requireOwnZones(actor(['a']), ['a', 'b'], ['a'])).toThrow('b')
    expect(() => requireOwnZones(actor(['a']), ['a'], ['a', 'c'])).toThrow('c')
  })
})

test.each([
  ['Bearer abc', 'abc'],
  ['bearer  abc ', 'abc'],
  ['abc', undefined],
  ['Basic abc', undefined],
  ['Bearer a b', undefined],
  ['Bearer', undefined],
  [undefined, undefined],
])('the header %j holds the token %j', (header, token) => {
  expect(bearerToken(header)).toBe(token)
})

describe('addresses', () => {
  test.each([
    ['http://127.0.0.1:9010', 'http://127.0.0.1:9010'],
    ['http://Store.Example:80/', 'http://store.example'],
    ['https://[::1]:9000', 'https://[::1]:9000'],
    ['https://gateway.example/s3/', 'https://gateway.example/s3'],
  ])('%s is the store %s', (given, kept) => {
    expect(checkBaseUrl(given, ['endpoint'])).toBe(kept)
  })
  test.each([
    '',
    'store:9000',
    'ftp://x',
    'http://x?q',
    'http://x#f',
    'http://u:pass@x',
    'javascript:alert(1)',
    `http://${'x'.repeat(3000)}`,
  ])('%s is no store, and is not repeated', (given) => {
    expect(() => checkBaseUrl(given, ['endpoint'])).toThrow(
      expect.objectContaining({ code: 'VALIDATION_FAILED', path: ['endpoint'] }),
    )
    expect(() => checkBaseUrl(given, ['endpoint'])).not.toThrow('pass')
  })
  test('functions may have a base path, without its last slash', () => {
    expect(checkBaseUrl('https://gateway.example/openfaas/', ['url'])).toBe('https://gateway.example/openfaas')
    expect(() => checkBaseUrl('http://x/?q=1', ['url'])).toThrow()
  })
})

test('weights are those that Envoy knows', () => {
  for (const weight of [1, 128]) expect(() => checkWeight(weight, ['weight'])).not.toThrow()
  for (const weight of [0, -1, 129, 1.5, Number.NaN]) expect(() => checkWeight(weight, ['weight'])).toThrow()
})

test('texts are bounded and hold no control characters', () => {
  expect(() => checkText('ok', 2, ['x'])).not.toThrow()
  for (const text of ['', 'abc', 'a\nb', '\0']) expect(() => checkText(text, 2, ['x'])).toThrow()
})

test('zones are named once, and the bad one is pointed at', () => {
  expect(checkZones(['a', 'b', 'a'], ['zones'])).toEqual(['a', 'b'])
  expect(() => checkZones(['a', ''], ['zones'])).toThrow(expect.objectContaining({ path: ['zones', '1'] }))
  expect(() =>
    checkZones(
      Array.from({ length: 101 }, (_, i) => `z${i}`),
      ['zones'],
    ),
  ).toThrow('at most 100')
})

test('labels have few, plain and different keys', () => {
  expect(labelsProblem([{ key: 'example.org/tier', value: '' }])).toBeUndefined()
  for (const key of ['', '-a', 'a b', 'a'.repeat(64)]) expect(labelsProblem([{ key, value: '' }])).toContain('keys')
  expect(labelsProblem([{ key: 'a', value: 'x'.repeat(257) }])).toContain('values')
  expect(labelsProblem(Array.from({ length: 65 }, (_, i) => ({ key: `k${i}`, value: '' })))).toContain('at most')
})

describe('pages', () => {
  const items = ['a', 'b', 'c', 'd', 'e']
  const load = async (after: string | undefined, limit: number) =>
    items.filter((one) => after === undefined || one > after).slice(0, limit)
  const page = (first: number, after?: string) => readPage('letters', { first, after }, load, (item) => item)

  test('follow each other by the last cursor', async () => {
    const one = await page(2)
    expect([one.items.map(({ item }) => item), one.hasNextPage]).toEqual([['a', 'b'], true])
    const rest = await page(3, one.items.at(-1)?.cursor)
    expect([rest.items.map(({ item }) => item), rest.hasNextPage]).toEqual([['c', 'd', 'e'], false])
  })
  test.each([0, -1, 101, 1.5])('of %j items do not exist', async (first) => {
    await expect(page(first)).rejects.toThrow('from 1 to 100')
  })
  test.each([
    'nonsense',
    'bm9uc2Vuc2U',
    encodeCursor('others', 'a'),
    `${encodeCursor('letters', 'a')}=`,
    encodeCursor('letters', '\0'),
    Buffer.from('["letters"]').toString('base64url'),
  ])('do not begin at %s', async (after) => {
    await expect(page(1, after)).rejects.toThrow('not a cursor')
  })
  test('begin at any key, whatever is in it', () => {
    for (const key of ['', 'ü/😀', '"\\', ' '.repeat(500)]) expect(decodeCursor('l', encodeCursor('l', key))).toBe(key)
  })
})
