// One question to one address of a deployment: whether it is well. A connection of its own, so that a dead one is noticed.
import { once } from 'node:events'
import http from 'node:http'
import http2 from 'node:http2'
import https from 'node:https'
import { connect, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { answerHead } from '../answer-head.ts'
import { clusterHeader } from '../domain/fleet/cluster-header.ts'
import type { FaasTls } from '../domain/fleet/faas-auth.ts'
import { hostOf, portOf } from '../host-and-port.ts'
import { tlsOptions } from './trust.ts'

export type ProbeProof = {
  readonly tls?: FaasTls
  /** PEM: the key of the client certificate, where it has one. */
  readonly clientKey?: string | undefined
}

export type HealthAnswer = {
  /** Null: all is well. */
  readonly broken: string | null
  /** It has nothing at the path. */
  readonly lacksPath: boolean
  /** The cluster that the platform belongs to, where it says so. */
  readonly cluster: string | undefined
}

/** Rejects where no answer comes. */
export type AskHealth = (url: URL, address: string, asked: ProbeProof, signal: AbortSignal) => Promise<HealthAnswer>

/** From here on a status says that the platform itself is broken. Else any answer will do: it may want credentials for the path. */
const firstBroken = 500
const notFound = 404
const brokenBy = (status: number) => (status >= firstBroken ? `It answers ${status}` : null)

const agent = 'fado-health'
const textOf = (header: unknown) => (typeof header === 'string' ? header : undefined)

/** The answer without its body, which is not waited for. */
export const askPlainly: AskHealth = async (url, address, { tls, clientKey }, signal) => {
  const options: http.RequestOptions = {
    agent: false,
    signal,
    method: 'GET',
    headers: { 'user-agent': agent },
    lookup: (_host, options, done) => {
      const family = address.includes(':') ? 6 : 4
      if (options.all) done(null, [{ address, family }])
      else done(null, address, family)
    },
  }
  const request =
    url.protocol === 'https:'
      ? https.request(url, { ...options, ...tlsOptions(tls, clientKey) })
      : http.request(url, options)
  const response = await answerHead(request)
  response.destroy()
  const { statusCode: status = 0, headers } = response
  return { broken: brokenBy(status), lacksPath: status === notFound, cluster: textOf(headers[clusterHeader]) }
}

/** Of servers of gRPC (grpc.health.v1.Health/Check, https://github.com/grpc/grpc/blob/master/doc/health-checking.md). */
export const grpcHealthPath = '/grpc.health.v1.Health/Check'
/** It asks for no service by name, so for the server as a whole. */
const emptyMessage = Buffer.alloc(5)
/** Of the answer's message only the first field is looked at, which stands behind the message's length. */
const [messageStart, fieldsLooked] = [5, 2]
const notServing = Buffer.from([0x08, 2])
const unavailable = '14'

/** Over HTTP/2, which may be all that it speaks. A server without that service answers that it has none, and is well. */
export const askGrpc: AskHealth = async (url, address, asked, signal) => {
  const socket = socketTo(url, address, asked)
  try {
    await once(socket, url.protocol === 'https:' ? 'secureConnect' : 'connect', { signal })
    return await healthOver(socket, url, signal)
  } finally {
    socket.destroy()
  }
}

function socketTo(url: URL, address: string, { tls, clientKey }: ProbeProof): Socket {
  const host = hostOf(url)
  const to = { host: address, port: portOf(url) }
  if (url.protocol === 'http:') return connect(to)
  const name = isIP(host) === 0 ? { servername: host } : {}
  const given = tlsOptions(tls, clientKey)
  return connectTls({ ...to, ALPNProtocols: ['h2'], ...name, ...given })
}

async function healthOver(socket: Socket, url: URL, signal: AbortSignal): Promise<HealthAnswer> {
  const session = http2.connect(url.origin, { createConnection: () => socket })
  const { promise: broken, reject } = Promise.withResolvers<never>()
  session.on('error', reject)
  const stream = session.request(
    {
      ':method': 'POST',
      ':path': url.pathname,
      'content-type': 'application/grpc',
      te: 'trailers',
      'user-agent': agent,
    },
    { signal },
  )
  stream.end(emptyMessage)
  return Promise.race([answerOf(stream), broken])
}

async function answerOf(stream: http2.ClientHttp2Stream): Promise<HealthAnswer> {
  let head: http2.IncomingHttpHeaders & http2.IncomingHttpStatusHeader = {}
  let trailers: http2.IncomingHttpHeaders = {}
  let message = Buffer.alloc(0)
  stream.on('response', (headers) => {
    head = headers
  })
  stream.on('trailers', (headers) => {
    trailers = headers
  })
  for await (const chunk of stream as AsyncIterable<Buffer>)
    if (message.length < messageStart + fieldsLooked) message = Buffer.concat([message, chunk])
  const { ':status': status, [clusterHeader]: cluster } = head
  if (status === undefined) throw Object.assign(new Error('It hung up'), { code: 'ECONNRESET' })
  const ended = trailers['grpc-status'] ?? head['grpc-status']
  const field = message.subarray(messageStart, messageStart + fieldsLooked)
  const unwell = ended === unavailable ? 'It answers UNAVAILABLE' : null
  const broken = field.equals(notServing) ? 'It answers NOT_SERVING' : unwell
  return { broken: brokenBy(status) ?? broken, lacksPath: status === notFound, cluster: textOf(cluster) }
}
