import { once } from 'node:events'
import { createServer, request as send } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createNotifyRoute } from '../../../../server/http/notify-route.ts'
import type { SnsTaken } from '../../../../server/services/events/webhook.ts'

type Access = 'allowed' | 'refused' | 'unknown'
type Post = {
  readonly body?: string
  readonly path?: string
  readonly headers?: Readonly<Record<string, string | readonly string[]>>
  readonly sns?: SnsTaken
}

/** The route before a webhook that knows the token as this; posts one event. */
async function post(access: Access, { body = 'event', path = '/api/notify', sns, ...more }: Post = {}) {
  const done: string[] = []
  const told: string[] = []
  const route = createNotifyRoute({
    webhook: {
      ask: async (secret) => (secret === 'a-token' ? access : 'refused'),
      knows: async (store) => store === 'cloud',
      take: (text, store) => done.push(`took ${text}${store === null ? '' : ` of ${store}`}`),
      takeSns: async (text) => {
        done.push(`judged ${text}`)
        return sns ?? { is: 'refused', why: 'no' }
      },
      missed: () => void done.push('missed one'),
      stop: async () => undefined,
    },
    metrics: {
      taken: (events) => void told.push(`taken ${events}`),
      refused: () => void told.push('refused'),
      missed: () => void told.push('missed'),
    },
  })
  const server = createServer((request, response) => {
    Promise.resolve(route(request, response)).catch(() => response.writeHead(413).end())
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const { port } = server.address() as AddressInfo
  const headers = { connection: 'close', ...(more.headers ?? { authorization: 'Bearer a-token' }) }
  const status = await new Promise<number | undefined>((resolve, reject) => {
    const out = send({ port, host: '127.0.0.1', method: 'POST', path, headers }, (response) => {
      response.resume()
      response.once('end', () => resolve(response.statusCode))
    })
    out.once('error', reject)
    out.end(body)
  })
  return { status, done, told }
}
const basic = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString('base64')}` })

test('an event is taken where its token is known, and refused where it is wrong', async () => {
  expect(await post('allowed')).toEqual({ status: 204, done: ['took event'], told: ['taken 1'] })
  expect(await post('refused')).toEqual({ status: 401, done: [], told: ['refused'] })
})

test('an event that cannot be judged is lost to its store, so it is told as missed', async () => {
  expect(await post('unknown')).toEqual({ status: 503, done: ['missed one'], told: ['missed'] })
})

test('an event that is too large to be read is told as missed', async () => {
  expect(await post('allowed', { body: 'x'.repeat(1_000_001) })).toEqual({
    status: 413,
    done: ['missed one'],
    told: ['missed'],
  })
})

describe('a token', () => {
  test.each([basic('fado:a-token'), basic(':a-token')])('may be the password of Basic: %j', async (headers) => {
    expect(await post('allowed', { headers })).toMatchObject({ status: 204 })
  })
  test.each([
    basic('a-token'),
    basic('a-token:'),
    basic('fado:other'),
    { authorization: 'Basic !' },
    { authorization: 'Basic' },
    { authorization: 'a-token' },
    { authorization: ['Bearer a-token', 'Bearer a-token'] },
    { authorization: ['Bearer a-token', 'Bearer other'] },
    { 'x-api-key': 'a-token' },
    { cookie: 'fado_session=a-token' },
    {},
  ])('is not taken from %j', async (headers) => {
    expect(await post('allowed', { headers })).toEqual({ status: 401, done: [], told: ['refused'] })
  })
  test('is not taken from the address', async () => {
    expect(await post('allowed', { headers: {}, path: '/api/notify?token=a-token' })).toMatchObject({ status: 401 })
  })
})

test('events may be those of one store, which must be there', async () => {
  expect(await post('allowed', { path: '/api/notify/cloud' })).toMatchObject({
    status: 204,
    done: ['took event of cloud'],
  })
  for (const path of ['/api/notify/other', '/api/notify/', '/api/notify/cloud/x', '/api/notify/%2e'])
    expect(await post('allowed', { path }), path).toEqual({ status: 404, done: [], told: [] })
})

describe('what SNS sends', () => {
  const headers = { 'x-amz-sns-message-type': 'Notification' }
  test.each([
    [{ is: 'taken', events: 2 }, 204, ['taken 2']],
    [{ is: 'refused', why: 'not signed' }, 403, ['refused']],
    [{ is: 'later' }, 503, []],
  ] as const)('is judged by itself, without a token: %j', async (sns, status, told) => {
    expect(await post('refused', { headers, sns })).toEqual({ status, done: ['judged event'], told })
  })
  test('is judged with a token, too', async () => {
    const both = { ...headers, authorization: 'Bearer a-token' }
    expect(await post('allowed', { headers: both })).toMatchObject({ status: 403, done: ['judged event'] })
  })
  test('and is too large makes nobody look at anything, for nobody has proved anything', async () => {
    expect(await post('allowed', { headers, body: 'x'.repeat(400_001) })).toEqual({ status: 413, done: [], told: [] })
  })
  test('raw has no signature, and needs a token', async () => {
    const raw = { ...headers, 'x-amz-sns-rawdelivery': 'true' }
    expect(await post('allowed', { headers: raw })).toMatchObject({ status: 401 })
    expect(await post('allowed', { headers: { ...raw, ...basic('fado:a-token') } })).toMatchObject({
      status: 204,
      done: ['took event'],
    })
  })
})
