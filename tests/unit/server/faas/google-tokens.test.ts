import { createPublicKey, createVerify, generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { createGoogleTokens } from '../../../../server/faas/google-tokens.ts'
import { anyTarget, type ForbiddenTarget } from '../../../../server/forbidden-target.ts'
import { createLog } from '../../../../server/log.ts'

const { privateKey, publicKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
})
const decoded = (part = '') => JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>

/** Google's token endpoint, as far as FaDO knows it: takes assertions that the account has signed. */
async function startGoogle(forbiddenTarget: ForbiddenTarget = anyTarget, lastsSeconds = 3600) {
  let clock = Date.UTC(2026, 0, 1)
  let elapsed = 0
  const asked: string[] = []
  const state: { refuse: boolean; answer?: string } = { refuse: false }
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += String(chunk)
    const form = new URLSearchParams(body)
    const [header, claims, signature] = (form.get('assertion') ?? '').split('.')
    const signed = createVerify('RSA-SHA256').update(`${header}.${claims}`)
    const good = signed.verify(createPublicKey(publicKey), Buffer.from(signature ?? '', 'base64url'))
    const { target_audience: audience, exp, iat, aud, iss } = decoded(claims)
    const fresh = Number(iat) * 1000 === clock && Number(exp) === Number(iat) + 3600
    const ours = aud === url && iss === 'fado@project.iam' && decoded(header)['kid'] === 'key-1'
    const grant = form.get('grant_type') === 'urn:ietf:params:oauth:grant-type:jwt-bearer'
    asked.push(String(audience))
    if (state.refuse || !good || !fresh || !ours || !grant)
      return void response.writeHead(400).end(`{"error":\0\n"invalid_grant ${asked.length}"}`)
    if (state.answer !== undefined) return void response.end(state.answer)
    const token = { exp: Date.UTC(2026, 0, 1) / 1000 + elapsed / 1000 + lastsSeconds, aud: audience, n: asked.length }
    return void response.end(
      JSON.stringify({ id_token: `e30.${Buffer.from(JSON.stringify(token)).toString('base64url')}.s` }),
    )
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  onTestFinished(() => void server.close())
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`
  const serviceAccount = JSON.stringify({
    ...{ type: 'service_account', client_email: 'fado@project.iam', private_key: privateKey, private_key_id: 'key-1' },
    token_uri: url,
  })
  let news = 0
  let told = () => {}
  const tokens = createGoogleTokens({
    mayAsk: { forbiddenTarget },
    log: createLog('silent', 'test'),
    onNew() {
      news++
      told()
    },
    now: () => clock,
    steady: () => elapsed,
  })
  onTestFinished(tokens.stop)
  const pass = (ms: number) => {
    clock += ms
    elapsed += ms
  }
  return {
    state,
    asked,
    tokens,
    serviceAccount,
    news: () => news,
    onNew: (call: () => void) => (told = call),
    pass,
    set: (ms: number) => (clock += ms),
  }
}

test('a token is asked for once, kept while it is good, and made anew before it ends', async () => {
  const { tokens, serviceAccount, asked, news, pass } = await startGoogle()
  const wanted = { serviceAccount, audience: 'https://fn.example/resize' }
  const ask = () => tokens.want(wanted).token
  expect(ask()).toBeUndefined()
  expect(ask()).toBeUndefined()
  await expect.poll(news).toBe(1)
  const first = ask()
  expect(decoded(first?.split('.')[1])).toMatchObject({ aud: 'https://fn.example/resize', n: 1 })
  pass(44 * 60_000)
  expect(ask()).toBe(first)
  expect(asked).toHaveLength(1)
  pass(2 * 60_000)
  expect(ask()).toBe(first) // still good, and a new one is on its way
  await expect.poll(news).toBe(2)
  expect(decoded(ask()?.split('.')[1])).toMatchObject({ n: 2 })
  tokens.want({ serviceAccount, audience: 'https://fn.example/blur' })
  await expect.poll(news).toBe(3)
  expect(asked).toEqual(['https://fn.example/resize', 'https://fn.example/resize', 'https://fn.example/blur'])
})

test('who waits for the answers has the tokens then, and waits for nothing where none is asked for', async () => {
  const { tokens, serviceAccount } = await startGoogle()
  await tokens.answered()
  const wanted = ['a', 'b'].map((audience) => ({ serviceAccount, audience }))
  expect(wanted.map((one) => tokens.want(one).token)).toEqual([undefined, undefined])
  await tokens.answered()
  expect(wanted.map((one) => tokens.want(one).token)).toEqual([expect.any(String), expect.any(String)])
})

test('tokens that last for less than a new one is asked for before their end are asked for at half of it, not all the time', async () => {
  let begun = 0
  const { tokens, serviceAccount, news, onNew, pass } = await startGoogle(() => void begun++, 300)
  const wanted = { serviceAccount, audience: 'a' }
  // As the routes do: who hears that there is a new one asks for it. Whether it is asked for is settled at once.
  const heard = Promise.withResolvers<void>()
  onNew(() =>
    setImmediate(() => {
      tokens.want(wanted)
      heard.resolve()
    }),
  )
  tokens.want(wanted)
  await heard.promise
  pass(149_000)
  tokens.want(wanted)
  expect(begun).toBe(1)
  pass(2_000)
  expect(tokens.want(wanted).token).toBeDefined()
  expect(begun).toBe(2)
  await expect.poll(news).toBe(2)
})

test('a clock that is wrong is told, and once it is right there is a token', async () => {
  const { tokens, serviceAccount, asked, set, pass } = await startGoogle()
  const wanted = { serviceAccount, audience: 'a' }
  set(2 * 3600_000)
  expect(tokens.want(wanted).token).toBeUndefined()
  await expect.poll(() => tokens.want(wanted).trouble).toMatch('the token ends before it can be used')
  set(-2 * 3600_000)
  pass(1_000)
  await expect.poll(() => tokens.want(wanted).token).toBeDefined()
  expect(asked).toHaveLength(2)
})

test('a refusal is told and asked again, ever later; a token that ended is none', async () => {
  let begun = 0
  const { state, tokens, serviceAccount, news, pass } = await startGoogle(() => void begun++)
  const wanted = { serviceAccount, audience: 'a' }
  const refused = () =>
    expect
      .poll(() => tokens.want(wanted).trouble)
      .toMatch(new RegExp(`^127\\.0\\.0\\.1:\\d+ answers 400: {"error": "invalid_grant ${begun}"}$`))
  tokens.want(wanted)
  await expect.poll(news).toBe(1)
  state.refuse = true
  pass(50 * 60_000)
  expect(tokens.want(wanted).token).toBeDefined()
  await refused()
  for (const [i, seconds] of [1, 2, 4, 8, 16, 32, 60, 60].entries()) {
    pass(seconds * 1000 - 1)
    tokens.want(wanted)
    expect(begun).toBe(2 + i)
    pass(1)
    expect(tokens.want(wanted).token).toBeDefined()
    expect(begun).toBe(3 + i)
    await refused()
  }
  pass(6.5 * 60_000)
  expect(tokens.want(wanted).token).toBeUndefined()
  await refused()
  state.refuse = false
  pass(60_000)
  await expect.poll(() => tokens.want(wanted).token).toBeDefined()
  expect(tokens.want(wanted).trouble).toBeNull()
  state.refuse = true
  pass(50 * 60_000)
  tokens.want(wanted)
  await refused()
  const before = begun
  pass(1_000)
  tokens.want(wanted)
  expect(begun, 'it begins anew').toBe(before + 1)
  const broken = { serviceAccount: '{}', audience: 'a' }
  tokens.want(broken)
  await expect.poll(() => tokens.want(broken).trouble).toBe('the key of the service account cannot be read')
})

const untilLater = Buffer.from(`{"exp":${Date.UTC(2026, 0, 2) / 1000}}`).toString('base64url')
const noToken = /^127\.0\.0\.1:\d+ answers without an ID token$/
test.each([
  ['null', noToken],
  ['<html>', noToken],
  [JSON.stringify({ id_token: [`e30.${untilLater}.s`] }), noToken],
  [JSON.stringify({ id_token: `e30.${untilLater}.s\r\nx-other: 1` }), noToken],
  [JSON.stringify({ id_token: `e30.${untilLater}.s\0` }), noToken],
  [JSON.stringify({ id_token: 'opaque' }), /^the ID token does not say until when it is good$/],
  [JSON.stringify({ id_token: 'e30.bnVsbA.s' }), /^the ID token does not say until when it is good$/],
])('an answer that is no token is none, and is told: %s', async (answer, trouble) => {
  const { state, tokens, serviceAccount, news } = await startGoogle()
  const wanted = { serviceAccount, audience: 'a' }
  state.answer = answer
  tokens.want(wanted)
  await expect.poll(() => tokens.want(wanted).trouble).toMatch(trouble)
  expect([tokens.want(wanted).token, news()]).toEqual([undefined, 0])
})

test('what nobody wants for long is forgotten', async () => {
  const { tokens, serviceAccount, news, pass } = await startGoogle()
  const [once, often] = ['once', 'often'].map((audience) => ({ serviceAccount, audience }))
  if (!once || !often) return expect.fail()
  for (const wanted of [once, often]) tokens.want(wanted)
  await expect.poll(news).toBe(2)
  pass(9 * 60_000)
  tokens.want(often)
  pass(2 * 60_000)
  tokens.want({ serviceAccount, audience: 'new' })
  expect([tokens.want(once).token, tokens.want(often).token]).toEqual([undefined, expect.any(String)])
})

test('the key of an account leads FaDO nowhere that no call may go', async () => {
  const { tokens, serviceAccount, asked } = await startGoogle((address) => `${address} that is forbidden`)
  const wanted = { serviceAccount, audience: 'a' }
  tokens.want(wanted)
  await expect
    .poll(() => tokens.want(wanted).trouble)
    .toMatch(/^127\.0\.0\.1:\d+: it is 127\.0\.0\.1 that is forbidden$/)
  expect(asked).toEqual([])
})
