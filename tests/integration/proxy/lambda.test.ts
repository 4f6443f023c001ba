// AWS Lambda by its invoke API: a call becomes an event of payload format 2.0, what the function returns becomes the answer.
import type { IncomingHttpHeaders } from 'node:http'
import { expect, test } from 'vitest'
import type { FaasEndpoint } from '../../../server/domain/route/routing-table.ts'
import { type CallOptions, endpointOf, startFunctions, startRouting, tableOf } from '../../support/routing.ts'

type Returned = { status?: number; headers?: Record<string, string>; body: string }
type Event = Record<string, unknown> & { headers: Record<string, string>; requestContext: { http: object } }

/** `returns` is what Lambda answers to each event. */
async function startLambda(returns: () => Returned, more: Partial<FaasEndpoint> = {}) {
  const events: Event[] = []
  const heads: IncomingHttpHeaders[] = []
  const lambda = await startFunctions('aws', async ({ headers: head }, response, body) => {
    heads.push(head)
    events.push(JSON.parse(body.toString() || 'null') as Event)
    const { status = 200, headers = {}, body: text } = returns()
    response.writeHead(status, { 'content-type': 'application/json', 'x-amzn-requestid': '1', ...headers })
    response.end(text)
  })
  const routing = await startRouting()
  await routing.serve(
    [endpointOf(lambda, { kind: 'AWS_LAMBDA', ...more })],
    { photos: tableOf(['aws']) },
    '/function/warm',
  )
  events.length = 0
  const call = (path: string, options: Partial<CallOptions> = {}) =>
    routing.call(path, { bucket: 'photos', ...options })
  return { events, heads, call, routing }
}

const returned = (value: unknown): Returned => ({ body: JSON.stringify(value) })

test('a call is an event with all that it has', async () => {
  // What asks for the signature is none of the event.
  const { events, call } = await startLambda(() => returned({ statusCode: 204 }), {
    auth: { kind: 'aws_sigv4', accessKey: 'AK', region: 'r', service: 'lambda' },
    secrets: { version: '1', secretKey: 's' },
  })
  await call('/function/resize/a%20b/c?w=9&w=10&q=%C3%A9+%26&flag', {
    method: 'POST',
    body: 'bödy "quoted" \\ \u0001\n',
    headers: {
      'content-type': 'text/plain',
      cookie: 'k=v; z=w',
      'user-agent': 'curl',
      host: 'fn.example',
      'x-two': 'a, b',
    },
  })
  expect(events[0]).toEqual({
    version: '2.0',
    routeKey: '$default',
    rawPath: '/a%20b/c',
    rawQueryString: 'w=9&w=10&q=%C3%A9+%26&flag',
    queryStringParameters: { w: '9,10', q: 'é &', flag: '' },
    cookies: ['k=v', 'z=w'],
    headers: expect.objectContaining({
      'content-type': 'text/plain',
      host: 'fn.example',
      'x-two': 'a, b',
      'x-fado-bucket': 'photos',
    }),
    requestContext: expect.objectContaining({
      domainName: 'fn.example',
      http: {
        method: 'POST',
        path: '/a%20b/c',
        protocol: 'HTTP/1.1',
        sourceIp: expect.stringMatching(/^[\d.:a-f]+$/),
        userAgent: 'curl',
      },
    }),
    body: 'bödy "quoted" \\ \u0001\n',
    isBase64Encoded: false,
  })
  expect(Object.keys(events[0]?.headers ?? {}).filter((name) => name.startsWith('x-fado-'))).toEqual(['x-fado-bucket'])
  await call('/function/resize')
  expect(events[1]).toMatchObject({ rawPath: '/', rawQueryString: '', isBase64Encoded: false })
  expect(events[1]).not.toHaveProperty('body')
})

