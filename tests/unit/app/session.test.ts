import { describe, expect, test } from 'vitest'
import { isLeaving, nextPage, signIn, signInHref, signOut, tokenOf } from '../../../app/_lib/session.ts'

const answering = (status: number, body?: unknown) => async () =>
  new Response(body === undefined ? null : JSON.stringify(body), { status })

describe('signing in', () => {
  test('sends the token in the body, never in the address', async () => {
    const seen: unknown[] = []
    await signIn('secret', async (url, init) => {
      seen.push(url, init?.body, init?.method)
      return new Response(null, { status: 204 })
    })
    expect(seen).toEqual(['/api/session', '{"token":"secret"}', 'POST'])
  })
  test('says why it was refused', async () => {
    const reason = async (request: typeof fetch) => {
      const done = await signIn('x', request)
      return done.ok ? 'ok' : done.reason
    }
    expect(await reason(answering(204))).toBe('ok')
    expect(await reason(answering(401))).toContain('not known, has expired or was revoked')
    expect(await reason(answering(403, { error: { message: 'set FADO_PUBLIC_URL' } }))).toBe('set FADO_PUBLIC_URL')
    expect(await reason(answering(429, { error: { message: 'Too many failures: wait 12 s' } }))).toContain('wait 12 s')
    expect(await reason(answering(502))).toContain('status 502')
    expect(await reason(() => Promise.reject(new TypeError('failed to fetch')))).toContain('does not answer')
  })
  test('signing out that did not reach the server is not called done', async () => {
    expect(await signOut(answering(204))).toBe(true)
    expect(await signOut(() => Promise.reject(new TypeError('failed')))).toBe(false)
  })
  test('what ends the session is known from the click on, and no more when it failed', async () => {
    const seen: boolean[] = []
    const answer = (status: number) => async () => {
      seen.push(isLeaving())
      return new Response(null, { status })
    }
    for (const status of [500, 204]) {
      await signOut(answer(status))
      seen.push(isLeaving())
    }
    expect(seen).toEqual([true, false, true, true])
  })
})

describe('the way back', () => {
  test.each([
    '//evil.example',
    '/\\evil.example',
    'https://evil.example',
    'javascript:alert(1)',
    '/sign-in?next=/',
    null,
  ])('%s leads to the overview: only pages of ours are followed', (wanted) => {
    expect(nextPage(wanted)).toBe('/')
  })
  test('a page with its filter survives the round', () => {
    const href = signInHref('ended', '/buckets?q=cam&state=degraded')
    expect(nextPage(new URL(href, 'http://x').searchParams.get('next'))).toBe('/buckets?q=cam&state=degraded')
  })
})

test('the token of a link is read from its fragment', () => {
  expect(['#token=abc', '#token=', '', '#other=1'].map(tokenOf)).toEqual(['abc', null, null, null])
})
