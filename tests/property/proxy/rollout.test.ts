import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createResourceCache } from '../../../proxy/resource-cache.ts'
import { createRollout, type Output } from '../../../proxy/rollout.ts'
import { createRoutingModel } from '../../../proxy/routing-model.ts'
import type { Progress } from '../../../proxy/stream/progress.ts'
import { contentId } from '../../../server/content-id.ts'
import type { LbPolicy } from '../../../server/domain/policy/lb-policy.ts'
import type { BucketRoute, FaasEndpoint, RouteTable } from '../../../server/domain/route/routing-table.ts'
import { createFakeEnvoy, type Delivery, deliver, type FakeEnvoy } from '../../support/fake-envoy.ts'

const clusters = ['c1', 'c2', 'c3']
const buckets = ['b1', 'b2', 'b3', 'b4', 'b5', 'bad-1', 'bad-2']
const badTimeout = 13

type Op =
  | { kind: 'route'; bucket: number; table: { clusters: number; policy: number; bad: boolean } | null }
  | { kind: 'endpoints'; mask: number; rewrite: boolean; unhealthy: number; grpc: number }
  | { kind: 'down'; envoy: number; pick: number }
  | { kind: 'up'; envoy: number; pick: number }
  | { kind: 'wait'; ms: number }
  | { kind: 'reconnect'; envoy: number }
  | { kind: 'restart' }

/** Mostly one of two Envoys, so that its line gets somewhere. */
const envoy = fc.constantFrom(0, 0, 0, 1)

const op: fc.Arbitrary<Op> = fc.oneof(
  {
    weight: 18,
    arbitrary: fc.record({
      kind: fc.constant('route' as const),
      bucket: fc.nat(buckets.length - 1),
      table: fc.option(
        fc.record({
          clusters: fc.constantFrom(1, 2, 3, 7, 0),
          policy: fc.constantFrom(0, 0, 0, 1),
          bad: fc.constantFrom(true, false, false, false, false, false),
        }),
        { freq: 5 },
      ),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('endpoints' as const),
      mask: fc.nat(7),
      rewrite: fc.boolean(),
      unhealthy: fc.nat(7),
      grpc: fc.constantFrom(0, 0, 1, 6),
    }),
  },
  { weight: 45, arbitrary: fc.record({ kind: fc.constant('down' as const), envoy, pick: fc.nat(4) }) },
  { weight: 45, arbitrary: fc.record({ kind: fc.constant('up' as const), envoy, pick: fc.nat(4) }) },
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.nat(60) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('reconnect' as const), envoy }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'restart' as const }) },
)

/** All placement classes that can be. */
const classes = new Map(
  [0, 1, 2, 3, 4, 5, 6, 7].map((mask) => {
    const names = clusters.filter((_name, i) => mask & (1 << i))
    return [contentId(names), names]
  }),
)

const retireAfterMs = 20
const leaseLastsMs = 1000

function controlPlane(scopesAtOnce: number) {
  const model = createRoutingModel({ retireMs: retireAfterMs, leaseMs: leaseLastsMs })
  const ingress = { address: '127.0.0.1', port: 10000 }
  const cache = createResourceCache({ model, ingress, trustedCa: 'ca' })
  const rollout = createRollout({ model, cache, settings: { behindMs: 100, chunk: 3, scopesAtOnce } })
  return { model, cache, rollout }
}

function tableOf(op: { clusters: number; policy: number; bad: boolean }): RouteTable {
  const policies: LbPolicy[] = ['round_robin', 'least_request']
  return {
    clusters: clusters.filter((_name, i) => (op.bad ? 1 : op.clusters) & (1 << i)),
    lbPolicy: (op.bad ? undefined : policies[op.policy]) ?? 'round_robin',
    timeoutMs: op.bad ? badTimeout : 1000,
  }
}

/**
 * Tables, scopes and the rest overtake each other, which on a real stream they do not: so what must come first must have
 * been ACKed, and no luck with the order helps.
 */
const laneOf = ({ response: { type } }: Delivery) => (type === 'endpoints' ? 'cluster' : type)

