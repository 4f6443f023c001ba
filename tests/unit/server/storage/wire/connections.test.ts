// Against servers that speak, and misspeak, on real sockets.
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { describe, expect, test } from 'vitest'
import { createAuthority } from '../../../../support/certificates.ts'
import { eventually } from '../../../../support/eventually.ts'
import { freePort } from '../../../../support/free-port.ts'
import { client, server } from '../../../../support/wire.ts'

const failureOf = (call: Promise<unknown>) =>
  call.then(
    () => 'nothing',
    (error: Error & { code?: string }) => (typeof error.code === 'string' ? error.code : error.name),
  )
const text = async (answer: { readonly body: Buffer | Readable }) =>
  (answer.body instanceof Readable ? await buffer(answer.body) : answer.body).toString('latin1')
const say = (body: string, head = '') => `HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n${head}\r\n${body}`

describe('a connection', () => {
  test('carries one exchange after the other, and each answer is that of its request', async () => {
    const { origin, opened } = await server((socket, request) => void socket.write(say(request)))
    const get = client()
    for (const path of ['/a', '/b', '/c']) expect(await text(await get(origin, { path }))).toContain(`GET ${path} `)
    expect(opened()).toBe(1)
    const many = Array.from({ length: 20 }, async (_, i) => text(await get(origin, { path: `/${i}` })))
    for (const [i, one] of (await Promise.all(many)).entries()) expect(one).toContain(`GET /${i} `)
    expect(opened()).toBe(20)
  })

  test.each([
    ['says that it is the last', say('x', 'connection: close\r\n')],
    ['speaks HTTP/1.0', say('x').replace('1.1', '1.0')],
    ['goes on speaking', `${say('x')}HTTP/1.1 200 OK\r\n`],
  ])('that %s is not used again', async (_, answer) => {
    const { origin, opened } = await server((socket) => void socket.write(answer))
    const get = client()
    for (let i = 0; i < 3; i++) expect(await text(await get(origin))).toBe('x')
    expect(opened()).toBe(3)
  })

  test('that the other side ended is not used again', async () => {
    let ended = 0
    const { origin } = await server((socket) => {
      socket.on('close', () => ended++).end(say('x'))
    })
    const get = client()
    // A question would be asked again, and hide it.
    for (let i = 1; i <= 5; i++) {
      expect(await text(await get(origin, { method: 'PUT', body: Buffer.from('x') }))).toBe('x')
      await eventually('both sides have ended it', () => ended === i)
    }
  })

  test('that ends as a question comes along takes only that with it which may have changed something', async () => {
    const asked: string[] = []
    const { origin } = await server((socket, request, times) => {
      asked.push(request.split(' ', 1).join())
      if (times === 0) socket.write(say('x'))
      else socket.destroy()
    })
    const get = client()
    await get(origin)
    expect(await text(await get(origin))).toBe('x')
    await get(origin, { method: 'HEAD' })
    expect(asked).toEqual(['GET', 'GET', 'GET', 'HEAD', 'HEAD'])
    await get(origin)
    const put = { method: 'PUT', headers: {}, body: Buffer.from('x') }
    expect(await failureOf(get(origin, put))).toBe('ECONNRESET')
    expect(asked.filter((method) => method === 'PUT')).toHaveLength(1)
  })

  test('is not free while its request is still on the way: what is left of it would be the next one', async () => {
    const way = await server((socket) => void socket.write(say('refused')))
    way.speakEarly()
    const get = client()
    const body = new Readable({ read: () => undefined })
    body.push('half')
    const put = { method: 'PUT', headers: { 'content-length': '8' }, body }
    expect(await text(await get(way.origin, put))).toBe('refused')
    expect(await text(await get(way.origin))).toBe('refused')
    expect(way.opened()).toBe(2)
    body.destroy()
  })

  test.each([
    ['nothing', ''],
    ['half a head', 'HTTP/1.1 200 OK\r\ncontent-le'],
    ['half a body', say('hello').slice(0, -2)],
    ['half a chunk', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhe'],
  ])('that is cut after %s fails its exchange, whole or streamed', async (_, part) => {
    const { origin } = await server((socket) => void socket.end(part))
    const get = client()
    expect(await failureOf(get(origin))).toBe('ECONNRESET')
    expect(await failureOf(get(origin, {}, { streams: true }).then(text))).toBe('ECONNRESET')
  })

  test.each([
    ['nothing', '', { silence: 150 }],
    ['half a head', 'HTTP/1.1 200 OK\r\n', { silence: 150 }],
    ['half a body', say('hello').slice(0, -2), { silence: 150 }],
    ['half a body, of which the whole takes too long', say('hello').slice(0, -2), { ends: 150 }],
    ['nothing, and takes too long', '', { begins: 150 }],
  ] as const)('that falls silent after %s fails its exchange', async (_, part, options) => {
    const { origin } = await server((socket) => void socket.write(part))
    expect(await failureOf(client()(origin, {}, options))).toBe('TimeoutError')
  })

  test('that cannot be opened fails its exchange', async () => {
    expect(await failureOf(client()(`http://127.0.0.1:${await freePort()}`))).toBe('ECONNREFUSED')
  })

  test('ends with the signal of its exchange, before and after the head', async () => {
    let asked = 0
    const { origin } = await server((socket, request) => {
      asked++
      if (request.startsWith('GET /half')) socket.write(say('hello').slice(0, -2))
    })
    const get = client()
    const stop = new AbortController()
    const silent = failureOf(get(origin, {}, { signal: stop.signal }))
    const begun = await get(origin, { path: '/half' }, { signal: stop.signal, streams: true })
    await eventually('both are on their way', () => asked === 2)
    stop.abort(new Error('enough'))
    expect([await silent, await failureOf(text(begun))]).toEqual(['Error', 'Error'])
    expect(await failureOf(get(origin, {}, { signal: AbortSignal.abort(new Error('enough')) }))).toBe('Error')
  })
})

describe('a body', () => {
  const large = Buffer.alloc(1_000_000, 'abcdefgh')

  test('streams in both directions, octet by octet the same', async () => {
    const { origin } = await server((socket, request) => {
      const body = request.slice(request.indexOf('\r\n\r\n') + 4)
      socket.write(Buffer.from(say(body), 'latin1'))
    })
    const get = client()
    for (const body of [large, Readable.from([large.subarray(0, 3), large.subarray(3)])]) {
      const put = { method: 'PUT', headers: { 'content-length': String(large.length) }, body }
      const answer = await get(origin, put, { streams: true })
      expect(large.equals(await buffer(answer.body as Readable))).toBe(true)
    }
  })

  test('whose reader waits is not read on, and is whole in the end', async () => {
    let written = 0
    const { origin } = await server((socket) => {
      socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${large.length * 20}\r\n\r\n`)
      const more = () => {
        while (written < large.length * 20) {
          written += large.length / 10
          if (!socket.write(large.subarray(0, large.length / 10))) return void socket.once('drain', more)
        }
      }
      more()
    })
    const { body } = await client()(origin, {}, { streams: true, silence: 300 })
    await new Promise((resolve) => setTimeout(resolve, 600)) // longer than it may be silent
    expect(written).toBeLessThan(large.length * 20)
    expect((await buffer(body as Readable)).length).toBe(large.length * 20)
  })

  test('that nobody wants any more ends its connection', async () => {
    let closed = false
    const { origin } = await server((socket) => {
      socket.on('close', () => {
        closed = true
      })
      socket.write(say('hello').slice(0, -2))
    })
    const { body } = await client()(origin, {}, { streams: true })
    ;(body as Readable).destroy()
    await eventually('it is closed', () => closed)
  })

  test('that waits for its own source is no silence', async () => {
    const { origin } = await server((socket) => void socket.write(say('ok')))
    const source = new Readable({ read: () => undefined })
    source.push('half')
    setTimeout(() => source.push('half'), 500)
    setTimeout(() => source.push(null), 520)
    const put = { method: 'PUT', headers: { 'content-length': '8' }, body: source }
    expect(await text(await client()(origin, put, { silence: 200 }))).toBe('ok')
  })

  test.each([
    ['shorter', ['half'], 'ERR_HTTP_CONTENT_LENGTH_MISMATCH'],
    ['longer', ['half', 'half', 'half'], 'ERR_HTTP_CONTENT_LENGTH_MISMATCH'],
  ])('that is %s than it says is not sent as if it were whole', async (_, pieces, code) => {
    const { origin } = await server((socket) => void socket.write(say('ok')))
    const get = client()
    const put = { method: 'PUT', headers: { 'content-length': '8' } }
    expect(await failureOf(get(origin, { ...put, body: Readable.from(pieces) }))).toBe(code)
    expect(await failureOf(get(origin, { ...put, body: Buffer.from(pieces.join('')) }))).toBe(code)
  })

  test('whose source fails ends the exchange with what it failed of', async () => {
    const { origin } = await server((socket) => void socket.write(say('ok')))
    const get = client()
    const put = { method: 'PUT', headers: { 'content-length': '8' } }
    const failing = new Readable({ read: () => undefined })
    const call = failureOf(get(origin, { ...put, body: failing }))
    failing.push('half')
    failing.destroy(Object.assign(new Error('broken'), { code: 'EBROKEN' }))
    expect(await call).toBe('EBROKEN')
    expect(await failureOf(get(origin, { ...put, body: failing }))).toBe('EBROKEN')
    const closed = new Readable({ read: () => undefined })
    closed.destroy()
    expect(await failureOf(get(origin, { ...put, body: closed }))).toBe('ERR_STREAM_PREMATURE_CLOSE')
  })

  test('that is larger than it may be fails, without being kept', async () => {
    const { origin } = await server((socket) => void socket.write(say('x'.repeat(1_000))))
    expect(await failureOf(client()(origin, {}, { most: 999 }))).toBe('StorageError')
    expect(await text(await client()(origin, {}, { most: 1_000 }))).toBe('x'.repeat(1_000))
  })

  test('no header smuggles a line into the request', async () => {
    const { origin } = await server((socket, request) => void socket.write(say(request), 'latin1'))
    const get = client()
    for (const value of ['a\r\nb: c', 'a\nb', 'a\0', 'ā'])
      expect(await failureOf(get(origin, { headers: { a: value } }))).toBe('ERR_INVALID_CHAR')
    expect(await text(await get(origin, { headers: { a: 'ä' } }))).toContain('a: ä\r\n')
  })
})

describe('over TLS', () => {
  test('a store is trusted by its certificate, or by order', async () => {
    const { ca, issue } = await createAuthority()
    const { key, cert } = await issue(['IP:127.0.0.1'])
    const { origin, opened } = await server((socket, request) => void socket.write(say(request)), { key, cert })
    expect(await failureOf(client()(origin))).toMatch(/CERT|UNABLE/)
    const get = client({ ca })
    for (let i = 0; i < 3; i++) expect(await text(await get(origin, { path: '/a' }))).toContain('GET /a ')
    expect(opened()).toBe(1)
    expect(await text(await client({ skipTlsVerify: true })(origin))).toContain('GET / ')
  })
})
