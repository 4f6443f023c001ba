// Whatever changes while an Envoy is connected reaches it. A new kind of change, and a new part of what holds for all calls,
// belong into `changes`.
import { expect, test } from 'vitest'
import type { BuiltType } from '../../../proxy/build-resources.ts'
import { createResourceCache } from '../../../proxy/resource-cache.ts'
import { callersFilter } from '../../../proxy/resources/callers/tokens.ts'
import type { ForAllCalls } from '../../../proxy/resources/listener.ts'
import { endpointsName, envoyClusterName, listeners, tableName } from '../../../proxy/resources/names.ts'
import { headerSecret, ingressSecret } from '../../../proxy/resources/secret-names.ts'
import { createRollout, type Output } from '../../../proxy/rollout.ts'
import type { RoutingChange } from '../../../proxy/routing-change.ts'
import { createRoutingModel, type RoutingModel } from '../../../proxy/routing-model.ts'
import type { DeltaRequest } from '../../../proxy/stream/delta-stream.ts'
import type { ResourceType } from '../../../proxy/type-urls.ts'
import { contentId } from '../../../server/content-id.ts'
import type { Caller } from '../../../server/domain/callers/caller.ts'
import type { FaasEndpoint, RouteTable } from '../../../server/domain/route/routing-table.ts'
import { deltaRequest } from '../../support/delta-request.ts'

const nurse: Caller = { id: 'nurse', kind: 'token', issuer: 'https://login.example', audiences: [], claims: [] }
const doctor: Caller = { id: 'doctor', kind: 'certificate', authority: '<authority>', names: ['doctor.example'] }
const edge: FaasEndpoint = {
  id: '1',
  cluster: 'edge',
  kind: 'AZURE_FUNCTIONS',
  url: 'http://10.0.0.1:80',
  addresses: ['10.0.0.1'],
  weight: 1,
  health: 'healthy',
  auth: { kind: 'key', header: 'x-functions-key' },
  secrets: { version: '1', header: 'a' },
}
const guarded: RouteTable = { clusters: ['edge'], lbPolicy: 'round_robin', timeoutMs: 1000, callers: ['doctor'] }

type World = { readonly model: RoutingModel }

/** By what is sent because of them. Routes and tables are told one by one. */
const changes: Record<
  Exclude<RoutingChange['kind'], 'routes' | 'tables'> | keyof ForAllCalls | 'issuerKeys' | 'secrets' | 'certificate',
  (world: World) => void
> = {
  'match-header': ({ model }) => model.setMatchHeader('X-Other'),
  matchHeader: ({ model }) => model.setMatchHeader('X-Data'),
  'cors-origins': ({ model }) => model.setCorsOrigins(['*']),
  corsOrigins: ({ model }) => model.setCorsOrigins(['https://app.example']),
  upstreams: ({ model }) => model.setUpstreams({ slowStartMs: 30_000, callsAtOnce: null }),
  callers: ({ model }) => model.setCallers({ callers: [nurse, doctor], keys: {} }, false),
  guard: ({ model }) => model.setCallers({ callers: [], keys: {} }, true),
  authority: ({ model }) => model.setCallers({ callers: [doctor], keys: {} }, false),
  issuerKeys: ({ model }) => model.setCallers({ callers: [], keys: { 'https://login.example': '{"keys":[]}' } }, false),
  endpoints: ({ model }) => model.setEndpoints([{ ...edge, weight: 2 }]),
  byFunction: ({ model }) => model.setEndpoints([{ ...edge, functions: ['resize'] }]),
  wholeBodies: ({ model }) => model.setEndpoints([{ ...edge, kind: 'AWS_LAMBDA', auth: null }]),
  secrets: ({ model }) => model.setEndpoints([{ ...edge, secrets: { version: '2', header: 'b' } }]),
  certificate: ({ model }) => model.setIngressCertificate({ certificate: '<another>', key: '<key>' }),
}

/** A control plane, and one Envoy that asks for all that there is and takes what it is sent. */
function start() {
  const model = createRoutingModel({ retireMs: 1000, leaseMs: 60_000 })
  const ingress = { address: '127.0.0.1', port: 1, tls: { port: 2 } }
  const cache = createResourceCache({ model, ingress, trustedCa: '' })
  const rollout = createRollout({ model, cache })
  const has = new Map<string, string>()

  function perform(outputs: readonly Output[]) {
    for (const output of outputs) {
      if (output.kind !== 'send') continue
      const { type, nonce, resources, removed } = output.response
      for (const [name, version] of resources) has.set(`${type} ${name}`, version)
      for (const name of removed) has.delete(`${type} ${name}`)
      request(type, { nonce })
    }
  }
  function request(type: ResourceType, fields: Partial<DeltaRequest>) {
    perform(rollout.receive('s', deltaRequest(type, fields), 0))
  }

  model.setEndpoints([edge])
  model.setIngressCertificate({ certificate: '<certificate>', key: '<key>' })
  rollout.setRoutes([{ bucket: 'photos', number: 1, table: guarded }], 0)
  rollout.open('s', 0)
  perform(rollout.ready(0))
  const endpointsNow = () => endpointsName('round_robin', model.features(), model.upstreams())
  let endpoints = endpointsNow()
  const names = (): [BuiltType, readonly string[]][] => [
    ['cluster', [envoyClusterName('round_robin')]],
    ['endpoints', [endpoints]],
    ['listener', listeners],
    ['filter', [callersFilter]],
    ['secret', [ingressSecret, headerSecret(contentId(['1', 'x-functions-key']))]],
    ['table', [tableName(contentId(guarded))]],
  ]
  for (const [type, subscribe] of names()) request(type, type === 'cluster' || type === 'listener' ? {} : { subscribe })
  request('scope', {})
  const byName = (version: (type: BuiltType, name: string) => string | undefined) =>
    Object.fromEntries(names().flatMap(([type, of]) => of.map((name) => [name, version(type, name)])))
  return {
    world: { model },
    tick() {
      perform(rollout.tick(0))
      // A cluster that asks for something else has its endpoints under another name.
      if (endpoints === endpointsNow()) return
      request('endpoints', { subscribe: [endpointsNow()], unsubscribe: [endpoints] })
      endpoints = endpointsNow()
    },
    has: () => byName((type, name) => has.get(`${type} ${name}`)),
    should: () => byName(cache.version),
  }
}

test.for(Object.entries(changes))('a connected Envoy hears of %s', ([_name, change]) => {
  const { world, tick, has, should } = start()
  const before = should()
  expect(has()).toEqual(before)
  change(world)
  expect(should(), 'nothing changes').not.toEqual(before)
  tick()
  expect(has()).toEqual(should())
})
