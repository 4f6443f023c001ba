// An xDS client that says what it is told to, over real gRPC. Beside it one that answers as an Envoy does, many of which fit
// into one process.
import {
  type ChannelCredentials,
  Client,
  type ClientDuplexStream,
  credentials,
  Metadata,
  type MethodDefinition,
  type status,
} from '@grpc/grpc-js'
import type { MessageTypeDefinition } from '@grpc/proto-loader'
import { definitions } from '../../proxy/protos.ts'
import { messageNames, type ResourceType, resourceTypeOf, typeUrl } from '../../proxy/type-urls.ts'

/** Fields of a DeltaDiscoveryRequest; what is left out is not sent. */
export type ClientRequest = {
  readonly node?: { readonly id?: string }
  readonly type_url?: string
  readonly resource_names_subscribe?: readonly string[]
  readonly resource_names_unsubscribe?: readonly string[]
  readonly initial_resource_versions?: Readonly<Record<string, string>>
  readonly response_nonce?: string
  readonly error_detail?: { readonly message?: string }
}

/** A DeltaDiscoveryResponse as it came. */
export type ClientResponse = {
  readonly type: ResourceType
  readonly nonce: string
  /** Name -> version. */
  readonly resources: ReadonlyMap<string, string>
  readonly removed: readonly string[]
  /** Name -> content, in protobuf's bytes. */
  readonly contents: ReadonlyMap<string, Buffer>
}

type WireResponse = {
  type_url?: string
  nonce?: string
  resources?: { name?: string; version?: string; resource?: { value?: Buffer } }[]
  removed_resources?: string[]
}

export type XdsStreamOptions = {
  /** Undefined: none is sent. */
  readonly token?: string | undefined
  readonly nodeId?: string
  readonly channel?: ChannelCredentials
  readonly host?: string
  /** Whose connection the stream shares; default: one of its own. */
  readonly over?: Client
  readonly method?: 'DeltaAggregatedResources' | 'StreamAggregatedResources'
  readonly onResponse?: (response: ClientResponse) => void
  /** Of what follows as an Envoy: whether it ACKs this response; default: each. */
  readonly answers?: (response: ClientResponse) => boolean
}

const serviceName = 'envoy.service.discovery.v3.AggregatedDiscoveryService'

/** Without a pool of its own, streams to one port would share a connection. */
export const connectionTo = (port: number, channel = credentials.createInsecure(), host = '127.0.0.1') =>
  new Client(`${host}:${port}`, channel, { 'grpc.use_local_subchannel_pool': 1 })

/** A stream, which is the caller's to close. `token`: default one that `startRouting` takes. */
export function openXds(port: number, options: XdsStreamOptions = {}) {
  const { nodeId = 'scripted', channel, host, over } = options
  const token = 'token' in options ? options.token : 'test-token'
  const client = over ?? connectionTo(port, channel, host)
  const metadata = new Metadata()
  if (token !== undefined) metadata.set('authorization', `Bearer ${token}`)
  const { path, requestSerialize, responseDeserialize } = method(options.method ?? 'DeltaAggregatedResources')
  const call: ClientDuplexStream<object, object> = client.makeBidiStreamRequest(
    path,
    requestSerialize,
    responseDeserialize,
    metadata,
  )
  const received: ClientResponse[] = []
  const waiting = new Set<() => void>()
  let isFirst = true
  let end: { readonly code: status; readonly details: string } | undefined
  call.on('data', (wire: WireResponse) => {
    const response = readResponse(wire)
    received.push(response)
    options.onResponse?.(response)
    for (const look of waiting) look()
  })
  call.on('error', () => undefined)
  const { promise: ended, resolve: tellEnd } = Promise.withResolvers<{ code: status; details: string }>()
  call.on('status', ({ code, details }) => {
    end = { code, details }
    tellEnd(end)
    for (const look of waiting) look()
  })
  const close = () => {
    call.cancel()
    if (over === undefined) client.close()
  }

  return {
    call,
    received,
    /** How the stream ended. */
    ended,
    close,
    /** The first request of a stream names the node. */
    send(request: ClientRequest) {
      call.write(isFirst ? { node: { id: nodeId }, ...request } : request)
      isFirst = false
    },
    /** The first response, of those not taken yet, that is `wanted`; rejects when the stream ends before. */
    async next(what: string, wanted: (response: ClientResponse) => boolean): Promise<ClientResponse> {
      const { promise, resolve, reject } = Promise.withResolvers<ClientResponse>()
      const look = () => {
        const at = received.findIndex(wanted)
        const [found] = at < 0 ? [] : received.splice(at, 1)
        if (found) resolve(found)
        else if (end) reject(new Error(`the stream ended without ${what}: ${end.code} ${end.details}`))
      }
      waiting.add(look)
      look()
      return promise.finally(() => waiting.delete(look))
    },
  }
}

