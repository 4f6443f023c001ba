import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createResourceCache } from '../../../proxy/resource-cache.ts'
import { asDecided } from '../../../proxy/resources/starting.ts'
import { createRollout, type Output } from '../../../proxy/rollout.ts'
import { createRoutingModel } from '../../../proxy/routing-model.ts'
import { contentId } from '../../../server/content-id.ts'
import type { RouteTable } from '../../../server/domain/route/routing-table.ts'
import { createFakeEnvoy, type Delivery, deliver } from '../../support/fake-envoy.ts'
import { endpointOf } from '../../support/routing.ts'

const clusters = ['c1', 'c2', 'c3']
const buckets = ['b1', 'b2', 'b3']
const slowStartMs = 100
const subsets = [1, 2, 3, 4, 5, 6, 7].map((mask) => clusters.filter((_name, i) => mask & (1 << i)))
const classes = new Map(subsets.map((names) => [contentId(names), names]))
/** Of classes with a cluster that starts: the part that is asked first. */
const parts = new Map(
  subsets.flatMap((names) => subsets.map((part) => [contentId({ clusters: names, part }), part] as const)),
)

type Op =
  | { kind: 'route'; bucket: string; table: RouteTable | null }
  | { kind: 'wait'; ms: number }
  | { kind: 'down' | 'up'; pick: number }
  | { kind: 'reconnect' }
  | { kind: 'restart' }

const op: fc.Arbitrary<Op> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('route' as const),
      bucket: fc.constantFrom(...buckets),
      table: fc.option(
        fc.record({
          clusters: fc.constantFrom(...subsets),
          lbPolicy: fc.constantFrom('round_robin' as const, 'least_request' as const, 'random' as const),
          timeoutMs: fc.constant(1000),
        }),
        { freq: 8 },
      ),
    }),
  },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.nat(120) }) },
  { weight: 20, arbitrary: fc.record({ kind: fc.constantFrom('down' as const, 'up' as const), pick: fc.nat(4) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('reconnect' as const, 'restart' as const) }) },
)

/** What comes in its order; the rest overtakes. */
const laneOf = ({ response: { type } }: Delivery) => (type === 'endpoints' ? 'cluster' : type)

/** One that has just begun, and knows of no route yet. */
function controlPlane() {
  const model = createRoutingModel({ retireMs: 20, leaseMs: 1000 })
  const cache = createResourceCache({ model, ingress: { address: '127.0.0.1', port: 1 }, trustedCa: '' })
  model.setUpstreams({ slowStartMs, callsAtOnce: null })
  model.setEndpoints(clusters.map((name, i) => endpointOf({ name, port: 9000 + i })))
  return { model, cache, rollout: createRollout({ model, cache }) }
}

