// An Envoy that comes back with many scopes: a few at a time are looked at, so that the process can do other things in between.
import { expect, test } from 'vitest'
import { bucketScopeName, pinScopeName, tableName } from '../../../proxy/resources/names.ts'
import { scopeVersion } from '../../../proxy/resources/scope.ts'
import { createRollout, type Output } from '../../../proxy/rollout.ts'
import { createRoutingModel } from '../../../proxy/routing-model.ts'
import type { RolloutSettings } from '../../../proxy/stream/state.ts'
import type { ResourceType } from '../../../proxy/type-urls.ts'
import { contentId } from '../../../server/content-id.ts'
import type { RouteTable } from '../../../server/domain/route/routing-table.ts'
import { deltaRequest } from '../../support/delta-request.ts'

const table: RouteTable = { clusters: ['edge'], lbPolicy: 'round_robin', timeoutMs: 1000 }
const id = contentId(table)
const buckets = Array.from({ length: 100 }, (_, i) => `bucket-${i}`)

const own = (name: string) => name

/** Streams that are open, and how many scopes are looked at. */
function start(streams: readonly string[], settings: Partial<RolloutSettings> = {}) {
  const counted = { looked: 0 }
  // Who looks at a scope asks for its table.
  const version = (type: ResourceType, name: string) => {
    if (type === 'table') counted.looked++
    return name
  }
  const model = createRoutingModel({ retireMs: 1e9, leaseMs: 1e9 })
  const rollout = createRollout({ model, cache: { version }, settings: { scopesAtOnce: 10, ...settings } })
  rollout.setRoutes(
    buckets.map((bucket, i) => ({ bucket, number: i + 1, table })),
    0,
  )
  function receive(stream: string, type: ResourceType, names: readonly string[], { version = own, now = 0 } = {}) {
    const initialVersions = new Map(names.map((name) => [name, version(name)]))
    // Of scopes it wants all.
    return rollout.receive(
      stream,
      deltaRequest(type, { subscribe: type === 'scope' ? [] : names, initialVersions }),
      now,
    )
  }
  /** It says that it has all. */
  function comeBack(stream: string) {
    receive(stream, 'endpoints', ['fado/round_robin/plain'])
    receive(stream, 'table', [tableName(id)])
    receive(stream, 'scope', [pinScopeName(id), ...buckets.map(bucketScopeName)], { version: () => scopeVersion(id) })
  }
  for (const stream of streams) rollout.open(stream, 0)
  const lookAtAll = () => {
    while (rollout.nextTick(0) === 0) rollout.tick(0)
  }
  return { rollout, counted, comeBack, receive, lookAtAll }
}

const sentOf = (outputs: readonly Output[], stream: string, type: ResourceType) =>
  outputs.flatMap((output) =>
    output.kind === 'send' && output.streamId === stream && output.response.type === type
      ? [...output.response.resources.keys()]
      : [],
  )

test('of all Envoys together so many are looked at, and a tick is due for the others', () => {
  const streams = ['a', 'b']
  const { rollout, counted, comeBack } = start(streams)
  for (const stream of streams) comeBack(stream)
  const steps: number[] = []
  const step = (work: () => unknown) => {
    counted.looked = 0
    work()
    steps.push(counted.looked)
  }
  step(() => rollout.ready(0))
  while (rollout.nextTick(0) === 0) step(() => rollout.tick(0))
  expect(Math.max(...steps)).toBeLessThanOrEqual(10 + streams.length) // and the table itself
  expect(steps.length).toBeGreaterThanOrEqual((streams.length * buckets.length) / 10)
  for (const stream of streams)
    expect(rollout.progress(stream)).toEqual({ ackedThrough: buckets.length, exceptions: [] })
})

test('another Envoy does not wait for one that comes back', () => {
  const { rollout, comeBack, lookAtAll } = start(['back', 'other'])
  comeBack('other')
  rollout.ready(0)
  lookAtAll()
  comeBack('back')
  expect(rollout.nextTick(0), 'there is more to be looked at').toBe(0)
  const outputs = rollout.setRoutes([{ bucket: 'new', number: buckets.length + 1, table }], 0)
  expect(sentOf(outputs, 'other', 'scope')).toEqual([bucketScopeName('new')])
  expect(rollout.nextTick(0), 'there still is').toBe(0)
})

