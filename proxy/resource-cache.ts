// Resources with versions and bytes: made when first asked for, encoded once, made anew when what they come from changes.
import { contentId } from '../server/content-id.ts'
import type { Telling } from '../server/domain/calls/telling.ts'
import { type BuiltType, contents, type ResourceInputs } from './build-resources.ts'
import { encode } from './protos.ts'
import { parseScopeName } from './resources/names.ts'
import { buildRuntime } from './resources/runtime.ts'
import { buildBucketScope, buildPinScope, tableIdOfVersion } from './resources/scope.ts'
import type { WireObject } from './resources/wire.ts'
import type { RoutingModel } from './routing-model.ts'
import type { ResourceType } from './type-urls.ts'

type Cached = { readonly basis: string; readonly version: string; readonly resource: WireObject; bytes: Buffer | null }

export type ResourceCache = ReturnType<typeof createResourceCache>

export function createResourceCache(options: {
  readonly model: RoutingModel
  readonly ingress: ResourceInputs['ingress']
  readonly trustedCa: string
  /** Whether Envoys tell of the calls that they took; default false. */
  readonly told?: boolean
}) {
  const { model } = options
  const cached = new Map<string, Cached>()
  const recentScopes = new Map<string, Buffer>()
  const listenerInputs = () => ({ ...model.forAllCalls(), told: options.told ?? false })
  const inputs: ResourceInputs = {
    ...options,
    ...model,
    listenerInputs,
    authority: () => model.forAllCalls().authority,
    table: (id) => model.tables.get(id)?.table ?? undefined,
  }

  function find(type: BuiltType, name: string): Cached | undefined {
    const key = `${type} ${name}`
    const hit = cached.get(key)
    const from = contents[type].basis(inputs, name)
    if (hit?.basis === from) return hit
    const resource = contents[type].build(inputs, name)
    if (!resource) {
      cached.delete(key)
      return undefined
    }
    const version = contentId(resource)
    const entry = { basis: from, version, resource, bytes: hit?.version === version ? hit.bytes : null }
    cached.set(key, entry)
    return entry
  }

  function existing(type: BuiltType, name: string): Cached {
    const entry = find(type, name)
    if (!entry) throw new Error(`no ${type} ${name}`)
    return entry
  }

  const resource = (type: ResourceType, name: string, version: string): WireObject =>
    isBuilt(type) ? existing(type, name).resource : ofVersion[type](name, version)

  /** Many proxies are sent the same scopes at about the same time. */
  function scopeBytes(name: string, version: string): Buffer {
    const key = `${version} ${name}`
    const recent = recentScopes.get(key)
    if (recent) return recent
    const bytes = encode('scope', scope(name, version))
    if (recentScopes.size >= mostRecentScopes) recentScopes.clear()
    recentScopes.set(key, bytes)
    return bytes
  }

  return {
    /** undefined when there is no such resource. What says all by its version has none here. */
    version: (type: BuiltType, name: string) => find(type, name)?.version,
    /** A resource that is about to be sent in this version, as plain data. */
    resource,
    /** The same in protobuf's bytes. */
    bytes(type: ResourceType, name: string, version: string): Buffer {
      if (type === 'scope') return scopeBytes(name, version)
      if (!isBuilt(type)) return encode(type, resource(type, name, version))
      const entry = existing(type, name)
      entry.bytes ??= encode(type, entry.resource)
      return entry.bytes
    },
  }
}

/** Encoding a scope takes 3 microseconds: less than keeping all of 100 000 costs. These take 3 MB. */
const mostRecentScopes = 10_000

/** Resources that their version says all of: of a scope the table, of the runtime how Envoy tells of calls. */
const ofVersion = { scope, runtime: (_name: string, version: string) => buildRuntime(version as Telling) }
const isBuilt = (type: ResourceType): type is BuiltType => !(type in ofVersion)

function scope(name: string, version: string): WireObject {
  const parsed = parseScopeName(name)
  if (!parsed) throw new Error(`no scope ${name}`)
  const tableId = tableIdOfVersion(version)
  return 'pin' in parsed ? buildPinScope(tableId) : buildBucketScope(parsed.bucket, tableId)
}
