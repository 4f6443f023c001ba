// An Envoy that comes back with many scopes: a few at a time are looked at, so that the process can do other things in between.
import { expect, test } from 'vitest'
import { bucketScopeName, pinScopeName, tableName } from '../../../proxy/resources/names.ts'
import { scopeVersion } from '../../../proxy/resources/scope.ts'
import { createRollout } from '../../../proxy/rollout.ts'
import { createRoutingModel } from '../../../proxy/routing-model.ts'
import type { ResourceType } from '../../../proxy/type-urls.ts'
import { contentId } from '../../../server/content-id.ts'
import type { RouteTable } from '../../../server/domain/route/routing-table.ts'
import { deltaRequest } from '../../support/delta-request.ts'

const table: RouteTable = { clusters: ['edge'], lbPolicy: 'round_robin', timeoutMs: 1000 }
const id = contentId(table)
const buckets = Array.from({ length: 100 }, (_, i) => `bucket-${i}`)
const streams = ['a', 'b']

test('of all Envoys together so many are looked at, and a tick is due for the others', () => {
  let looked = 0
  // Who looks at a scope asks for its table.
  const version = (type: ResourceType, name: string) => {
    if (type === 'table') looked++
    return name
  }
  const model = createRoutingModel({ retireMs: 1e9, leaseMs: 1e9 })
  const rollout = createRollout({ model, cache: { version }, settings: { scopesAtOnce: 10 } })
  rollout.setRoutes(
    buckets.map((bucket, i) => ({ bucket, number: i + 1, table })),
    0,
  )
  for (const stream of streams) rollout.open(stream, 0)
  const has = (type: ResourceType, names: readonly string[], versionOf = (name: string) => name) => {
    const initialVersions = new Map(names.map((name) => [name, versionOf(name)]))
    const request = deltaRequest(type, { subscribe: [...names], initialVersions })
    for (const stream of streams) rollout.receive(stream, request, 0)
  }
  has('endpoints', ['fado/round_robin/plain'])
  has('table', [tableName(id)])
  has('scope', [pinScopeName(id), ...buckets.map(bucketScopeName)], () => scopeVersion(id))

  const steps: number[] = []
  const step = (work: () => unknown) => {
    looked = 0
    work()
    steps.push(looked)
  }
  step(() => rollout.ready(0))
  while (rollout.nextTick(0) === 0) step(() => rollout.tick(0))
  expect(Math.max(...steps)).toBeLessThanOrEqual(10 + streams.length) // and the table itself
  expect(steps.length).toBeGreaterThanOrEqual((streams.length * buckets.length) / 10)
  for (const stream of streams)
    expect(rollout.progress(stream)).toEqual({ ackedThrough: buckets.length, exceptions: [] })
})
