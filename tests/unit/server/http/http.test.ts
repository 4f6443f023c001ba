import type { IncomingMessage } from 'node:http'
import { describe, expect, test } from 'vitest'
import { contentSecurityPolicy } from '../../../../server/http/page-security.ts'
import { cookieToken, isOwnOrigin, requestToken, sessionCookie } from '../../../../server/http/request-auth.ts'
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
  const secret = 'a token; with = signs'
  const cookie = sessionCookie(request({}), secret).split(';')[0] ?? ''

  test('is found again among other cookies, for this port only', () => {
    expect(cookieToken(request({ cookie: `a=b; ${cookie}; c=d` }))).toBe(secret)
    expect(cookieToken(request({ cookie, host: 'fado.example:9090' }))).toBeUndefined()
    expect(cookieToken(request({ cookie: 'fado_session_8080=%E0%A4%A' }))).toBeUndefined()
  })
  test('is bound to TLS where a proxy speaks it', () => {
    expect(sessionCookie(request({ 'x-forwarded-proto': 'https' }), secret)).toMatch(/; Secure$/)
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
    expect(isOwnOrigin(request(sent))).toBe(own)
    expect(requestToken(request(sent))).toBe(own ? secret : undefined)
  })
  test('does not count beside a header that is no token', () => {
    expect(requestToken(request({ cookie, authorization: 'Basic abc' }))).toBeUndefined()
    expect(requestToken(request({ cookie, authorization: 'Bearer other' }))).toBe('other')
  })
})

test('ten failed sign-ins a minute are answered for each address, then it has to wait', () => {
  let now = 0
  const limit = createSignInLimit(() => now)
  for (let i = 0; i < 10; i++) {
    expect(limit.wait('a')).toBe(0)
    limit.failed('a')
  }
  expect(limit.wait('a')).toBe(60)
  expect(limit.wait('b')).toBe(0)
  now = 59_500
  expect(limit.wait('a')).toBe(1)
  now = 60_000
  expect(limit.wait('a')).toBe(0)
})

test('a policy lets only our own scripts run, those with the nonce, and connects to our own address', () => {
  const policy = contentSecurityPolicy('abc', 'fado.example:8080', false)
  expect(policy).toContain("script-src 'self' 'nonce-abc';")
  expect(policy).toContain("connect-src 'self' ws://fado.example:8080 wss://fado.example:8080;")
  expect(policy).not.toContain('unsafe-eval')
  expect(policy.match(/unsafe-inline/g)).toHaveLength(1)
  expect(contentSecurityPolicy('abc', "x; script-src 'unsafe-inline'", false)).not.toContain('x;')
})
