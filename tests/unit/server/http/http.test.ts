import type { IncomingMessage } from 'node:http'
import { describe, expect, test } from 'vitest'
import { contentSecurityPolicy } from '../../../../server/http/page-security.ts'
import { createRequestAuth } from '../../../../server/http/request-auth.ts'
import { isJson } from '../../../../server/http/request-body.ts'
import { createSignInLimit } from '../../../../server/http/sign-in-limit.ts'

const request = (headers: Record<string, string>) =>
  ({ headers: { host: 'fado.example:8080', ...headers } }) as unknown as IncomingMessage

test.each([
  ['application/json', true],
  ['Application/JSON; charset=utf-8', true],
  ['application/json; charset=latin1', false],
  ['application/json, text/plain', false],
  ['text/plain', false],
  ['application/graphql', false],
  ['', false],
])('the type %j is taken: %j', (type, taken) => {
  expect(isJson(request({ 'content-type': type }))).toBe(taken)
})

test('a compressed body is not taken', () => {
  expect(isJson(request({ 'content-type': 'application/json', 'content-encoding': 'gzip' }))).toBe(false)
})

describe('the session', () => {
  const { cookieToken, isOwnPage, requestToken, sessionCookie } = createRequestAuth(undefined)
  const secret = 'a token; with = signs'
  const cookie = sessionCookie(request({}), secret).split(';')[0] ?? ''

  test('is found again among other cookies, for this port only', () => {
    expect(cookieToken(request({ cookie: `a=b; ${cookie}; c=d` }))).toBe(secret)
    expect(cookieToken(request({ cookie, host: 'fado.example:9090' }))).toBeUndefined()
    expect(cookieToken(request({ cookie: 'fado_session_8080=%E0%A4%A' }))).toBeUndefined()
  })
  test('is bound to TLS where a proxy speaks it', () => {
    expect(sessionCookie(request({ 'x-forwarded-proto': 'https' }), secret)).toMatch(/; Secure$/)
    expect(sessionCookie(request({ origin: 'https://fado.example:8080' }), secret)).toMatch(/; Secure$/)
    expect(sessionCookie(request({ origin: 'http://fado.example:8080' }), secret)).not.toContain('Secure')
    const { sessionCookie: behindTls } = createRequestAuth('https://fado.example')
    expect(behindTls(request({}), secret)).toMatch(/; Secure$/)
    expect(behindTls(request({ origin: 'http://fado.example:8080' }), secret)).not.toContain('Secure') // on the machine itself
  })
  test("has the name of the browser's address, whatever a proxy makes of the host", () => {
    const { sessionCookie: made, cookieToken: found } = createRequestAuth('https://fado.example')
    const origin = 'https://fado.example'
    const [own = ''] = made(request({ origin, host: 'fado.example:443' }), secret).split(';')
    expect(own).toMatch(/^fado_session=/)
    expect(found(request({ origin, cookie: own, host: '127.0.0.1:8080' }))).toBe(secret)
    expect(made(request({ origin: 'https://fado.example:8443' }), secret)).toMatch(/^fado_session_8443=/)
  })
  test.each([
    [{}, true],
    [{ origin: 'http://fado.example:8080' }, true],
    [{ origin: 'http://fado.example' }, false],
    [{ origin: 'http://evil.example:8080' }, false],
    [{ origin: 'null' }, false],
    [{ 'sec-fetch-site': 'cross-site' }, false],
  ])('counts only from pages of ours: %j is %j', (headers, own) => {
    const sent = { cookie, ...headers } as Record<string, string>
    expect(isOwnPage(request(sent))).toBe(own)
    expect(requestToken(request(sent))).toBe(own ? secret : undefined)
  })
  test('does not count beside a header that is no token', () => {
    expect(requestToken(request({ cookie, authorization: 'Basic abc' }))).toBeUndefined()
    expect(requestToken(request({ cookie, authorization: 'Bearer other' }))).toBe('other')
  })
})

