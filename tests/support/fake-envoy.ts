// An Envoy as the rollout sees it, without network and clock: it takes responses and answers as Envoy 1.40 was seen to,
// and checks after each that every bucket it routes can be served (I12).
import { expect } from 'vitest'
import type { ResourceCache } from '../../proxy/resource-cache.ts'
import { parseEndpointsName, parseScopeName } from '../../proxy/resources/names.ts'
import type { WireObject } from '../../proxy/resources/wire.ts'
import type { DeltaRequest, DeltaResponse } from '../../proxy/stream/delta-stream.ts'
import { type ResourceType, resourceTypes } from '../../proxy/type-urls.ts'
import { deltaRequest as request } from './delta-request.ts'

/** What the rollout sent, with its content at that moment. */
export type Delivery = {
  readonly response: DeltaResponse
  readonly contents: ReadonlyMap<string, WireObject>
  readonly sentAt: number
}

/** Of all that rollouts send and hear, to tell what was first. */
let instant = 0

export function deliver(response: DeltaResponse, cache: Pick<ResourceCache, 'resource' | 'version'>): Delivery {
  const { type, resources } = response
  const contents = new Map<string, WireObject>()
  for (const [name, version] of resources) {
    contents.set(name, cache.resource(type, name, version))
    // Else Envoy has something else than its version says, and nobody knows.
    if (type !== 'scope' && type !== 'runtime')
      expect(cache.version(type, name), `${type} ${name} is sent as what its version says`).toBe(version)
  }
  return { response, contents, sentAt: ++instant }
}

export type FakeEnvoy = ReturnType<typeof createFakeEnvoy>

type Lb = { cluster: string; classes: string[] }
/** Where a route of a table leads. */
type Led = { cluster: string; classIds: readonly string[] }

/**
 * `refuses`: the reason for which Envoy does not take a resource; a response with one is refused as a whole.
 * `clustersOf`: FaDO's clusters in a placement class.
 */
