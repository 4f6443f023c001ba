// What passes through Envoy as it is: streams, trailers, and what HTTP has beside a request and its answer.
import { once } from 'node:events'
import http from 'node:http'
import http2 from 'node:http2'
import net, { type AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { eventually } from '../../support/eventually.ts'
import { bucketHeader, endpointOf, startRouting, tableOf } from '../../support/routing.ts'

/** A bucket that this server alone serves, through a real Envoy. */
async function servedBy(handle: (request: http.IncomingMessage, response: http.ServerResponse) => void) {
  const server = http.createServer(handle)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const { serve, call, ingressPort } = await startRouting()
  const { port } = server.address() as AddressInfo
  const envoy = await serve([endpointOf({ name: 'edge', port })], { photos: tableOf(['edge']) }, '/')
  const open = (headers: http.OutgoingHttpHeaders = {}, method = 'POST') => {
    const request = http.request({
      ...{ host: '127.0.0.1', port: ingressPort, path: '/function/f', method },
      headers: { [bucketHeader]: 'photos', ...headers },
    })
    onTestFinished(() => void request.destroy())
    return request
  }
  return { call, open, ingressPort, envoy }
}

const answerOf = async (request: http.ClientRequest) => ((await once(request, 'response')) as [http.IncomingMessage])[0]
const nextOf = async (stream: http.IncomingMessage) => String((await once(stream, 'data'))[0])

test('chunks pass as they come, both ways at once', async () => {
  const { open } = await servedBy((request, response) => {
    request.on('data', (data) => response.write(`got ${data}`)).on('end', () => response.end())
  })
  const request = open()
  request.write('one')
  const response = await answerOf(request)
  expect(response.headers['transfer-encoding']).toBe('chunked')
  expect(await nextOf(response)).toBe('got one')
  for (const part of ['two', 'three']) {
    request.write(part)
    expect(await nextOf(response)).toBe(`got ${part}`)
  }
  request.end()
  await once(response.resume(), 'end')
})

test('server-sent events arrive one by one, each before the function sends the next', async () => {
  const sent = new Map<string, () => void>()
  const { open } = await servedBy((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    const send = (n: number) => response.write(`data: ${n}\n\n`)
    let n = 0
    sent.set('next', () => send(++n))
    send(n)
  })
  const request = open({ accept: 'text/event-stream' }, 'GET')
  request.end()
  const response = await answerOf(request)
  expect(response.headers['content-type']).toBe('text/event-stream')
  for (let n = 0; n < 4; n++) {
    expect(await nextOf(response)).toBe(`data: ${n}\n\n`)
    sent.get('next')?.()
  }
})

test('trailers pass, both ways', async () => {
  const { open } = await servedBy((request, response) => {
    request.resume().on('end', () => {
      response.writeHead(200, { trailer: 'x-sum' })
      response.write('body')
      response.addTrailers({ 'x-sum': `of ${request.trailers['x-checked'] ?? 'nothing'}` })
      response.end()
    })
  })
  const request = open({ trailer: 'x-checked', te: 'trailers' })
  request.write('body')
  request.addTrailers({ 'x-checked': 'yes' })
  request.end()
  const response = await answerOf(request)
  await once(response.resume(), 'end')
  expect(response.trailers).toEqual({ 'x-sum': 'of yes' })
})

test('a caller that asks before it sends its body is told to go on', async () => {
  const { open } = await servedBy((request, response) => {
    request.pipe(response)
  })
  const request = open({ expect: '100-continue', 'content-length': 4 })
  request.flushHeaders()
  await once(request, 'continue')
  request.end('body')
  const response = await answerOf(request)
  expect([response.statusCode, await nextOf(response)]).toEqual([200, 'body'])
})

test('a function that says early what the answer will need is heard', async () => {
  const { open } = await servedBy((_request, response) => {
    response.writeEarlyHints({ link: '</style.css>; rel=preload' })
    response.end('ok')
  })
  const request = open({}, 'GET')
  request.end()
  const response = await answerOf(request)
  expect([response.statusCode, await nextOf(response)]).toEqual([200, 'ok'])
})

test('callers of HTTP/2 are served, many calls on one connection, trailers and all', async () => {
  const { ingressPort } = await servedBy((request, response) => {
    response.writeHead(200, { trailer: 'x-sum' })
    request
      .on('data', (data) => response.write(`got ${data}`))
      .on('end', () => {
        response.addTrailers({ 'x-sum': 'all' })
        response.end()
      })
  })
  const session = http2.connect(`http://127.0.0.1:${ingressPort}`)
  onTestFinished(() => session.destroy())
  async function call(body: string) {
    const stream = session.request({
      ':method': 'POST',
      ':path': '/function/f',
      [bucketHeader]: 'photos',
      te: 'trailers',
    })
    let trailers: http2.IncomingHttpHeaders = {}
    stream.on('trailers', (given: http2.IncomingHttpHeaders) => {
      trailers = given
    })
    stream.end(body)
    let text = ''
    for await (const part of stream) text += String(part)
    return [text, trailers['x-sum']]
  }
  const answers = await Promise.all(['a', 'b', 'c'].map(call))
  expect(answers).toEqual([
    ['got a', 'all'],
    ['got b', 'all'],
    ['got c', 'all'],
  ])
})

test('a megabyte of headers, or a thousand of them, is refused for what it is, and the next call is served', async () => {
  const { ingressPort, call } = await servedBy((request, response) => {
    request.resume()
    response.end('ok')
  })
  const raw = async (lines: readonly string[]) => {
    const socket = net.connect(ingressPort, '127.0.0.1')
    onTestFinished(() => void socket.destroy())
    socket.on('error', () => undefined)
    let text = ''
    socket.on('data', (data) => {
      text += String(data)
    })
    socket.write(`${['GET /function/f HTTP/1.1', 'Host: x', `${bucketHeader}: photos`, ...lines].join('\r\n')}\r\n\r\n`)
    await eventually('it is answered', () => text.includes('}'))
    return text
  }
  const large = [`x-large: ${'x'.repeat(1_000_000)}`]
  const many = Array.from({ length: 1_000 }, (_, n) => `x-${n}: ${n}`)
  for (const lines of [large, many]) {
    const answer = await raw(lines)
    expect(answer).toMatch(/^HTTP\/1\.1 431 Request Header Fields Too Large/)
    expect(answer).toMatch(/content-type: application\/problem\+json/i)
    expect(answer).toContain('up to 100 headers, and 60 KiB of them')
  }
  expect((await call('/function/f', { bucket: 'photos' })).status).toBe(200)
})
