// Bytes on their way from one store to another share memory with what went before. Whatever is cut, slowed or refused: what arrives
// whole is what was sent.
import { createHash, randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { pipeline, type Readable, Transform } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { exactly } from '../../../../../server/storage/exact-body.ts'
import { createAuthority } from '../../../../support/certificates.ts'
import { client } from '../../../../support/wire.ts'

const objects = 16
const bytes = 1_500_000
const contents = Array.from({ length: objects }, () => randomBytes(bytes))
const md5 = (data: Uint8Array) => createHash('md5').update(data).digest('hex')
const digests = contents.map(md5)
const chance = (of: number) => Math.random() < of

/** For the running test. */
async function listen(answer: RequestListener, tls?: { readonly key: string; readonly cert: string }): Promise<string> {
  const server = tls === undefined ? createServer(answer) : createTlsServer(tls, answer)
  server.listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http${tls === undefined ? '' : 's'}://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const numberOf = ({ url = '' }: IncomingMessage) => Number(url.slice(1))

/** Gives the objects, and breaks off now and then. */
function give(request: IncomingMessage, response: ServerResponse): void {
  const content = contents[numberOf(request)] ?? Buffer.alloc(0)
  response.writeHead(200, { 'content-length': bytes })
  if (chance(0.2)) response.write(content.subarray(0, Math.random() * bytes), () => request.socket.destroy())
  else response.end(content)
}

/** Takes objects, some slowly; now and then it answers before it has read all, or breaks off. */
function takeInto(arrived: Map<number, string[]>): RequestListener {
  return async (request, response) => {
    const hash = createHash('md5')
    const [isSlow, end] = [chance(0.5), chance(0.3) ? Math.random() * bytes : bytes]
    const breaksOff = chance(0.5)
    let taken = 0
    try {
      for await (const chunk of request) {
        hash.update(chunk as Buffer)
        taken += (chunk as Buffer).length
        if (taken > end && breaksOff) request.socket.destroy()
        else if (taken > end) response.end()
        if (isSlow) await turn()
      }
      const number = numberOf(request)
      arrived.set(number, [...(arrived.get(number) ?? []), hash.digest('hex')])
      response.end()
    } catch {
      // It was cut off.
    }
  }
}

/** In small pieces, each of which waits its turn, as a limit lets them pass. */
function slowed(body: Readable): Readable {
  const slow = new Transform({
    async transform(chunk: Buffer, _encoding, done) {
      for (let at = 0; at < chunk.length; at += 16_384) {
        await turn()
        slow.push(chunk.subarray(at, at + 16_384))
      }
      done()
    },
  })
  return pipeline(body, slow, () => undefined)
}

const ways: Readonly<Record<string, (body: Readable, number: number) => Readable>> = {
  'as they come': (body) => body,
  'under a limit': slowed,
  'as a whole that is right': (body, number) => exactly(body, digests[number] ?? '').body,
}

test.each(
  ['http', 'https'].flatMap((scheme) => Object.entries(ways).map(([way, through]) => [scheme, way, through] as const)),
)('what arrives whole over %s is what was sent: %s', async (scheme, _way, through) => {
  const tls = scheme === 'https' ? await (await createAuthority()).issue(['IP:127.0.0.1']) : undefined
  const arrived = new Map<number, string[]>()
  const [from, to] = [await listen(give, tls), await listen(takeInto(arrived), tls)]
  const call = client({ skipTlsVerify: true })
  async function carry(number: number): Promise<void> {
    const limit = chance(0.2) ? { signal: AbortSignal.timeout(Math.random() * 50) } : {}
    const { body } = await call(from, { path: `/${number}` }, { streams: true, ...limit })
    const source = body as Readable
    const headers = { 'content-length': String(bytes) }
    try {
      await call(to, { method: 'PUT', path: `/${number}`, headers, body: through(source, number) }, limit)
    } finally {
      source.destroy()
    }
  }
  for (let round = 0; round < 4; round++)
    await Promise.allSettled(Array.from({ length: objects }, (_, number) => carry(number)))
  expect(arrived.size).toBeGreaterThan(objects / 2)
  for (const [number, came] of arrived) expect(new Set(came), `object ${number}`).toEqual(new Set([digests[number]]))
})