test('a body that is no text is base64, and so may be an answer', async () => {
  const bytes = Buffer.from([0, 1, 2, 250, 251, 252, 253, 254, 255, 10, 13])
  const answers = [bytes, bytes.subarray(1), bytes.subarray(2), Buffer.alloc(0)]
  let next = Buffer.alloc(0)
  const { events, heads, call } = await startLambda(() =>
    returned({ statusCode: 200, body: next.toString('base64'), isBase64Encoded: true }),
  )
  for (next of answers) {
    const { bytes: got } = await call('/function/f', {
      method: 'POST',
      body: next,
      headers: { 'content-type': 'image/png' },
    })
    expect(got).toEqual(next)
    if (next.length > 0) expect(events.at(-1)).toMatchObject({ body: next.toString('base64'), isBase64Encoded: true })
  }
  // What is called text and is none would be no JSON.
  await call('/function/f', { method: 'POST', body: bytes, headers: { 'content-type': 'text/plain' } })
  expect(events.at(-1)).toMatchObject({ body: bytes.toString('base64'), isBase64Encoded: true })
  const gzip = { 'content-type': 'application/json', 'content-encoding': 'gzip' }
  await call('/function/f', { method: 'POST', body: '{}', headers: gzip })
  expect(events.at(-1)).toMatchObject({ isBase64Encoded: true, headers: gzip })
  expect(heads.at(-1), 'the event itself is plain JSON').toMatchObject({ 'content-type': 'application/json' })
  expect(heads.at(-1)).not.toHaveProperty('content-encoding')
})

test('what is not UTF-8 to the letter is no text', async () => {
  const { events, call } = await startLambda(() => returned({ statusCode: 200 }))
  const sent = async (hex: string) => {
    const body = Buffer.from(`61${hex}`, 'hex')
    await call('/function/f', { method: 'POST', body, headers: { 'content-type': 'text/plain' } })
    return { body, event: events.at(-1) }
  }
  // Cut off, too long for what they say, halves of pairs, beyond the last.
  for (const hex of ['c3', '80', 'c080', 'e08080', 'e282', 'eda080', 'f0808080', 'f4908080', 'f5808080', 'ff']) {
    const { body, event } = await sent(hex)
    expect([hex, event]).toMatchObject([hex, { body: body.toString('base64'), isBase64Encoded: true }])
  }
  for (const hex of ['c280', 'e0a080', 'ed9fbf', 'f0908080', 'f48fbfbf']) {
    const { body, event } = await sent(hex)
    expect([hex, event]).toMatchObject([hex, { body: body.toString(), isBase64Encoded: false }])
  }
})

test.for([
  [
    {
      statusCode: 201,
      headers: { 'X-A': 'b', 'Content-Type': 'text/css', 'x-n': 5 },
      body: 'x',
      cookies: ['a=1', 'b=2'],
    },
    {
      status: 201,
      body: 'x',
      headers: { 'x-a': 'b', 'content-type': 'text/css', 'x-n': '5', 'set-cookie': ['a=1', 'b=2'] },
    },
  ],
  [
    { statusCode: '302', headers: { location: '/x' } },
    { status: 302, body: '', headers: { location: '/x' } },
  ],
  [
    { statusCode: 404, body: 'its own' },
    { status: 404, body: 'its own' },
  ],
  [
    { statusCode: 500, body: 'its own' },
    { status: 500, body: 'its own' },
  ],
  [
    { statusCode: 200, body: '\u00e9\ud83d\ude00"\\/\b\f\n\r\t' },
    { status: 200, body: '\u00e9\ud83d\ude00"\\/\b\f\n\r\t' },
  ],
  [
    {
      statusCode: 200,
      headers: { 'content-length': '1', connection: 'close', 'bad name': 'x', evil: 'a\r\nb: c' },
      body: 'four',
    },
    { status: 200, body: 'four' },
  ],
  ['Hello', { status: 200, body: 'Hello', headers: { 'content-type': 'application/json' } }],
  [{ message: 'x' }, { status: 200, body: '{"message":"x"}', headers: { 'content-type': 'application/json' } }],
  [[1, null, true, -1.5e3], { status: 200, body: '[1,null,true,-1500]' }],
  [null, { status: 200, body: 'null' }],
  [{ statusCode: 99 }, { status: 502 }],
  [{ statusCode: 200.5 }, { status: 502 }],
  [{ statusCode: 200, body: { a: 1 } }, { status: 502 }],
  [{ statusCode: 200, body: '!!', isBase64Encoded: true }, { status: 502 }],
] as const)('a function returns %j', async ([value, expected]) => {
  const { call } = await startLambda(() => returned(value))
  const answer = await call('/function/f')
  expect(answer).toMatchObject(expected)
  expect(answer.headers['evil']).toBeUndefined()
  if (expected.status === 502)
    expect(JSON.parse(answer.body)).toMatchObject({ type: 'urn:fado:problem:function-failed' })
})

