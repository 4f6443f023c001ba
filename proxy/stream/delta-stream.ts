// The incremental xDS protocol of one stream, seen from the server: what the client has, asks for and was sent. It knows
// neither gRPC nor what resources are for. https://www.envoyproxy.io/docs/envoy/latest/api-docs/xds_protocol
import { FadoError } from '../../server/domain/errors.ts'
import { type ResourceType, resourceTypeOf } from '../type-urls.ts'

/** A DeltaDiscoveryRequest, as far as the server reads it. */
export type DeltaRequest = {
  readonly typeUrl: string
  readonly subscribe: readonly string[]
  readonly unsubscribe: readonly string[]
  /** What the client has from an earlier stream: name -> version. Only in the first request of a type. */
  readonly initialVersions: ReadonlyMap<string, string>
  /** Of the response that is answered; '' when the request answers none. */
  readonly nonce: string
  /** The client's reason for refusing that response; null is an ACK. */
  readonly error: string | null
}

/** A response on its way: names with their versions, and the names taken back. */
export type DeltaResponse = {
  readonly type: ResourceType
  readonly nonce: string
  readonly resources: ReadonlyMap<string, string>
  readonly removed: ReadonlySet<string>
}

export type DeltaEvent =
  /** `names` are asked for anew; a wildcard subscription names nothing. */
  | {
      readonly kind: 'subscribed'
      readonly type: ResourceType
      readonly names: readonly string[]
      readonly first: boolean
    }
  | { readonly kind: 'unsubscribed'; readonly type: ResourceType; readonly names: readonly string[] }
  /** `before`: the versions that the client surely had until now. */
  | {
      readonly kind: 'acked'
      readonly type: ResourceType
      readonly response: DeltaResponse
      readonly before: ReadonlyMap<string, string>
    }
  /** `response` as it was sent: any of its resources may be why. */
  | { readonly kind: 'nacked'; readonly type: ResourceType; readonly response: DeltaResponse; readonly error: string }

type Channel = {
  wildcard: boolean
  readonly names: Set<string>
  /** Last version that the client is known to have taken. */
  readonly known: Map<string, string>
  /**
   * Names of which it is not known what the client has now: asked for anew, or part of a refused response, of which Envoy
   * applies nothing, all, or some, depending on type and error.
   */
  readonly uncertain: Set<string>
  /** The unanswered response; `resources` and `removed` lack the names that were asked for anew or dropped since. */
  inFlight: { response: DeltaResponse; resources: Map<string, string>; removed: Set<string> } | null
}

/** Names that a client may ask for, of one type: several times what the largest fleet has. What it asks for is kept. */
const mostNames = 1_000_000
/** Characters, several times those of the longest that FaDO gives. */
const longestName = 1_000

export type DeltaStream = ReturnType<typeof createDeltaStream>

/**
 * At most one response of a type is unanswered at any time. So a slow client costs no memory, changes meanwhile coalesce,
 * and a NACK tells which response it means.
 */
