// What an Envoy has while the fleet changes faster than it answers, told by the fake Envoy's own look after each step: every
// bucket that it routes can be served (I12).
import { expect, test } from 'vitest'
import { createResourceCache } from '../../../proxy/resource-cache.ts'
import { createRollout, type Output } from '../../../proxy/rollout.ts'
import { createRoutingModel } from '../../../proxy/routing-model.ts'
import type { ResourceType } from '../../../proxy/type-urls.ts'
import { contentId } from '../../../server/content-id.ts'
import type { FaasEndpoint, RouteTable } from '../../../server/domain/route/routing-table.ts'
import { createFakeEnvoy, type Delivery, deliver } from '../../support/fake-envoy.ts'

const clusters = ['edge', 'hpc']
const table = (...of: string[]): RouteTable => ({ clusters: of, lbPolicy: 'round_robin', timeoutMs: 1000 })
const classes = new Map([['edge'], ['hpc'], ['edge', 'hpc']].map((of) => [contentId(of), of]))
const deployments = (takes: 'plain' | 'both', path = ''): FaasEndpoint[] =>
  clusters.map((cluster, i) => ({
    id: cluster,
    cluster,
    kind: 'HTTP',
    url: `http://10.0.0.${i}:80${path}`,
    addresses: [`10.0.0.${i}`],
    weight: 1,
    health: 'healthy',
    takes,
  }))

const retireMs = 20

function controlPlane() {
  const model = createRoutingModel({ retireMs, leaseMs: 1000 })
  const cache = createResourceCache({ model, ingress: { address: '127.0.0.1', port: 1 }, trustedCa: '' })
  return { model, cache, rollout: createRollout({ model, cache }) }
}

/** One Envoy that takes and answers when it is told to. */
function start(fleet: FaasEndpoint[]) {
  const envoy = createFakeEnvoy(
    () => null,
    (id) => classes.get(id) ?? [],
  )
  let { model, cache, rollout } = controlPlane()
  let down: Delivery[] = []
  let now = 0
  let number = 0
  let streamId = ''

  function perform(outputs: readonly Output[]) {
    for (const output of outputs) if (output.kind === 'send') down.push(deliver(output.response, cache))
  }
  function connect(endpoints: FaasEndpoint[]) {
    streamId += 's'
    model.setEndpoints(endpoints)
    rollout.open(streamId, now)
    envoy.connect()
    perform(rollout.ready(now))
  }
  /** What follows from a response it says before it answers it: it asks for endpoints before it ACKs their Envoy cluster. */
  function answer() {
    for (let request = envoy.nextRequest(1); request; request = envoy.nextRequest(1))
      perform(rollout.receive(streamId, request, now))
  }
  /** It takes what is under way, these last, and answers, until nothing is under way. */
  function settle(last?: ResourceType) {
    for (answer(); down.length > 0; answer()) {
      const index = down.findIndex(({ response }) => response.type !== last)
      for (const delivery of down.splice(Math.max(0, index), 1)) envoy.take(delivery)
    }
  }
  connect(fleet)
  settle()
  return {
    envoy,
    settle,
    answer,
    /** It takes what is under way of a type, and does not answer yet. */
    take(type: ResourceType) {
      const taken = down.filter(({ response }) => response.type === type)
      down = down.filter((delivery) => !taken.includes(delivery))
      for (const delivery of taken) envoy.take(delivery)
    },
    underWay: () => down.map(({ response }) => response.type),
    route: (bucket: string, to: RouteTable | null) =>
      perform(rollout.setRoutes([{ bucket, number: ++number, table: to }], now)),
    fleet(endpoints: FaasEndpoint[]) {
      model.setEndpoints(endpoints)
      perform(rollout.tick(now))
    },
    wait(ms: number) {
      now += ms
      perform(rollout.tick(now))
    },
    /** Another control plane, which knows of no bucket. */
    move(endpoints: FaasEndpoint[]) {
      ;({ model, cache, rollout } = controlPlane())
      down = []
      connect(endpoints)
    },
    classes: () => envoy.classesOf('round_robin').toSorted(),
    nextTick: () => rollout.nextTick(now),
  }
}

test('endpoints are sent as their version says, also when another class ends in the same round', () => {
  const { route, settle, wait, take, answer, classes, nextTick } = start(deployments('plain'))
  route('old', table('edge'))
  settle()
  route('old', null)
  settle()
  // It waits for its class, while the old table's pin is on its way back.
  route('new', table('hpc'))
  wait(retireMs)
  route('new', null)
  wait(retireMs)
  take('endpoints')
  answer()
  take('scope')
  // Nobody needs the old class any more, and in the round in which endpoints say so nobody waits for the new one.
  answer()
  expect(nextTick(), 'what has ended is looked at again at once').toBe(0)
  settle()
  expect(classes()).toEqual([])
  route('new', table('hpc'))
  settle()
  expect(classes()).toEqual([contentId(['hpc'])])
})

test('a bucket waits for its table as it is now: by one of before gRPC goes to deployments that nobody labels any more', () => {
  const { envoy, route, settle, move, fleet } = start(deployments('both', '/base'))
  route('b', table('edge', 'hpc'))
  settle()
  route('b', null)
  settle()
  // The other control plane does not know that table, so its endpoints have no class of it.
  move(deployments('both', '/base'))
  settle()
  route('other', table('edge'))
  route('b', table('edge', 'hpc'))
  fleet(deployments('plain'))
  settle('table')
  expect(envoy.routes().get('b')).toBe(contentId(table('edge', 'hpc')))
})

test('what was under way when Envoy asked for it anew is sent again, for the protocol wants an answer', () => {
  const { envoy, route, settle, wait, take, answer, underWay } = start(deployments('plain'))
  route('b', table('edge'))
  for (const type of ['cluster', 'endpoints', 'scope'] as const) {
    take(type)
    answer()
  }
  route('b', null)
  // The table is under way while its pin goes and comes, and Envoy drops it and asks for it again.
  wait(retireMs)
  take('scope')
  route('b', table('edge'))
  answer()
  take('scope')
  answer()
  take('table')
  answer()
  expect(underWay()).toEqual(['table'])
  settle()
  expect(envoy.routes().get('b')).toBe(contentId(table('edge')))
  expect(envoy.tables()).toHaveLength(1)
})