export function createFakeEnvoy(
  refuses: (type: ResourceType, name: string, content: WireObject) => string | null,
  clustersOf: (classId: string) => readonly string[],
) {
  const known = Object.fromEntries(resourceTypes.map((type) => [type, new Map<string, string>()])) as Record<
    ResourceType,
    Map<string, string>
  >
  /** Versions that Envoy has taken and that answer its asking: to send one again would be waste. */
  const settled = new Map<string, string>()
  /**
   * When the rollout heard that Envoy asks for a name. What it had sent by then answers nothing, so it must come again although
   * Envoy takes it (discovery.proto, resource_names_subscribe).
   */
  const heardAt = new Map<string, number>()
  /** After a refusal these may come again, needed or not. */
  const doubtful = new Set<string>()
  const warming = new Map<string, string>()
  const active = new Map<string, string>()
  const assignments = new Map<string, Lb[]>()
  const tables = new Map<string, readonly Led[]>()
  const scopes = new Map<string, string>()
  const subscribed = { endpoints: new Set<string>(), table: new Set<string>() }
  let heldAck: DeltaRequest | null = null
  let outbox: { readonly request: DeltaRequest; readonly moment: number }[] = []
  let moment = 0
  const send = (request: DeltaRequest) => outbox.push({ request, moment })
  /** First requests of the stream that are still in the outbox. */
  let starting = 0

  function take({ response, contents, sentAt }: Delivery) {
    moment++
    const { type, nonce } = response
    for (const [name, version] of response.resources)
      if (!doubtful.has(`${type} ${name}`))
        expect(settled.get(`${type} ${name}`), `${type} ${name} is sent again unchanged`).not.toBe(version)
    const reasons = [...contents].flatMap(([name, content]) => refuses(type, name, content) ?? [])
    if (reasons[0] !== undefined) {
      for (const name of [...contents.keys(), ...response.removed]) settled.delete(`${type} ${name}`)
      // A pin that it was to give up may be gone, and its table with it.
      for (const name of response.removed) doubtful.add(`table ${name.replace('pin/', 'table/')}`)
      send(request(type, { nonce, error: reasons[0] }))
      return
    }
    for (const [name, content] of contents) apply(type, name, content, response.resources.get(name) ?? '', sentAt)
    for (const name of response.removed) remove(type, name)
    const ack = request(type, { nonce })
    if (type === 'cluster' && warming.size > 0) heldAck = ack
    else send(ack)
    if (type === 'scope') followTables()
    check()
  }

  function apply(type: ResourceType, name: string, content: WireObject, version: string, sentAt: number) {
    if ((type === 'endpoints' || type === 'table') && !subscribed[type].has(name)) return
    known[type].set(name, version)
    const isAsking = outbox.some(({ request }) => request.subscribe.includes(name))
    if (!isAsking && sentAt > (heardAt.get(name) ?? 0)) settled.set(`${type} ${name}`, version)
    if (type === 'cluster') {
      const service = text(at(content, 'eds_cluster_config', 'service_name'))
      const given = warming.get(name)
      warming.set(name, service)
      subscribe('endpoints', service)
      // What was warming is gone, and asks for nothing any more.
      if (given !== undefined && given !== service && given !== active.get(name)) unsubscribe('endpoints', given)
    } else if (type === 'endpoints') {
      assignments.set(name, lbEndpoints(content))
      for (const [cluster, service] of warming) if (service === name) warmed(cluster, service)
    } else if (type === 'table') {
      tables.set(name, routesOf(content))
      checkClasses(name, tables.get(name))
    } else if (type === 'scope') scopes.set(name, text(at(content, 'route_configuration_name')))
  }

  /** A new cluster, or a new form of one, takes over when it has its endpoints. */
  function warmed(cluster: string, service: string) {
    warming.delete(cluster)
    const old = active.get(cluster)
    active.set(cluster, service)
    if (old !== undefined && old !== service) unsubscribe('endpoints', old)
    if (warming.size > 0 || !heldAck) return
    send(heldAck)
    heldAck = null
  }

  function remove(type: ResourceType, name: string) {
    known[type].delete(name)
    settled.delete(`${type} ${name}`)
    if (type === 'scope') scopes.delete(name)
    if (type === 'table') tables.delete(name)
    if (type === 'endpoints') assignments.delete(name)
  }

  /** Tables are subscribed while a scope names them. */
  function followTables() {
    const wanted = new Set(scopes.values())
    for (const name of subscribed.table) {
      if (wanted.has(name)) continue
      unsubscribe('table', name)
      tables.delete(name)
    }
    for (const name of wanted) if (!subscribed.table.has(name)) subscribe('table', name)
  }

  function subscribe(type: 'endpoints' | 'table', name: string) {
    if (subscribed[type].has(name)) return
    subscribed[type].add(name)
    settled.delete(`${type} ${name}`)
    send(request(type, { subscribe: [name] }))
  }
  function unsubscribe(type: 'endpoints' | 'table', name: string) {
    subscribed[type].delete(name)
    known[type].delete(name)
    if (type === 'endpoints') assignments.delete(name)
    send(request(type, { unsubscribe: [name] }))
  }

  /** Every bucket has its table, and every deployment that may serve it carries its class. */
  function check() {
    for (const [name, tableName] of scopes) {
      const scope = parseScopeName(name)
      if (!scope || !('bucket' in scope)) continue
      expect(tables.get(tableName), `${name} points at ${tableName}, which Envoy does not have`).toBeDefined()
      checkClasses(name, tables.get(tableName))
    }
  }

  function checkClasses(who: string, table: readonly Led[] = []) {
    for (const led of table) checkClass(who, led)
  }

  function checkClass(who: string, led: Led) {
    const service = active.get(led.cluster)
    expect(service, `${who} needs ${led.cluster}`).toBeDefined()
    for (const { cluster, classes } of assignments.get(service ?? '') ?? []) {
      for (const id of led.classIds)
        if (clustersOf(id).includes(cluster))
          expect(classes, `${service}: deployments of ${cluster} carry the class of ${who}`).toContain(id)
    }
  }

  return {
    take,
    check,
    /** A new stream: what a starting or returning Envoy asks for first. What was on its way is lost. */
    connect() {
      heldAck = null
      const first = (type: ResourceType, names: Iterable<string> = []) =>
        request(type, { subscribe: [...names], initialVersions: new Map(known[type]) })
      outbox = []
      send(first('cluster'))
      send(first('listener'))
      if (subscribed.endpoints.size > 0) send(first('endpoints', subscribed.endpoints))
      send(first('scope'))
      if (subscribed.table.size > 0) send(first('table', subscribed.table))
      starting = outbox.length
      for (const type of resourceTypes)
        for (const [name] of known[type]) settled.set(`${type} ${name}`, known[type].get(name) ?? '')
    },
    /**
     * The next request to the control plane. A stream keeps its order, but whether an answer or what else follows from a
     * response goes first is left to `pick`.
     */
    nextRequest(pick: number): DeltaRequest | undefined {
      const group = outbox.filter(({ moment }) => moment === outbox[0]?.moment)
      const urls = starting > 0 ? [] : [...new Set(group.map(({ request }) => request.typeUrl))]
      const url = urls[pick % Math.max(1, urls.length)] ?? group[0]?.request.typeUrl
      const index = outbox.findIndex(({ request }) => request.typeUrl === url)
      starting = Math.max(0, starting - 1)
      const request = outbox.splice(index, 1)[0]?.request
      for (const name of request?.subscribe ?? []) heardAt.set(name, ++instant)
      return request
    },
    pending: () => outbox.length,
    /** Bucket -> table that Envoy routes it by. */
    routes: () =>
      new Map(
        [...scopes].flatMap(([name, table]) => {
          const scope = parseScopeName(name)
          return scope && 'bucket' in scope ? [[scope.bucket, table.replace('table/', '')] as const] : []
        }),
      ),
    tables: () => [...tables.keys()],
    pins: () => [...scopes.keys()].filter((name) => name.startsWith('pin/')),
    listeners: () => [...known.listener.keys()],
    classesOf: (policy: string) => [
      ...new Set(
        [...assignments].flatMap(([name, endpoints]) =>
          parseEndpointsName(name)?.policy === policy ? endpoints.flatMap(({ classes }) => classes) : [],
        ),
      ),
    ],
  }
}