/** A control plane with its Envoys on slow lines: each step takes one message of one line to its end. */
function world(scopesAtOnce: number) {
  const history: BucketRoute[] = []
  let now = 0
  let deployments: FaasEndpoint[] = []
  let { model, cache, rollout } = controlPlane(scopesAtOnce)
  const refuses: Parameters<typeof createFakeEnvoy>[0] = (type, name, content) => {
    if (type === 'scope' && name.startsWith('bucket/bad')) return 'bad scope'
    return type === 'table' && JSON.stringify(content).includes('"nanos":13000000') ? `bad table` : null
  }
  const lines = [0, 1].map((i) => {
    const envoy = createFakeEnvoy(refuses, (id) => classes.get(id) ?? [])
    const line = {
      id: `s${i}`,
      envoy,
      down: [] as Delivery[],
      progress: null as Progress | null,
      generation: 0,
      began: 0,
    }
    rollout.open(line.id, now)
    envoy.connect()
    return line
  })

  /** Everything of a control plane is lost, except what is stored: routes, and the tables that Envoys may use. */
  function restart() {
    ;({ model, cache, rollout } = controlPlane(scopesAtOnce))
    const used = new Set(lines.flatMap(({ envoy }) => [...envoy.routes().values()]))
    model.remember(
      history.flatMap(({ table }) => (table && used.has(contentId(table)) ? table : [])),
      now,
    )
    model.setEndpoints(deployments)
    perform(
      rollout.setRoutes(
        [...latest(history).values()].sort((a, b) => a.number - b.number),
        now,
      ),
    )
    for (const line of lines) reconnect(line)
    perform(rollout.ready(now))
  }

  function reconnect(line: (typeof lines)[number]) {
    line.generation++
    line.id = `${line.id.split('.')[0]}.${line.generation}`
    line.down = []
    line.progress = null
    line.began = history.length
    rollout.open(line.id, now)
    line.envoy.connect()
  }

  function perform(outputs: readonly Output[]) {
    for (const output of outputs) {
      const line = lines.find(({ id }) => id === output.streamId)
      if (!line) throw new Error(`no stream ${output.streamId}`)
      if (output.kind === 'send') line.down.push(deliver(output.response, cache))
      else {
        expect(output.progress.ackedThrough).toBeGreaterThanOrEqual(line.progress?.ackedThrough ?? 0)
        line.progress = output.progress
        checkProgress(line.envoy, output.progress)
      }
    }
  }

  /** Every change up to `ackedThrough` is in Envoy, or a later one of its bucket is, or the bucket is an exception. */
  function checkProgress(envoy: FakeEnvoy, { ackedThrough, exceptions }: Progress) {
    const routes = envoy.routes()
    for (const bucket of buckets) {
      if (exceptions.some((exception) => exception.bucket === bucket)) continue
      const changes = history.filter((change) => change.bucket === bucket)
      const last = changes.findLastIndex(({ number }) => number <= ackedThrough)
      if (last < 0) continue
      const possible = changes.slice(last).map(({ table }) => (table ? contentId(table) : undefined))
      expect(possible, `${bucket} after ackedThrough ${ackedThrough}`).toContain(routes.get(bucket))
    }
  }

  function take(line: (typeof lines)[number], delivery: Delivery) {
    const closed = !line.envoy.listeners().includes('ingress')
    line.envoy.take(delivery)
    if (!closed || !line.envoy.listeners().includes('ingress')) return
    // The port opens: every bucket that was there when the stream began, and has not changed since, is known.
    const routes = line.envoy.routes()
    for (const change of latest(history).values())
      if (change.number <= line.began && change.table && !isBad(change))
        expect([change.bucket, routes.has(change.bucket)]).toEqual([change.bucket, true])
  }

  function step(op: Op) {
    const line = lines['envoy' in op ? op.envoy : 0]
    if (!line) return
    // A line with nothing to carry in this direction carries in the other.
    const { kind } = op
    const down = kind === 'down' ? line.down.length > 0 : kind === 'up' && line.envoy.pending() === 0
    if (op.kind === 'route') {
      const bucket = buckets[op.bucket] ?? 'b1'
      const change = { bucket, number: history.length + 1, table: op.table && tableOf(op.table) }
      history.push(change)
      perform(rollout.setRoutes([change], now))
    } else if (op.kind === 'endpoints') {
      deployments = endpoints(op)
      model.setEndpoints(deployments)
      perform(rollout.tick(now))
    } else if ((op.kind === 'down' || op.kind === 'up') && down) {
      const lanes = [...new Set(line.down.map(laneOf))]
      const index = line.down.findIndex((each) => laneOf(each) === lanes[op.pick % lanes.length])
      const [delivery] = line.down.splice(index, 1)
      if (delivery) take(line, delivery)
    } else if (op.kind === 'down' || op.kind === 'up') {
      const request = line.envoy.nextRequest(op.pick)
      if (request) perform(rollout.receive(line.id, request, now))
    } else if (op.kind === 'wait') {
      now += op.ms
      perform(rollout.tick(now))
    } else if (op.kind === 'restart') restart()
    else {
      perform(rollout.close(line.id, now))
      reconnect(line)
    }
    for (const { envoy } of lines) envoy.check()
  }

  /** All messages arrive, and time passes until nothing is due. */
  function settle() {
    for (let round = 0; round < 1000; round++) {
      const quiet = lines.every(({ envoy, down }) => down.length === 0 && envoy.pending() === 0)
      if (quiet && rollout.nextTick(now) === null) return
      for (const envoy of [0, 1]) {
        step({ kind: 'down', envoy, pick: round })
        step({ kind: 'up', envoy, pick: round })
      }
      if (quiet) step({ kind: 'wait', ms: 100 })
    }
    throw new Error('it does not come to rest')
  }

  return {
    ready: () => perform(rollout.ready(now)),
    lines,
    history,
    step,
    settle,
    tables: () => [...model.tables.values()],
    /** What an hour changes. */
    rest: () => rollout.tick(now + 3_600_000),
  }
}

