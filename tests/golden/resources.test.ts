// For each directory beside this file: the model of in.json as Envoy resources, in one file per kind. UPDATE_GOLDEN=1
// writes what is made now and removes what has no input any more; read the difference before you commit it.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import type { BuiltType } from '../../proxy/build-resources.ts'
import { createResourceCache } from '../../proxy/resource-cache.ts'
import { callersFilter } from '../../proxy/resources/callers/tokens.ts'
import {
  bucketScopeName,
  endpointsName,
  envoyClusterName,
  listeners,
  pinScopeName,
  tableName,
  tlsListener,
} from '../../proxy/resources/names.ts'
import { scopeVersion } from '../../proxy/resources/scope.ts'
import { noSettings, type UpstreamSettings } from '../../proxy/resources/upstream-settings.ts'
import { createRoutingModel } from '../../proxy/routing-model.ts'
import type { Callers } from '../../server/domain/callers/caller.ts'
import { lbPolicies } from '../../server/domain/policy/lb-policy.ts'
import type { FaasEndpoint, RouteTable } from '../../server/domain/route/routing-table.ts'
import { lostFields } from '../support/lost-fields.ts'

type Input = {
  readonly matchHeader: string
  readonly corsOrigins?: readonly string[]
  readonly upstreams?: UpstreamSettings
  readonly callers?: Callers
  /** What is not there answers as what is guarded. */
  readonly hidesBuckets?: boolean
  /** Envoys tell of their calls. */
  readonly told?: boolean
  /** `tls`: where it speaks TLS, too, with a certificate of its own. */
  readonly ingress: { readonly address: string; readonly port: number; readonly tls?: { readonly port: number } }
  readonly endpoints: readonly FaasEndpoint[]
  readonly routes: Readonly<Record<string, RouteTable>>
  /** What changes after that; null withdraws a bucket. */
  readonly then?: Readonly<Record<string, RouteTable | null>>
  /** In milliseconds; default: at once. */
  readonly thenAt?: number
}

const root = path.join(import.meta.dirname, 'resources')
const update = process.env['UPDATE_GOLDEN'] === '1'

function build({
  matchHeader,
  corsOrigins = [],
  upstreams = noSettings,
  callers = { callers: [], keys: {} },
  hidesBuckets = false,
  told = false,
  ingress,
  endpoints,
  routes,
  then = {},
  thenAt = 0,
}: Input): Record<string, unknown[]> {
  const model = createRoutingModel({ retireMs: 0, leaseMs: 0 })
  const cache = createResourceCache({
    model,
    ingress,
    trustedCa: '<certificates>',
    told,
  })
  model.setMatchHeader(matchHeader)
  model.setUpstreams(upstreams)
  model.setEndpoints(endpoints)
  model.setCorsOrigins(corsOrigins)
  model.setCallers(callers, hidesBuckets)
  if (ingress.tls) model.setIngressCertificate({ certificate: '<certificate>', key: '<key>' })
  let number = 0
  const route = (tables: Readonly<Record<string, RouteTable | null>>, now: number) =>
    model.setRoutes(
      Object.entries(tables).map(([bucket, table]) => ({ bucket, number: ++number, table })),
      now,
    )
  route(routes, 0)
  route(then, thenAt)
  const tables = [...model.tables.keys()].sort()
  const upstreamsOf = lbPolicies
    .filter((policy) => model.policies.has(policy))
    .flatMap((policy) => model.callKinds().map((kind) => ({ policy, kind })))
  const scope = (name: string, tableId: string) => readable(cache.resource('scope', name, scopeVersion(tableId)))
  const get = (type: BuiltType, names: readonly string[]) =>
    names.map((name) => {
      const resource = cache.resource(type, name, cache.version(type, name) ?? '')
      expect(lostFields(type, resource), `of ${name} is lost on the wire`).toEqual([])
      return readable(resource)
    })
  const clusters = get(
    'cluster',
    upstreamsOf.map(({ policy, kind }) => envoyClusterName(policy, kind)),
  )
  const taking = get(
    'listener',
    listeners.filter((name) => name !== tlsListener || ingress.tls),
  )
  const secrets = JSON.stringify([clusters, taking]).match(/(?<=")(secret|certificate)\/[^"]+/g) ?? []
  return {
    listeners: taking,
    ...(callers.callers.length > 0 ? { filters: get('filter', [callersFilter]) } : {}),
    clusters,
    ...(secrets.length > 0 ? { secrets: get('secret', [...new Set(secrets)].sort()) } : {}),
    endpoints: get(
      'endpoints',
      upstreamsOf.map(({ policy, kind }) => endpointsName(policy, model.features(), upstreams, kind)),
    ),
    routes: get('table', tables.map(tableName)),
    scopes: [
      ...tables.map((id) => scope(pinScopeName(id), id)),
      ...Array.from(model.routes, ([bucket, { entry }]) => scope(bucketScopeName(bucket), entry.id)),
    ],
  }
}

/** A google.protobuf.Struct as the JSON that it stands for. */
function readable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(readable)
  if (typeof value !== 'object' || value === null) return value
  const object = value as Record<string, unknown>
  const kind = object['kind']
  if (typeof kind === 'string' && kind in object) {
    const inner = object[kind]
    return readable(kind === 'listValue' ? (inner as { values: unknown }).values : inner)
  }
  const members = Object.keys(object).join() === 'fields' ? (object['fields'] as object) : object
  return Object.fromEntries(Object.entries(members).map(([key, member]) => [key, readable(member)]))
}

const cases = readdirSync(root)

test.for(cases)('resources: %s', (name) => {
  const dir = path.join(root, name)
  const input = JSON.parse(readFileSync(path.join(dir, 'in.json'), 'utf8')) as Input
  const built = build(input)
  const kinds = Object.keys(built)
  if (update) {
    mkdirSync(dir, { recursive: true })
    for (const [kind, resources] of Object.entries(built))
      writeFileSync(path.join(dir, `${kind}.json`), `${JSON.stringify(resources, null, 2)}\n`)
  }
  const files = readdirSync(dir).filter((file) => file !== 'in.json')
  for (const file of files) if (update && !kinds.includes(path.parse(file).name)) rmSync(path.join(dir, file))
  expect(files.sort()).toEqual(kinds.map((kind) => `${kind}.json`).sort())
  for (const [kind, resources] of Object.entries(built))
    expect(resources, kind).toEqual(JSON.parse(readFileSync(path.join(dir, `${kind}.json`), 'utf8')))
})

test.for(cases)('the order of inputs does not matter: %s', (name) => {
  const input = JSON.parse(readFileSync(path.join(root, name, 'in.json'), 'utf8')) as Input
  const reversed: Input = {
    ...input,
    endpoints: input.endpoints.toReversed(),
    routes: Object.fromEntries(
      Object.entries(input.routes)
        .toReversed()
        .map(([bucket, table]) => [bucket, { ...table, clusters: table.clusters.toReversed() }]),
    ),
  }
  const { scopes, ...others } = build(reversed)
  const { scopes: expectedScopes, ...expected } = build(input)
  expect(others).toEqual(expected)
  expect(new Set(scopes?.map((scope) => JSON.stringify(scope)))).toEqual(
    new Set(expectedScopes?.map((scope) => JSON.stringify(scope))),
  )
})