function lbEndpoints(content: WireObject): Lb[] {
  const entries = at(content, 'endpoints', 0, 'lb_endpoints')
  return (Array.isArray(entries) ? entries : []).map((entry: WireObject) => {
    const metadata = at(entry, 'metadata', 'filter_metadata')
    const classes = at(metadata, 'envoy.lb', 'fields', 'class', 'listValue', 'values')
    return {
      cluster: text(at(metadata, 'fado', 'fields', 'cluster', 'stringValue')),
      classes: (Array.isArray(classes) ? classes : []).map((value: WireObject) => text(at(value, 'stringValue'))),
    }
  })
}

function routesOf(content: WireObject): Led[] {
  const routes = at(content, 'virtual_hosts', 0, 'routes')
  return (Array.isArray(routes) ? routes : []).flatMap((one: WireObject) => {
    const route = one['route']
    if (route === undefined) return []
    const weighted = at(route, 'weighted_clusters', 'clusters')
    if (!Array.isArray(weighted)) return { cluster: text(at(route, 'cluster')), classIds: classesOfRoute(route) }
    return weighted.map((to: unknown) => ({ cluster: text(at(to, 'name')), classIds: classesOfRoute(to) }))
  })
}

/** Those of which the route's calls ask one after the other. */
function classesOfRoute(route: unknown): string[] {
  const match = at(route, 'metadata_match', 'filter_metadata', 'envoy.lb', 'fields')
  const list = at(match, 'fallback_list', 'listValue', 'values')
  if (!Array.isArray(list)) return [text(at(match, 'class', 'stringValue'))]
  return list.map((entry: unknown) => text(at(entry, 'structValue', 'fields', 'class', 'stringValue')))
}

const text = (value: unknown) => (typeof value === 'string' ? value : '')

function at(value: unknown, ...path: (string | number)[]): unknown {
  let here = value
  for (const step of path) here = (here as Record<string | number, unknown> | undefined)?.[step]
  return here
}