function endpoints({
  mask,
  rewrite,
  unhealthy,
  grpc,
}: {
  mask: number
  rewrite: boolean
  unhealthy: number
  grpc: number
}): FaasEndpoint[] {
  return clusters.flatMap((cluster, i) =>
    mask & (1 << i)
      ? [
          {
            id: cluster,
            cluster,
            kind: 'HTTP',
            url: rewrite ? `http://127.0.0.1:900${i}/base` : `http://127.0.0.1:900${i}`,
            addresses: ['127.0.0.1'],
            weight: 1,
            health: unhealthy & (1 << i) ? 'unhealthy' : 'healthy',
            takes: grpc & (1 << i) ? 'both' : 'plain',
          },
        ]
      : [],
  )
}

/** The last change of each bucket. */
const latest = (history: readonly BucketRoute[]) => new Map(history.map((change) => [change.bucket, change]))
const isBad = ({ bucket, table }: BucketRoute) =>
  table !== null && (bucket.startsWith('bad') || table.timeoutMs === badTimeout)

test('whatever the order of changes and ACKs, every bucket that Envoy routes can be served, and all ends as wanted', () => {
  fc.assert(
    fc.property(
      fc.boolean(),
      fc.constantFrom(1, 2, 1000),
      fc.array(op, { minLength: 50, maxLength: 300, size: 'max' }),
      (booted, scopesAtOnce, ops) => {
        const { lines, history, ready, step, settle, tables, rest } = world(scopesAtOnce)
        step({ kind: 'endpoints', mask: 7, rewrite: false, unhealthy: 0, grpc: 0 })
        ready()
        if (booted) settle()
        for (const each of ops) step(each)
        settle()
        const wanted = [...latest(history).values()]
        const good = wanted.filter((change) => !isBad(change))
        for (const { envoy, progress } of lines) {
          // What is wanted is there, except what Envoy refuses, and that is said.
          const routes = envoy.routes()
          for (const { bucket, table } of good)
            expect([bucket, routes.get(bucket)]).toEqual([bucket, table ? contentId(table) : undefined])
          expect(progress?.ackedThrough ?? 0).toBe(history.length)
          expect(progress?.exceptions.map(({ bucket, number, state }) => ({ bucket, number, state })) ?? []).toEqual(
            expect.arrayContaining(
              wanted.filter(isBad).map(({ bucket, number }) => ({ bucket, number, state: 'nacked' })),
            ),
          )
          expect(progress?.exceptions.length ?? 0).toBe(wanted.filter(isBad).length)
          expect(envoy.listeners().sort()).toEqual(['ingress', 'warming'])
          // Nothing that nobody needs is left, except what a refused bucket is still, or may be, routed by.
          const refused = new Set(wanted.filter(isBad).map(({ bucket }) => bucket))
          const needed = new Set(
            history
              .filter((change) => refused.has(change.bucket) || wanted.includes(change))
              .map(({ table }) => table && contentId(table)),
          )
          expect(envoy.pins().filter((pin) => !needed.has(pin.slice(4)))).toEqual([])
          expect(envoy.tables().filter((table) => !needed.has(table.slice(6)))).toEqual([])
        }
        expect(tables().filter((entry) => entry.wanted === 0 && entry.serving === 0)).toEqual([])
        if (!wanted.some(isBad)) expect(tables().filter((entry) => entry.wanted === 0)).toEqual([])
        // Rest is rest.
        expect(rest()).toEqual([])
      },
    ),
    { numRuns: 100, endOnFailure: true },
  )
}, 60_000)
