// What many proxies cost, and what one that is stuck costs the others, in counted steps.
import { expect, test } from 'vitest'
import type { BuiltType } from '../../../proxy/build-resources.ts'
import { createResourceCache } from '../../../proxy/resource-cache.ts'
import { bucketScopeName, envoyClusterName, tableName } from '../../../proxy/resources/names.ts'
import { scopeVersion } from '../../../proxy/resources/scope.ts'
import { createRollout, type Output } from '../../../proxy/rollout.ts'
import { createRoutingModel } from '../../../proxy/routing-model.ts'
import type { ResourceType } from '../../../proxy/type-urls.ts'
import { contentId } from '../../../server/content-id.ts'
import type { RouteTable } from '../../../server/domain/route/routing-table.ts'
import { deltaRequest } from '../../support/delta-request.ts'

const table = (cluster: string): RouteTable => ({ clusters: [cluster], lbPolicy: 'round_robin', timeoutMs: 1000 })

/**
 * `moving` streams that ACK at once, `stuck` that ACK nothing since they had all. A step: one stream is asked what it has to say, and
 * for that looks once at the keys of issuers, as at all that its resources are made from.
 */
function start(moving: number, stuck: number) {
  let steps = 0
  const made = createRoutingModel({ retireMs: 1e9, leaseMs: 1e9 })
  const issuerKeys = () => {
    steps++
    return made.issuerKeys()
  }
  const model = { ...made, issuerKeys }
  const rollout = createRollout({ model, cache: { version: (_type, name) => name } })
  const silent = new Set<string>()
  const sent = new Map<string, number>()
  let number = 0
  const receive = (streamId: string, type: ResourceType, fields: { subscribe?: string[]; nonce?: string }) =>
    perform(rollout.receive(streamId, deltaRequest(type, fields), 0))
  function perform(outputs: readonly Output[]) {
    for (const output of outputs) {
      if (output.kind === 'progress') continue
      const { streamId, response } = output
      sent.set(streamId, (sent.get(streamId) ?? 0) + 1)
      if (silent.has(streamId)) continue
      receive(streamId, response.type, { nonce: response.nonce })
      const pins = [...response.resources.keys()].filter((name) => name.startsWith('pin/'))
      if (pins.length > 0) receive(streamId, 'table', { subscribe: pins.map((name) => name.replace('pin/', 'table/')) })
    }
  }
  const route = (cluster: string, bucket = 'photos') =>
    perform(rollout.setRoutes([{ bucket, number: ++number, table: table(cluster) }], 0))
  route('edge')
  route('hpc', 'keeps-the-other-table')
  perform(rollout.ready(0))
  const ids = Array.from({ length: moving + stuck }, (_, i) => `s${i}`)
  for (const id of ids) {
    rollout.open(id, 0)
    receive(id, 'endpoints', { subscribe: ['fado/round_robin/plain'] })
    receive(id, 'scope', {})
    expect(rollout.progress(id)).toEqual({ ackedThrough: 2, exceptions: [] })
  }
  for (const id of ids.slice(moving)) silent.add(id)
  return {
    /** Steps and responses that this many changes of one route take. */
    changes(times: number) {
      steps = 0
      sent.clear()
      for (let i = 0; i < times; i++) route(i % 2 ? 'edge' : 'hpc')
      for (const id of ids.slice(0, moving)) expect(rollout.progress(id)?.ackedThrough).toBe(number)
      return { steps, ofStuck: ids.slice(moving).map((id) => sent.get(id) ?? 0) }
    },
  }
}

test('a change and its ACKs take two steps for each proxy, however many there are', () => {
  for (const proxies of [1, 10, 50]) expect(start(proxies, 0).changes(20).steps).toBe(2 * 20 * proxies)
})

test('a proxy that ACKs nothing costs one step of a change, and gets one response, whatever changes', () => {
  const { steps, ofStuck } = start(50, 1).changes(100)
  expect(steps - start(50, 0).changes(100).steps).toBe(100)
  expect(steps).toBeLessThan(2 * 100 * 50 * 1.05)
  expect(ofStuck).toEqual([1])
})

test('a resource is made into bytes once, however many proxies are sent it', () => {
  const model = createRoutingModel({ retireMs: 1000, leaseMs: 1000 })
  const cache = createResourceCache({
    model,
    ingress: { address: '127.0.0.1', port: 1 },
    trustedCa: '',
  })
  model.setRoutes([{ bucket: 'photos', number: 1, table: table('edge') }], 0)
  const id = contentId(table('edge'))
  const names: Partial<Record<BuiltType | 'scope', string>> = {
    cluster: envoyClusterName('round_robin'),
    endpoints: 'fado/round_robin/plain',
    listener: 'ingress',
    table: tableName(id),
    scope: bucketScopeName('photos'),
  }
  for (const [type, name] of Object.entries(names) as [BuiltType | 'scope', string][]) {
    const version = type === 'scope' ? scopeVersion(id) : (cache.version(type, name) ?? '')
    const bytes = cache.bytes(type, name, version)
    expect(bytes.length, type).toBeGreaterThan(0)
    expect(cache.bytes(type, name, version), type).toBe(bytes)
  }
})
