// The gRPC server, and on it the aggregated discovery service, where Envoys ask for resources. Streams begin, carry messages and end
// here; what is in a message, and who may connect, is read elsewhere, and so are access logs (call-log/log-service.ts).
import { randomUUID } from 'node:crypto'
import {
  type handleBidiStreamingCall,
  type MethodDefinition,
  Server,
  type ServerCredentials,
  type ServerDuplexStream,
  type ServiceDefinition,
  status,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js'
import { FadoError } from '../server/domain/errors.ts'
import type { Log } from '../server/log.ts'
import type { LogMessage } from './call-log/log-message.ts'
import { addLogService } from './call-log/log-service.ts'
import { type NodeInfo, nodeIdRule, readNode, readRequest, type WireRequest } from './discovery-request.ts'
import { createGate } from './gate.ts'
import type { Proof, Shown } from './proof.ts'
import { definitions } from './protos.ts'
import type { DeltaRequest, DeltaResponse } from './stream/delta-stream.ts'
import { messageNames, typeUrl } from './type-urls.ts'

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

type Call = ServerDuplexStream<WireRequest, object>

const serviceName = 'envoy.service.discovery.v3.AggregatedDiscoveryService'
const unaware = 'this control plane cannot know now what is decided: another one may'

export function createAdsServer({ log, proof, handler, bytes, told, ...options }: Options) {
  const { caughtUp = async () => undefined, recheckMs = 30_000 } = options
  const gate = createGate({ log, recheckMs, caughtUp })
  const calls = new Map<string, Call>()
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
  if (told) addLogService(server, { log, proof, gate, told })

  async function serve(call: Call) {
    call.pause()
    // Without a listener an error of the transport would end the process; 'cancelled' tells of the end.
    call.on('error', (error) => log.debug({ err: error }, 'xDS stream failed'))
    if (away) return end(call, status.UNAVAILABLE, unaware)
    const shown = proof(call)
    const good = await gate.isGood(shown)
    if (good === false) {
      gate.tellRefused(call.getPeer(), shown.trouble)
      return end(call, status.UNAUTHENTICATED, shown.needed)
    }
    // It may know more than this control plane, which was paused or cut off, and comes from another one: to nothing of before.
    if (!good || !(await gate.isPresent())) return end(call, status.UNAVAILABLE, unaware)
    if (call.cancelled) return
    const recheck = setInterval(() => {
      // What cannot be found out now, for the database is away, takes nothing from who could prove it before.
      void gate
        .isGood(shown)
        .then((good) => good !== false || end(call, status.UNAUTHENTICATED, `not any more: ${shown.needed}`))
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
      const node = readNode(request)
      if (node === undefined)
        return end(call, status.INVALID_ARGUMENT, `the first request must name the node: ${nodeIdRule}`)
      if (!shown.names(node.nodeId)) {
        gate.tellRefused(call.getPeer(), `its certificate does not name the node ${JSON.stringify(node.nodeId)}`)
        return end(
          call,
          status.PERMISSION_DENIED,
          'the certificate has no DNS name (subjectAltName) that is the node.id',
        )
      }
      calls.set(streamId, call)
      handler.open(streamId, node)
    }
    handler.receive(streamId, readRequest(request))
  }

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

function serviceDefinition(): ServiceDefinition {
  const definition = definitions[serviceName]
  if (!definition || 'format' in definition) throw new Error(`no definition of ${serviceName}`)
  return definition as { [method: string]: MethodDefinition<object, object> }
}