test('escapes, odd texts and deep ones are read as JSON, or refused', async () => {
  let body = ''
  const { call } = await startLambda(() => ({ body }))
  const ask = async (text: string) => {
    body = text
    return call('/function/f')
  }
  expect((await ask('{"statusCode":200,"body":"\\u00e9\\ud83d\\ude00\\u0041\\/"}')).body).toBe('é😀A/')
  expect((await ask(' { "statusCode" : 200 , "x" : [ ] , "y" : { } , "body" : "a" } ')).body).toBe('a')
  for (const bad of [
    '',
    '{',
    '{"a"}',
    '[1,]',
    '"a',
    'nul',
    '{"statusCode":200}x',
    '['.repeat(10_000),
    '"\\x"',
    '"\\ud8"',
  ])
    expect((await ask(bad)).status, bad.slice(0, 20)).toBe(502)
})

test('what a function throws, and what Lambda refuses, is told as what it is', async () => {
  let next: Returned = { body: '' }
  const { call } = await startLambda(() => next)
  const ask = async (answer: Returned) => {
    next = answer
    const { status, body, headers } = await call('/function/f')
    return { ...(JSON.parse(body) as object), status, error: headers['x-amz-function-error'] }
  }
  const thrown = { errorType: 'TypeError', errorMessage: 'x "is" not', trace: ['a'] }
  expect(await ask({ headers: { 'x-amz-function-error': 'Unhandled' }, body: JSON.stringify(thrown) })).toMatchObject({
    status: 502,
    title: 'The function failed',
    detail: 'TypeError: x "is" not',
    error: undefined,
  })
  expect(await ask({ status: 404, body: '{}' })).toMatchObject({ status: 404, title: 'Not a function' })
  expect(await ask({ status: 403, body: '{"message":"The security token is invalid"}' })).toMatchObject({
    status: 502,
    title: 'The platform refused FaDO',
  })
  expect(await ask({ status: 429, body: '{"Reason":"x"}' })).toMatchObject({ status: 429, Reason: 'x' })
})

test('HEAD has no body, and 5 MB pass both ways', async () => {
  const large = 'x'.repeat(3_000_000)
  const { events, call } = await startLambda(() => returned({ statusCode: 200, body: large }))
  expect(await call('/function/f', { method: 'HEAD' })).toMatchObject({
    body: '',
    headers: { 'content-length': String(large.length) },
  })
  expect(events.at(-1)).toMatchObject({ requestContext: { http: { method: 'HEAD' } } })
  const answer = await call('/function/f', { method: 'POST', body: large, headers: { 'content-type': 'text/plain' } })
  expect(answer.body.length).toBe(large.length)
  expect(String(events.at(-1)?.['body']).length).toBe(large.length)
  const tooLarge = await call('/function/f', { method: 'POST', body: Buffer.alloc(7_000_000) })
  expect(tooLarge.status).toBe(413)
})

test('answers that may have no body have none', async () => {
  let status = 204
  const { call } = await startLambda(() => returned({ statusCode: status, body: 'more' }))
  for (status of [204, 304]) expect(await call('/function/f')).toMatchObject({ status, body: '' })
  const raw = await startLambda(() => ({ body: '"more"' }), { payload: 'raw' })
  expect(await raw.call('/function/f', { method: 'HEAD' })).toMatchObject({ status: 200, body: '' })
})

test('raw: the body is the event, and what is returned is the answer', async () => {
  let next = returned({ statusCode: 201 })
  const { events, call } = await startLambda(() => next, { payload: 'raw' })
  const answer = await call('/function/f/x?y', { method: 'PUT', body: '{"a":1}' })
  expect(answer).toMatchObject({ status: 200, body: '{"statusCode":201}' })
  expect(events).toEqual([{ a: 1 }])
  next = { status: 403, body: '{"message":"The security token is invalid"}' }
  const refused = await call('/function/f', { method: 'POST', body: '{}' })
  expect([refused.status, JSON.parse(refused.body).type]).toEqual([502, 'urn:fado:problem:platform-refused'])
})
