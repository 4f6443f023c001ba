// From the model to resources with versions and bytes: made when first asked for, encoded once, dropped when outdated.
import { contentId } from '../server/content-id.ts'
import { lbPolicies } from '../server/domain/lb-policy.ts'
import { encode } from './protos.ts'
import { buildEnvoyCluster } from './resources/cluster.ts'
import { buildEndpoints } from './resources/endpoint.ts'
import { buildIngressListener, buildWarmingListener, type Ingress } from './resources/listener.ts'
import {
  envoyClusterName,
  INGRESS_LISTENER,
  parseEndpointsName,
  parseScopeName,
  parseTableName,
  WARMING_LISTENER,
} from './resources/names.ts'
import { buildRouteTable } from './resources/route-table.ts'
import { buildBucketScope, buildPinScope, tableIdOfVersion } from './resources/scope.ts'
import type { WireObject } from './resources/wire.ts'
import type { RoutingModel } from './routing-model.ts'
import type { ResourceType } from './type-urls.ts'

type Cached = { readonly basis: string; readonly version: string; readonly resource: WireObject; bytes: Buffer | null }

export type ResourceCache = ReturnType<typeof createResourceCache>

export function createResourceCache(options: {
  readonly model: RoutingModel
  readonly ingress: Ingress
  readonly trustedCa: string
  readonly matchHeader: () => string
}) {
  const { model, ingress, trustedCa, matchHeader } = options
  const cached = new Map<string, Cached>()

  /** What a resource is made from, besides its name; undefined when there is no such resource. */
  function source(
    type: Exclude<ResourceType, 'scope'>,
    name: string,
  ): { basis: string; build: () => WireObject } | undefined {
    if (type === 'cluster') {
      const policy = lbPolicies.find((candidate) => envoyClusterName(candidate) === name)
      const capability = model.capability()
      return policy && { basis: capability, build: () => buildEnvoyCluster(policy, capability, trustedCa) }
    }
    if (type === 'endpoints') {
      const parsed = parseEndpointsName(name)
      if (!parsed) return undefined
      const { policy, capability } = parsed
      return {
        basis: String(model.generation(policy)),
        build: () => buildEndpoints(policy, capability, model.endpoints(), model.classes(policy)),
      }
    }
    if (type === 'listener') {
      const header = matchHeader()
      if (name === INGRESS_LISTENER) return { basis: header, build: () => buildIngressListener(ingress, header) }
      if (name === WARMING_LISTENER) return { basis: header, build: () => buildWarmingListener(header) }
      return undefined
    }
    const entry = model.tables.get(parseTableName(name) ?? '')
    const table = entry?.table
    return entry && table ? { basis: '', build: () => buildRouteTable(entry.id, table, entry.classId) } : undefined
  }

  function find(type: Exclude<ResourceType, 'scope'>, name: string): Cached | undefined {
    const key = `${type} ${name}`
    const from = source(type, name)
    if (!from) {
      cached.delete(key)
      return undefined
    }
    const hit = cached.get(key)
    if (hit?.basis === from.basis) return hit
    const resource = from.build()
    const version = contentId(resource)
    const entry: Cached = { basis: from.basis, version, resource, bytes: hit?.version === version ? hit.bytes : null }
    cached.set(key, entry)
    return entry
  }

  function existing(type: Exclude<ResourceType, 'scope'>, name: string): Cached {
    const entry = find(type, name)
    if (!entry) throw new Error(`no ${type} ${name}`)
    return entry
  }

  const resource = (type: ResourceType, name: string, version: string): WireObject =>
    type === 'scope' ? scope(name, version) : existing(type, name).resource

  return {
    /** undefined when there is no such resource. Scopes have none here: their version follows from their table. */
    version: (type: Exclude<ResourceType, 'scope'>, name: string) => find(type, name)?.version,
    names: {
      cluster: lbPolicies.map(envoyClusterName),
      listener: [WARMING_LISTENER, INGRESS_LISTENER],
    },
    /** A resource that is about to be sent in this version, as plain data. */
    resource,
    /** The same in protobuf's bytes. */
    bytes(type: ResourceType, name: string, version: string): Buffer {
      if (type === 'scope') return encode('scope', resource(type, name, version))
      const entry = existing(type, name)
      entry.bytes ??= encode(type, entry.resource)
      return entry.bytes
    },
  }
}

/** Encoding a scope takes 3 microseconds: less than keeping 100 000 of them costs. */
function scope(name: string, version: string): WireObject {
  const parsed = parseScopeName(name)
  if (!parsed) throw new Error(`no scope ${name}`)
  const tableId = tableIdOfVersion(version)
  return 'pin' in parsed ? buildPinScope(tableId) : buildBucketScope(parsed.bucket, tableId)
}