/** A control plane with a slow start, and an Envoy that takes one message at a time. `refuses`: it takes no table of a start. */
function world(refuses: boolean) {
  let { model, cache, rollout } = controlPlane()
  const envoy = createFakeEnvoy(
    (type, _name, content) =>
      refuses && type === 'table' && JSON.stringify(content).includes('weighted_clusters') ? 'no weights' : null,
    // One that begins anew knows of no start, until its own: calls that ask for a part of a class go on to the whole one.
    (id) => classes.get(id) ?? (restarted ? undefined : parts.get(id)) ?? [],
  )
  /** What each table says that ever was, but for the start. */
  const decided = new Map<string, string>()
  /** The number and table of each bucket's changes. */
  const history = new Map(buckets.map((bucket) => [bucket, [] as { number: number; table: RouteTable | null }[]]))
  let down: Delivery[] = []
  let [now, number, ackedThrough] = [0, 0, 0]
  let late: ReadonlySet<string> = new Set()
  let streamId = 's'
  let restarted = false

  function perform(outputs: readonly Output[]) {
    for (const output of outputs) {
      if (output.kind === 'send') down.push(deliver(output.response, cache))
      else {
        // What is said to be in force stays so, though shares go on growing.
        expect(output.progress.ackedThrough).toBeGreaterThanOrEqual(ackedThrough)
        ackedThrough = output.progress.ackedThrough
        late = new Set(output.progress.exceptions.map(({ bucket }) => bucket))
      }
    }
  }

  /** Each bucket is routed by one of its tables since the last that is in force, with a start or without. */
  function checkRoutes() {
    for (const [bucket, changes] of history) {
      const id = envoy.routes().get(bucket)
      const last = changes.findLastIndex((change) => change.number <= ackedThrough)
      if (last < 0 || late.has(bucket)) continue
      const may = changes.slice(last).map(({ table }) => (table ? contentId(table) : undefined))
      expect(may, bucket).toContain(id === undefined ? undefined : decided.get(id))
    }
  }

  function connect() {
    streamId += 's'
    down = []
    ackedThrough = 0
    rollout.open(streamId, now)
    envoy.connect()
  }
  connect()
  perform(rollout.ready(now))

  /** What it begins with is read from the database: the tables of late, and each bucket's last route. */
  function restart() {
    restarted = true
    const all = [...history].flatMap(([bucket, changes]) => changes.map((change) => ({ bucket, ...change })))
    ;({ model, cache, rollout } = controlPlane())
    model.remember(
      all.flatMap(({ table }) => table ?? []),
      now,
    )
    const last = new Map(all.map((change) => [change.bucket, change]))
    rollout.setRoutes(
      [...last.values()].sort((a, b) => a.number - b.number),
      now,
    )
    rollout.ready(now)
  }

  function step(op: Op) {
    if (op.kind === 'route') {
      history.get(op.bucket)?.push({ number: ++number, table: op.table })
      perform(rollout.setRoutes([{ bucket: op.bucket, number, table: op.table }], now))
    } else if (op.kind === 'wait') {
      now += op.ms
      perform(rollout.tick(now))
    } else if (op.kind === 'reconnect' || op.kind === 'restart') {
      if (op.kind === 'restart') restart()
      else perform(rollout.close(streamId, now))
      connect()
    } else if (op.kind === 'down' && down.length > 0) {
      const lanes = [...new Set(down.map(laneOf))]
      const lane = lanes[op.pick % lanes.length]
      const [delivery] = down.splice(
        down.findIndex((one) => laneOf(one) === lane),
        1,
      )
      if (delivery) envoy.take(delivery)
    } else {
      const request = envoy.nextRequest(op.pick)
      if (request) perform(rollout.receive(streamId, request, now))
    }
    for (const [id, { table }] of model.tables) if (table) decided.set(id, contentId(asDecided(table)))
    envoy.check()
    checkRoutes()
  }

  function settle() {
    for (let round = 0; round < 1000; round++) {
      const quiet = down.length === 0 && envoy.pending() === 0
      if (quiet && rollout.nextTick(now) === null) return
      step({ kind: 'down', pick: round })
      step({ kind: 'up', pick: round })
      if (quiet) step({ kind: 'wait', ms: 50 })
    }
    throw new Error('it does not come to rest')
  }

  return {
    step,
    settle,
    history,
    envoy,
    tables: () => [...model.tables.values()],
    rest: () => rollout.tick(now + 360_000),
  }
}

test('whatever changes while clusters start, every bucket can be served by a table that was decided, and all ends with whole shares', () => {
  let begun = 0
  fc.assert(
    fc.property(fc.array(op, { minLength: 30, maxLength: 200, size: 'max' }), fc.boolean(), (ops, refuses) => {
      const { step, settle, history, envoy, tables, rest } = world(refuses)
      settle()
      for (const each of ops) {
        step(each)
        if (tables().some(({ table, wanted }) => wanted > 0 && table?.starting)) begun++
      }
      settle()
      for (const [bucket, changes] of history) {
        const table = changes.at(-1)?.table
        expect([bucket, envoy.routes().get(bucket)]).toEqual([bucket, table ? contentId(table) : undefined])
      }
      expect(tables().filter(({ table }) => table?.starting)).toEqual([])
      expect(rest()).toEqual([])
    }),
    { numRuns: 100, endOnFailure: true },
  )
  expect(begun).toBeGreaterThan(0)
}, 60_000)
