// Both ends of HTTP on real sockets: a server that says what a test wants, and the connections with which FaDO speaks to stores.
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { onTestFinished } from 'vitest'
import { trustedContext } from '../../server/storage/trusted-context.ts'
import { ask } from '../../server/storage/wire/ask.ts'
import { createConnections } from '../../server/storage/wire/connections.ts'
import type { WireRequest } from '../../server/storage/wire/request-message.ts'

type Speaker = (socket: Socket, request: string, times: number) => void

/** For the running test. Hands over each request once its head is there; `times`: how many came on this connection before it. */
export async function server(speak: Speaker, tls?: { readonly key: string; readonly cert: string }) {
  const sockets = new Set<Socket>()
  const onSocket = (socket: Socket) => {
    sockets.add(socket)
    let text = ''
    let times = 0
    socket
      .on('error', () => undefined)
      .on('data', (data) => {
        text += data.toString('latin1')
        for (let end = text.indexOf('\r\n\r\n'); end >= 0; end = text.indexOf('\r\n\r\n')) {
          const length = Number(/content-length: (\d+)/.exec(text.slice(0, end))?.[1] ?? 0)
          const whole = end + 4 + (speaksEarly ? 0 : length)
          if (text.length < whole) return
          const request = text.slice(0, whole)
          text = text.slice(whole)
          speak(socket, request, times++)
        }
      })
  }
  let speaksEarly = false
  const listener = tls === undefined ? createServer(onSocket) : createTlsServer(tls, onSocket)
  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy()
    listener.close()
    await once(listener, 'close')
  })
  const { port } = listener.address() as AddressInfo
  return {
    origin: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    opened: () => sockets.size,
    speakEarly: () => {
      speaksEarly = true
    },
  }
}

/** Where a test is not about time, a busy machine has it. */
const patientMs = 30_000

/** Asks over connections of its own, which are kept until the test ends. */
export function client({ ca = null, skipTlsVerify = false }: { ca?: string | null; skipTlsVerify?: boolean } = {}) {
  const connections = createConnections({
    connectMs: patientMs,
    secureContext: () => trustedContext(ca),
    skipTlsVerify,
  })
  onTestFinished(() => connections.close())
  type Options = {
    silence?: number
    begins?: number
    ends?: number
    signal?: AbortSignal
    streams?: boolean
    most?: number
  }
  return (origin: string, request: Partial<WireRequest> = {}, options: Options = {}) =>
    ask(
      connections,
      origin,
      { method: 'GET', path: '/', headers: {}, body: null, ...request },
      {
        signal: options.signal,
        patience: {
          silence: options.silence ?? patientMs,
          pause: options.silence ?? patientMs,
          begins: options.begins ?? patientMs,
        },
        endsMs: options.ends ?? patientMs,
        limitOf: () => ({ most: options.most ?? 1_000_000, tooMuch: 'fail', broken: 'fail' }),
        streams: () => options.streams ?? false,
      },
    )
}
