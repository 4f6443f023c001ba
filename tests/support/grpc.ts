// Real servers and clients of gRPC, whose messages are texts.
import {
  Client,
  type ClientReadableStream,
  credentials,
  type Deadline,
  type handleUnaryCall,
  Metadata,
  type MethodDefinition,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServerReadableStream,
  type ServerWritableStream,
  type ServiceDefinition,
  type ServiceError,
  status,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js'
import { onTestFinished } from 'vitest'
import type { FunctionServer } from './routing.ts'

/** Milliseconds; Infinity: for ever. */
const leftOf = (deadline: Deadline) => Number(deadline) - Date.now()

const toBytes = (text: string) => Buffer.from(text)
const toText = (bytes: Buffer) => bytes.toString()

const method = (name: string, requestStream: boolean, responseStream: boolean): MethodDefinition<string, string> => ({
  path: `/test.Echo/${name}`,
  requestStream,
  responseStream,
  requestSerialize: toBytes,
  requestDeserialize: toText,
  responseSerialize: toBytes,
  responseDeserialize: toText,
})
const echo: ServiceDefinition = {
  say: method('Say', false, false),
  fail: method('Fail', false, false),
  wait: method('Wait', false, false),
  count: method('Count', false, true),
  join: method('Join', true, false),
  chat: method('Chat', true, true),
}

export type GrpcServer = FunctionServer & {
  /** Of its calls of Wait those that ended without an answer. */
  cancelled: number
  /** Lets those calls of Wait have their answers that have waited longest. */
  answerWaiting(count?: number): void
  /** Takes no calls any more, and ends those that it has. */
  drain(): Promise<void>
}

/** `at`: its port; any free one unless given. `tls`: plain HTTP/2 unless given. */
export async function startGrpcServer(name: string, at = 0, tls?: { cert: string; key: string }): Promise<GrpcServer> {
  const waiting: (() => void)[] = []
  const say: handleUnaryCall<string, string> = (call, answer) => {
    const { request, metadata } = call
    functions.calls++
    const trailers = new Metadata()
    trailers.set('x-heard', String(metadata.get('x-said')[0] ?? ''))
    trailers.set('x-host', call.getHost())
    trailers.set('x-left', String(leftOf(call.getDeadline())))
    answer(null, `${name} heard ${request}`, trailers)
  }
  const fail: handleUnaryCall<string, string> = (_call, answer) => {
    const metadata = new Metadata()
    metadata.set('x-why', 'because')
    answer({ code: status.FAILED_PRECONDITION, details: `not on ${name}`, metadata })
  }
  const wait: handleUnaryCall<string, string> = (call, answer) => {
    functions.calls++
    functions.active++
    const done = () => {
      functions.active--
      answer(null, 'at last')
    }
    waiting.push(done)
    // Also told of calls that were answered.
    call.on('cancelled', () => {
      if (!waiting.includes(done)) return
      waiting.splice(waiting.indexOf(done), 1)
      functions.cancelled++
      functions.active--
    })
  }
  const handlers: UntypedServiceImplementation = {
    say,
    fail,
    wait,
    count(call: ServerWritableStream<string, string>) {
      for (let n = 1; n <= Number(call.request); n++) call.write(String(n))
      call.end()
    },
    join(call: ServerReadableStream<string, string>, answer: (error: null, text: string) => void) {
      const parts: string[] = []
      call.on('data', (part: string) => parts.push(part)).on('end', () => answer(null, parts.join('+')))
    },
    chat(call: ServerDuplexStream<string, string>) {
      call.on('data', (part: string) => call.write(`got ${part}`)).on('end', () => call.end())
    },
  }
  const server = new Server()
  server.addService(echo, handlers)
  const keys = tls && [{ cert_chain: Buffer.from(tls.cert), private_key: Buffer.from(tls.key) }]
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync(
      `127.0.0.1:${at}`,
      keys ? ServerCredentials.createSsl(null, keys) : ServerCredentials.createInsecure(),
      (error, bound) => (error ? reject(error) : resolve(bound)),
    ),
  )
  const stop = async () => server.forceShutdown()
  onTestFinished(stop)
  const answerWaiting = (count = waiting.length) => {
    for (const done of waiting.splice(0, count)) done()
  }
  const drain = () =>
    new Promise<void>((resolve, reject) => server.tryShutdown((error) => (error ? reject(error) : resolve())))
  const functions: GrpcServer = { name, port, calls: 0, active: 0, cancelled: 0, answerWaiting, drain, stop }
  return functions
}

export type GrpcAnswer = {
  /** Null where the call failed. */
  readonly text: string | null
  readonly code: status
  readonly details: string
  /** Headers of the answer. */
  readonly metadata: Metadata
  readonly trailers: Metadata
}

type CallOptions = {
  readonly bucket?: string
  /** Default: greeter. */
  readonly functionName?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly deadlineMs?: number
}

/** Calls through an ingress. Each client has a connection of its own. */
export function grpcClient(port: number) {
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure())
  onTestFinished(() => client.close())
  const pathOf = (name: string, { functionName = 'greeter' }: CallOptions) =>
    `/function/${functionName}/test.Echo/${name}`
  const saying = ({ bucket, headers = {} }: CallOptions) => {
    const metadata = new Metadata()
    if (bucket !== undefined) metadata.set('x-fado-bucket', bucket)
    for (const [name, value] of Object.entries(headers)) metadata.set(name, value)
    return metadata
  }
  const until = ({ deadlineMs }: CallOptions) => (deadlineMs === undefined ? {} : { deadline: Date.now() + deadlineMs })

  return {
    unary(name: 'Say' | 'Fail' | 'Wait', message: string, options: CallOptions): Promise<GrpcAnswer> {
      const { promise, resolve } = Promise.withResolvers<GrpcAnswer>()
      let head = new Metadata()
      let text: string | null = null
      const call = client.makeUnaryRequest(
        pathOf(name, options),
        toBytes,
        toText,
        message,
        saying(options),
        until(options),
        (_error: ServiceError | null, answer) => {
          text = answer ?? null
        },
      )
      call.on('metadata', (metadata) => {
        head = metadata
      })
      // It comes last.
      call.on('status', ({ code, details, metadata }) =>
        resolve({ text, code, details, metadata: head, trailers: metadata }),
      )
      return promise
    },
    /** All that comes. */
    async count(to: number, options: CallOptions): Promise<string[]> {
      const call: ClientReadableStream<string> = client.makeServerStreamRequest(
        pathOf('Count', options),
        toBytes,
        toText,
        String(to),
        saying(options),
      )
      const parts: string[] = []
      for await (const part of call) parts.push(part as string)
      return parts
    },
    join(parts: readonly string[], options: CallOptions): Promise<string | undefined> {
      const { promise, resolve, reject } = Promise.withResolvers<string | undefined>()
      const call = client.makeClientStreamRequest(
        pathOf('Join', options),
        toBytes,
        toText,
        saying(options),
        (error: ServiceError | null, answer) => (error ? reject(error) : resolve(answer)),
      )
      for (const part of parts) call.write(part)
      call.end()
      return promise
    },
    chat: (options: CallOptions) =>
      client.makeBidiStreamRequest(pathOf('Chat', options), toBytes, toText, saying(options)),
  }
}
