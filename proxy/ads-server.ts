// What Envoys ask for over gRPC, the aggregated discovery service, and what they tell there, their access logs: bytes to requests
// and back, who may connect, and nothing else.
import { randomUUID } from 'node:crypto'
import {
  type handleBidiStreamingCall,
  type MethodDefinition,
  Server,
  type ServerCredentials,
  type ServerDuplexStream,
  type ServerReadableStream,
  type ServiceDefinition,
  type sendUnaryData,
  status,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js'
import { atMostEvery } from '../server/at-most-every.ts'
import { FadoError } from '../server/domain/errors.ts'
import type { Log } from '../server/log.ts'
import { type LogMessage, logService, readMessage, taken } from './call-log/log-message.ts'
import type { Proof, Shown } from './proof.ts'
import { definitions } from './protos.ts'
import { rememberedFor } from './remembered-for.ts'
import type { DeltaRequest, DeltaResponse } from './stream/delta-stream.ts'
import { messageNames, typeUrl } from './type-urls.ts'

/** Who is at the other end of a stream. */
export type NodeInfo = { readonly nodeId: string; readonly envoyVersion: string | null }

export type StreamHandler = {
  /** The client has proven that it may, and has said who it is. */
  readonly open: (streamId: string, node: NodeInfo) => void
  readonly receive: (streamId: string, request: DeltaRequest) => void
  readonly close: (streamId: string) => void
}

export type ListenAddress = { readonly address: string; readonly port: number }

type Options = {
  readonly log: Log
  readonly proof: Proof
  readonly handler: StreamHandler
  /** Bytes of a resource that is being sent. */
  readonly bytes: (response: DeltaResponse, name: string, version: string) => Buffer
  /** Envoys' access logs; absent: nobody takes them. */
  readonly told?: (message: LogMessage) => void
  /** Resolves when all is known that was decided by now; rejects where it cannot be known. Default: it always is. */
  readonly caughtUp?: (() => Promise<void>) | undefined
  /** What proves nothing any more, e.g. a token that was revoked, ends its streams within this time. Default 30 s. */
  readonly recheckMs?: number | undefined
}

/** The fields of a DeltaDiscoveryRequest that are read; proto-loader leaves out what is not set. */
type WireRequest = {
  node?: { id?: string; user_agent_version?: string; user_agent_build_version?: { version?: SemanticVersion } }
  type_url?: string
  resource_names_subscribe?: string[]
  resource_names_unsubscribe?: string[]
  initial_resource_versions?: Record<string, string>
  response_nonce?: string
  error_detail?: { message?: string }
}
type SemanticVersion = { major_number?: number; minor_number?: number; patch?: number }
type Call = ServerDuplexStream<WireRequest, object>
type LogCall = ServerReadableStream<Buffer, Buffer>

const serviceName = 'envoy.service.discovery.v3.AggregatedDiscoveryService'
const authenticationMs = 5000
const unaware = 'this control plane cannot know now what is decided: another one may'
/** Characters. A reason is kept for each bucket that waits for what was refused. */
const [longestReason, longestVersion] = [1_000, 100]
/** An Envoy that is refused comes again within a second, for ever. */
const tellRefusedMs = 60_000

export function createAdsServer({ log, proof, handler, bytes, told, caughtUp, recheckMs = 30_000 }: Options) {
  const calls = new Map<string, Call>()
  const [refusal, unchecked] = [atMostEvery(tellRefusedMs), atMostEvery(tellRefusedMs)]
  let away = false
  const server = new Server({
    // At 100 000 buckets a returning Envoy's first request has 3.3 MB.
    'grpc.max_receive_message_length': 64 * 1024 * 1024,
    'grpc.max_send_message_length': -1,
    'grpc.keepalive_time_ms': 10_000,
    'grpc.keepalive_timeout_ms': 5_000,
    // An Envoy needs one stream; each begins with a look at a token.
    'grpc.max_concurrent_streams': 100,
  })
  const implementation: UntypedServiceImplementation = {
    DeltaAggregatedResources: ((call: Call) => void serve(call)) as handleBidiStreamingCall<object, object>,
    StreamAggregatedResources: ((call: Call) =>
      end(
        call,
        status.UNIMPLEMENTED,
        'FaDO speaks incremental xDS only: set api_type to DELTA_GRPC.',
      )) as handleBidiStreamingCall<object, object>,
  }
  server.addService(serviceDefinition(), implementation)
  const mayTell = rememberedFor(recheckMs)
  if (told)
    server.addService(logService, {
      Export: (call: LogCall, answer: sendUnaryData<Buffer>) => void takeLog(call, answer, told),
    })

  async function takeLog(call: LogCall, answer: sendUnaryData<Buffer>, tell: NonNullable<Options['told']>) {
    call.on('error', (error) => log.debug({ err: error }, 'a log of calls failed'))
    const refuse = (code: status, details: string) => answer({ code, details })
    const shown = proof(call)
    if (!(await mayTell(shown.key, () => mayRead(shown)))) return refuse(status.UNAUTHENTICATED, shown.needed)
    try {
      for await (const bytes of call) {
        const message = readMessage(bytes as Buffer)
        if (message.nodeId !== undefined && !shown.names(message.nodeId))
          return refuse(status.PERMISSION_DENIED, 'the certificate does not name the node that tells')
        tell(message)
      }
      answer(null, taken)
    } catch (error) {
      log.debug({ err: error, peer: call.getPeer() }, 'what an Envoy tells of calls could not be read')
      refuse(status.INVALID_ARGUMENT, 'it could not be read')
    }
  }

  async function serve(call: Call) {
    call.pause()
    // Without a listener an error of the transport would end the process; 'cancelled' tells of the end.
    call.on('error', (error) => log.debug({ err: error }, 'xDS stream failed'))
    if (away) return end(call, status.UNAVAILABLE, unaware)
    const shown = proof(call)
    const good = await isGood(shown)
    if (good === false) {
      tellRefused(call, shown.trouble)
      return end(call, status.UNAUTHENTICATED, shown.needed)
    }
    // It may know more than this control plane, which was paused or cut off, and comes from another one: to nothing of before.
    if (!good || !(await isPresent())) return end(call, status.UNAVAILABLE, unaware)
    if (call.cancelled) return
    const recheck = setInterval(() => {
      // What cannot be found out now, for the database is away, takes nothing from who could prove it before.
      void isGood(shown).then(
        (good) => good !== false || end(call, status.UNAUTHENTICATED, `not any more: ${shown.needed}`),
      )
    }, recheckMs)
    const streamId = randomUUID()
    const close = () => {
      clearInterval(recheck)
      if (calls.delete(streamId)) handler.close(streamId)
    }
    call.on('cancelled', close)
    call.on('end', () => {
      close()
      call.end()
    })
    call.on('data', (request: WireRequest) => {
      try {
        receive(streamId, call, shown, request)
      } catch (error) {
        if (error instanceof FadoError) {
          log.warn({ streamId, peer: call.getPeer() }, `an xDS stream was ended: ${error.message}`)
          end(call, status.INVALID_ARGUMENT, error.message)
        } else {
          log.error({ err: error, streamId }, 'xDS request failed')
          end(call, status.INTERNAL, 'the request could not be answered')
        }
        close()
      }
    })
    call.resume()
  }

  function receive(streamId: string, call: Call, shown: Shown, request: WireRequest) {
    if (!calls.has(streamId)) {
      const nodeId = request.node?.id ?? ''
      if (nodeId === '' || nodeId.length > 255 || /\p{Cc}/u.test(nodeId)) {
        return end(
          call,
          status.INVALID_ARGUMENT,
          'the first request must name the node: node.id, at most 255 characters, none of them a control character',
        )
      }
      if (!shown.names(nodeId)) {
        tellRefused(call, `its certificate does not name the node ${JSON.stringify(nodeId)}`)
        return end(
          call,
          status.PERMISSION_DENIED,
          'the certificate has no DNS name (subjectAltName) that is the node.id',
        )
      }
      calls.set(streamId, call)
      handler.open(streamId, { nodeId, envoyVersion: versionOf(request) })
    }
    handler.receive(streamId, {
      typeUrl: request.type_url ?? '',
      subscribe: request.resource_names_subscribe ?? [],
      unsubscribe: request.resource_names_unsubscribe ?? [],
      initialVersions: new Map(Object.entries(request.initial_resource_versions ?? {})),
      nonce: request.response_nonce ?? '',
      error: request.error_detail
        ? storable(request.error_detail.message ?? 'refused without a reason', longestReason)
        : null,
    })
  }

  /** Who configured the Envoy reads FaDO's log first. */
  function tellRefused(call: Call, trouble: string) {
    const others = refusal()
    if (others === undefined) return
    log.warn({ peer: call.getPeer(), others }, `an Envoy may not connect: ${trouble}`)
  }

  /** undefined: it cannot be found out. */
  const isGood = (shown: Shown): Promise<boolean | undefined> =>
    Promise.race([shown.isGood(), timeout(authenticationMs)]).catch((error: unknown) => {
      const others = unchecked()
      if (others !== undefined) log.error({ err: error, others }, 'the proof of an xDS stream could not be checked')
      return undefined
    })
  const isPresent = (): Promise<boolean> =>
    Promise.race([(caughtUp?.() ?? Promise.resolve()).then(() => true), timeout(authenticationMs)]).catch(() => false)
  const mayRead = async (shown: Shown): Promise<boolean> => (await isGood(shown)) === true

  return {
    async listen({ address, port }: ListenAddress, credentials: ServerCredentials): Promise<{ port: number }> {
      const host = address.includes(':') ? `[${address}]` : address
      return new Promise((resolve, reject) =>
        server.bindAsync(`${host}:${port}`, credentials, (error, bound) =>
          error ? reject(error) : resolve({ port: bound }),
        ),
      )
    },
    send(streamId: string, response: DeltaResponse) {
      const url = typeUrl(messageNames[response.type])
      calls.get(streamId)?.write({
        type_url: url,
        nonce: response.nonce,
        control_plane: { identifier: 'fado' },
        resources: Array.from(response.resources, ([name, version]) => ({
          name,
          version,
          resource: { type_url: url, value: bytes(response, name, version) },
        })),
        removed_resources: [...response.removed],
      })
    },
    /** Ends all streams and takes none until `takeAgain`: their Envoys ask another control plane, if there is one. */
    letGo() {
      away = true
      for (const [streamId, call] of [...calls]) {
        end(call, status.UNAVAILABLE, unaware)
        if (calls.delete(streamId)) handler.close(streamId)
      }
    },
    takeAgain() {
      away = false
    },
    /** Streams never end by themselves, so they are cut; Envoys go on with what they have and come back. */
    stop() {
      server.forceShutdown()
      for (const streamId of [...calls.keys()]) if (calls.delete(streamId)) handler.close(streamId)
    },
  }
}

function end(call: Call, code: status, details: string) {
  call.emit('error', { code, details })
}

function timeout(ms: number): Promise<boolean> {
  return new Promise((_resolve, reject) => {
    setTimeout(() => reject(new Error(`no answer in ${ms} ms`)), ms).unref()
  })
}

/** PostgreSQL takes every character but this one. What is longer than `most` is cut. */
const storable = (text: string, most: number) => text.slice(0, most).replaceAll('\0', '')

function versionOf({ node }: WireRequest): string | null {
  const version = node?.user_agent_build_version?.version
  if (!version) return node?.user_agent_version === undefined ? null : storable(node.user_agent_version, longestVersion)
  return [version.major_number, version.minor_number, version.patch].map((part) => part ?? 0).join('.')
}

function serviceDefinition(): ServiceDefinition {
  const definition = definitions[serviceName]
  if (!definition || 'format' in definition) throw new Error(`no definition of ${serviceName}`)
  return definition as { [method: string]: MethodDefinition<object, object> }
}