test('the port of an Envoy that starts stays closed until its scopes were looked at, however long that takes', () => {
  const openMs = 100
  const { rollout, comeBack, receive } = start(['back', 'starts'], { openMs, chunk: 7 })
  comeBack('back')
  const log: string[] = []
  const sizes: number[] = []
  let now = 0
  /** It answers at once. */
  function perform(outputs: readonly Output[]) {
    for (const type of ['scope', 'listener'] as const) log.push(...sentOf(outputs, 'starts', type))
    for (const output of outputs) {
      if (output.kind !== 'send') continue
      const { type, nonce, resources } = output.response
      if (type === 'scope' && output.streamId === 'starts') sizes.push(resources.size)
      perform(rollout.receive(output.streamId, deltaRequest(type, { nonce }), now))
    }
  }
  perform(rollout.ready(now))
  for (const type of ['listener', 'scope'] as const) perform(receive('starts', type, []))
  for (; now < 2 * openMs; now += openMs / 2) perform(rollout.tick(now))
  expect(log, 'scopes wait for the endpoints').toEqual(['warming'])
  perform(receive('starts', 'endpoints', ['fado/round_robin/plain'], { now }))
  perform(receive('starts', 'table', [tableName(id)], { now }))
  for (; rollout.nextTick(now) !== null; now += openMs / 2) perform(rollout.tick(now))
  expect(log.slice(-2)).toEqual(['ingress', 'ingress-tls'])
  expect(log.slice(0, -2).toSorted()).toEqual(['warming', pinScopeName(id), ...buckets.map(bucketScopeName)].toSorted())
  expect(Math.min(...sizes), 'it is not told that there are none before all were looked at').toBeGreaterThan(0)
  expect(Math.max(...sizes)).toBe(7)
})

test('while an Envoy has not answered, nobody looks for more of it', () => {
  const { rollout, receive } = start(['starts'], { openMs: 1e6, behindMs: 1e6, chunk: 7 })
  receive('starts', 'endpoints', ['fado/round_robin/plain'])
  receive('starts', 'table', [tableName(id)])
  rollout.ready(0)
  const outputs = receive('starts', 'scope', [])
  expect(sentOf(outputs, 'starts', 'scope'), 'the pin goes first').toContain(pinScopeName(id))
  expect(rollout.nextTick(0)).toBeGreaterThan(0)
})

test('the port of an Envoy that starts stays closed while scopes arrive, however late it answers each time', () => {
  const openMs = 100
  const { rollout, receive } = start(['starts'], { openMs, behindMs: 1e6, chunk: 7, scopesAtOnce: 1000 })
  const log: string[] = []
  const late: string[] = []
  let now = 0
  /** It answers at once, but for scopes. */
  function perform(outputs: readonly Output[]) {
    for (const type of ['scope', 'listener'] as const) log.push(...sentOf(outputs, 'starts', type))
    for (const output of outputs) {
      if (output.kind !== 'send') continue
      const { type, nonce } = output.response
      if (type === 'scope') late.push(nonce)
      else perform(rollout.receive('starts', deltaRequest(type, { nonce }), now))
    }
  }
  perform(rollout.ready(now))
  perform(receive('starts', 'endpoints', ['fado/round_robin/plain']))
  perform(receive('starts', 'table', [tableName(id)]))
  for (const type of ['listener', 'scope'] as const) perform(receive('starts', type, []))
  for (let nonce = late.shift(); nonce !== undefined; nonce = late.shift()) {
    now += 0.9 * openMs
    perform(rollout.tick(now))
    perform(rollout.receive('starts', deltaRequest('scope', { nonce }), now))
  }
  expect(now).toBeGreaterThan(10 * openMs)
  expect(log.slice(-2)).toEqual(['ingress', 'ingress-tls'])
  expect(log.filter((name) => name === 'ingress')).toHaveLength(1)
})