export function createDeltaStream() {
  const channels = new Map<ResourceType, Channel>()
  let responses = 0

  function receive(request: DeltaRequest): DeltaEvent[] {
    const type = resourceTypeOf(request.typeUrl)
    if (!type) return []
    const existing = channels.get(type)
    const channel = existing ?? openChannel(type, request)
    return [
      ...answer(type, channel, request),
      ...unsubscribe(type, channel, request.unsubscribe),
      ...subscribe(type, channel, request, existing === undefined),
    ]
  }

  /** An empty first subscription means all resources of the type, as in the protocol's older form. */
  function openChannel(type: ResourceType, request: DeltaRequest): Channel {
    const channel: Channel = {
      wildcard: request.subscribe.length === 0,
      names: new Set(),
      known: new Map(request.initialVersions),
      uncertain: new Set(),
      inFlight: null,
    }
    channels.set(type, channel)
    return channel
  }

  function answer(type: ResourceType, channel: Channel, request: DeltaRequest): DeltaEvent[] {
    const sent = channel.inFlight
    if (!sent || sent.response.nonce !== request.nonce) return []
    channel.inFlight = null
    if (request.error !== null) {
      for (const name of [...sent.resources.keys(), ...sent.removed]) channel.uncertain.add(name)
      return [{ kind: 'nacked', type, response: sent.response, error: request.error }]
    }
    const before = new Map<string, string>()
    for (const name of [...sent.resources.keys(), ...sent.removed]) {
      const version = channel.known.get(name)
      if (version !== undefined) before.set(name, version)
      channel.uncertain.delete(name)
    }
    for (const [name, version] of sent.resources) channel.known.set(name, version)
    for (const name of sent.removed) channel.known.delete(name)
    return [
      { kind: 'acked', type, response: { ...sent.response, resources: sent.resources, removed: sent.removed }, before },
    ]
  }

  function subscribe(type: ResourceType, channel: Channel, request: DeltaRequest, first: boolean): DeltaEvent[] {
    const names = request.subscribe.filter((name) => name !== '*')
    if (names.length !== request.subscribe.length) channel.wildcard = true
    for (const name of names) {
      if (name.length > longestName)
        throw new FadoError('VALIDATION_FAILED', `a stream may ask for names of ${longestName} characters at most`)
      channel.names.add(name)
      if (channel.names.size > mostNames)
        throw new FadoError('VALIDATION_FAILED', `a stream may ask for ${mostNames} names of a type at most`)
      if (request.initialVersions.has(name)) continue
      // Also one that it had: a client asks again for what it has lost. What is under way came too early to count.
      channel.known.delete(name)
      channel.uncertain.add(name)
      forgetSent(channel, name)
    }
    return first || names.length > 0 ? [{ kind: 'subscribed', type, names, first }] : []
  }

  function unsubscribe(type: ResourceType, channel: Channel, names: readonly string[]): DeltaEvent[] {
    for (const name of names) {
      if (name === '*') channel.wildcard = false
      channel.names.delete(name)
      if (channel.wildcard) continue
      channel.known.delete(name)
      channel.uncertain.delete(name)
      forgetSent(channel, name)
    }
    return names.length > 0 ? [{ kind: 'unsubscribed', type, names }] : []
  }

  function forgetSent(channel: Channel, name: string) {
    channel.inFlight?.resources.delete(name)
    channel.inFlight?.removed.delete(name)
  }

  return {
    receive,
    /** Only for a type that is subscribed and has no response in flight. */
    send(type: ResourceType, resources: ReadonlyMap<string, string>, removed: Iterable<string>): DeltaResponse {
      const channel = channels.get(type)
      if (!channel || channel.inFlight) throw new Error(`a response of ${type} is not due`)
      responses++
      const response = { type, nonce: `${type}-${responses}`, resources, removed: new Set(removed) }
      channel.inFlight = { response, resources: new Map(resources), removed: new Set(response.removed) }
      return response
    },
    /** Whether something may be sent now. */
    isIdle(type: ResourceType) {
      const channel = channels.get(type)
      return channel !== undefined && channel.inFlight === null
    },
    isSubscribed: (type: ResourceType) => channels.has(type),
    /** Whether the client wants to hear of this name. */
    wants(type: ResourceType, name: string) {
      const channel = channels.get(type)
      return channel !== undefined && (channel.wildcard || channel.names.has(name))
    },
    names: (type: ResourceType): ReadonlySet<string> => channels.get(type)?.names ?? empty,
    /** What the client has for sure. */
    has(type: ResourceType, name: string, version?: string) {
      const channel = channels.get(type)
      if (!channel || channel.uncertain.has(name)) return false
      const known = channel.known.get(name)
      return known !== undefined && (version === undefined || known === version)
    },
    /** What the client may have, or waits to be told that it does not exist. */
    mayHave(type: ResourceType, name: string) {
      const channel = channels.get(type)
      return channel !== undefined && (channel.known.has(name) || channel.uncertain.has(name))
    },
    /** From now on it is not known what the client has under this name, e.g. a table whose pin is being taken back. */
    invalidate(type: ResourceType, name: string) {
      const channel = channels.get(type)
      if (!channel) return
      if (channel.known.has(name)) channel.uncertain.add(name)
      forgetSent(channel, name)
    },
    /** Last versions that the client has taken, by name. */
    known: (type: ResourceType): ReadonlyMap<string, string> => channels.get(type)?.known ?? none,
    inFlight: (type: ResourceType): DeltaResponse | undefined => channels.get(type)?.inFlight?.response,
  }
}

const empty: ReadonlySet<string> = new Set()
const none: ReadonlyMap<string, string> = new Map()