describe('a page is FaDO’s', () => {
  const asked = (host: string, origin: string) => request({ host, origin })
  const shop = 'https://fado.example.com'
  test.each([
    ['a proxy appends the port of https', 'fado.example.com:443', shop, true],
    ['a proxy appends the port of http', 'fado.example.com:80', 'http://fado.example.com', true],
    ['the port is that of another scheme', 'fado.example.com:443', 'http://fado.example.com', false],
    ['another port of the same host', 'fado.example.com:443', `${shop}:8443`, false],
    ['capitals', 'FADO.example.com', shop, true],
    ['IPv6', '[::1]:8080', 'http://[::1]:8080', true],
    ['a proxy sends its own host', '127.0.0.1:8080', shop, false],
    ['a host that is none', 'fado.example.com/@x', shop, false],
    ['another scheme', 'fado.example.com', 'chrome-extension://fado.example.com', false],
  ])('%s: %s asked by %s is %j', (_what, host, origin, own) => {
    expect(createRequestAuth(undefined).isOwnPage(asked(host, origin))).toBe(own)
  })
  test('at its public address whatever host a proxy sends, and at no address beside it', () => {
    const { isOwnPage } = createRequestAuth(shop)
    expect(isOwnPage(asked('127.0.0.1:8080', shop))).toBe(true)
    expect(isOwnPage(asked('127.0.0.1:8080', 'http://127.0.0.1:8080'))).toBe(true)
    for (const origin of ['http://fado.example.com', `${shop}:8443`, 'https://evil.example', 'null'])
      expect(isOwnPage(asked('127.0.0.1:8080', origin))).toBe(false)
  })
  test('and the refusal names what was asked, what is set, and what to set', () => {
    const refusal = (publicUrl: string | undefined, origin: string) =>
      createRequestAuth(publicUrl).foreignPage(asked('127.0.0.1:8080', origin))
    expect(refusal(undefined, shop)).toMatch(
      /127\.0\.0\.1:8080.* FADO_PUBLIC_URL is not set.* set FADO_PUBLIC_URL to https:\/\/fado\.example\.com$/,
    )
    expect(refusal('https://old.example', shop)).toContain('FADO_PUBLIC_URL is https://old.example')
    expect(refusal(undefined, 'null')).toMatch(/set FADO_PUBLIC_URL to the address in the browser$/)
  })
})

describe('failed sign-ins', () => {
  test('are answered at once ten times a minute for each address, then late and with the time to wait', async () => {
    let now = 0
    const waits: number[] = []
    const { failed } = createSignInLimit(
      () => now,
      async (ms) => waits.push(ms),
    )
    for (let i = 0; i < 10; i++) expect(await failed('a')).toBe(0)
    expect(waits).toEqual([])
    expect(await failed('a')).toBe(60)
    expect(waits).toEqual([250])
    expect(await failed('b')).toBe(0)
    now = 59_500
    expect(await failed('a')).toBe(1)
    now = 60_000
    expect(await failed('a')).toBe(0)
  })
  test('wait in bounded numbers', async () => {
    let waiting = 0
    const held = Promise.withResolvers<void>()
    const { failed } = createSignInLimit(
      () => 0,
      () => {
        waiting++
        return held.promise
      },
    )
    for (let i = 0; i < 10; i++) await failed('a')
    const answers = Array.from({ length: 1_000 }, () => failed('a'))
    expect(await answers.at(-1)).toBe(60) // answered, though none that was held is
    expect(waiting).toBe(200)
    held.resolve()
    await Promise.all(answers)
  })
  test('of ten thousand other addresses do not make one forgotten that goes on', async () => {
    let now = 0
    const { failed } = createSignInLimit(
      () => now,
      async () => undefined,
    )
    for (let i = 0; i < 9_990; i++) await failed(`stranger ${i}`)
    for (let i = 0; i < 10; i++) await failed('guesser')
    for (let i = 0; i < 9_000; i++) await failed(`other ${i}`)
    now = 1
    expect(await failed('guesser')).toBe(60)
  })
})

test('a policy lets only our own scripts run, those with the nonce, and connects to our own address and the stores', () => {
  const at = { hosts: ['fado.example:8080'], stores: ['http://10.0.0.5:9000', 'https://s3.example'], dev: false }
  const policy = contentSecurityPolicy('abc', at)
  expect(policy).toContain("script-src 'self' 'nonce-abc';")
  expect(policy).toContain(
    "connect-src 'self' ws://fado.example:8080 wss://fado.example:8080 http://10.0.0.5:9000 https://s3.example;",
  )
  expect(policy).not.toContain('unsafe-eval')
  expect(policy.match(/unsafe-inline/g)).toHaveLength(1)
  const hostile = "x; script-src 'unsafe-inline'"
  expect(contentSecurityPolicy('abc', { ...at, hosts: [hostile] })).not.toContain('x;')
  expect(contentSecurityPolicy('abc', { ...at, stores: [hostile, 'http://a b', 'http://*', 'data:'] })).toContain(
    'wss://fado.example:8080;',
  )
})