/**
 * Subscribes, answers and follows as an Envoy does: all clusters, listeners and scopes, the endpoints of its clusters, the
 * tables of its scopes. `onResponse` hears of each response before it is ACKed.
 */
export function openAsEnvoy(port: number, options: XdsStreamOptions = {}) {
  const endpoints = new Set<string>()
  const tables = new Set<string>()
  const scopes = new Map<string, string>()
  const ask = (type: ResourceType, request: ClientRequest) =>
    client.send({ type_url: typeUrl(messageNames[type]), ...request })

  const answer = (type: ResourceType, nonce: string) => ask(type, { response_nonce: nonce })

  function follow(response: ClientResponse) {
    const { type, contents, removed, nonce } = response
    options.onResponse?.(response)
    if (type === 'cluster')
      for (const bytes of contents.values()) {
        const { eds_cluster_config: { service_name } = {} } = decode<ClusterContent>('cluster', bytes)
        if (service_name === undefined || endpoints.has(service_name)) continue
        endpoints.add(service_name)
        ask('endpoints', { resource_names_subscribe: [service_name] })
      }
    if (options.answers?.(response) !== false) answer(type, nonce)
    if (type !== 'scope') return
    for (const [name, bytes] of contents)
      scopes.set(name, decode<ScopeContent>('scope', bytes).route_configuration_name ?? '')
    for (const name of removed) scopes.delete(name)
    const wanted = new Set(scopes.values())
    const [fresh, gone] = [[...wanted.difference(tables)], [...tables.difference(wanted)]]
    for (const name of fresh) tables.add(name)
    for (const name of gone) tables.delete(name)
    if (fresh.length + gone.length > 0)
      ask('table', { resource_names_subscribe: fresh, resource_names_unsubscribe: gone })
  }

  const client = openXds(port, { ...options, onResponse: follow })
  for (const type of ['cluster', 'listener', 'scope'] as const) ask(type, {})
  /** `answer`: the ACK of a response that was held back. `scopes`: scope -> table that calls go by. */
  return { ...client, answer, scopes: scopes as ReadonlyMap<string, string> }
}

type ClusterContent = { eds_cluster_config?: { service_name?: string } }
type ScopeContent = { route_configuration_name?: string }

function decode<Content extends object>(type: ResourceType, bytes: Buffer): Content {
  const { deserialize } = definitions[messageNames[type]] as MessageTypeDefinition<object, Content>
  return deserialize(bytes)
}

function readResponse(wire: WireResponse): ClientResponse {
  const type = resourceTypeOf(wire.type_url ?? '')
  if (!type) throw new Error(`a response of ${wire.type_url}`)
  const resources = wire.resources ?? []
  return {
    type,
    nonce: wire.nonce ?? '',
    resources: new Map(resources.map(({ name = '', version = '' }) => [name, version])),
    removed: wire.removed_resources ?? [],
    contents: new Map(resources.map(({ name = '', resource }) => [name, resource?.value ?? Buffer.alloc(0)])),
  }
}

function method(name: string): MethodDefinition<object, object> {
  const service = definitions[serviceName] as { [method: string]: MethodDefinition<object, object> } | undefined
  const definition = service?.[name]
  if (!definition) throw new Error(`no definition of ${serviceName}.${name}`)
  return definition
}
