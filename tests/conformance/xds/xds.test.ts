// The scenarios on the pure logic, and over real gRPC with a scripted client.
import { expect, test } from 'vitest'
import { createResourceCache } from '../../../proxy/resource-cache.ts'
import { createRollout, type Output } from '../../../proxy/rollout.ts'
import type { RoutingChange } from '../../../proxy/routing-change.ts'
import { createRoutingModel } from '../../../proxy/routing-model.ts'
import { startRouting } from '../../support/routing.ts'
import { connectXds } from '../../support/xds-client.ts'
import type { ClientResponse } from '../../support/xds-stream.ts'
import { multiple, type Scenario, scenarios } from './scenarios.ts'
import { createClient, type Service, type Stage, type Wire } from './stage.ts'
import { createSubject } from './subjects.ts'

type Place = { readonly wire: Wire; readonly apply: (change: RoutingChange) => void }

/** No gRPC, no clock: requests and changes go in, responses come out. */
async function logic(): Promise<Place> {
  const model = createRoutingModel({ retireMs: 1e9, leaseMs: 1e9 })
  const cache = createResourceCache({ model, ingress: { address: '127.0.0.1', port: 1 }, trustedCa: '' })
  const rollout = createRollout({ model, cache })
  let hear = (_response: ClientResponse) => undefined as unknown
  function perform(outputs: readonly Output[]) {
    for (const output of outputs) {
      if (output.kind === 'progress') continue
      const { type, nonce, resources, removed } = output.response
      hear({ type, nonce, resources, removed: [...removed], contents: new Map() })
    }
  }
  perform(rollout.ready(0))
  rollout.open('s', 0)
  return {
    wire: {
      send: (request) =>
        perform(
          rollout.receive(
            's',
            {
              typeUrl: request.type_url ?? '',
              subscribe: request.resource_names_subscribe ?? [],
              unsubscribe: request.resource_names_unsubscribe ?? [],
              initialVersions: new Map(),
              nonce: request.response_nonce ?? '',
              error: null,
            },
            0,
          ),
        ),
      onResponse: (listener) => {
        hear = listener
      },
    },
    apply(change) {
      if (change.kind === 'routes') return perform(rollout.setRoutes(change.routes, 0))
      if (change.kind === 'endpoints') model.setEndpoints(change.endpoints)
      if (change.kind === 'upstreams') model.setUpstreams(change.settings)
      if (change.kind === 'cors-origins') model.setCorsOrigins(change.origins)
      if (change.kind === 'callers') model.setCallers(change, change.hidesBuckets)
      perform(rollout.tick(0))
    },
  }
}

async function grpc(): Promise<Place> {
  const { proxy, xdsPort } = await startRouting({ retireMs: 60_000 })
  proxy.ready()
  let hear = (_response: ClientResponse) => undefined as unknown
  const { send } = connectXds(xdsPort, { onResponse: (response) => hear(response) })
  return {
    wire: {
      send,
      onResponse: (listener) => {
        hear = listener
      },
    },
    apply: proxy.apply,
  }
}

const places = { 'the pure logic': logic, gRPC: grpc }

async function stages(
  place: Place,
  wanted: readonly {
    service: Service
    existing: readonly string[]
    later: readonly string[]
    updated: readonly string[]
  }[],
) {
  const client = createClient(place.wire)
  const made = wanted.map(({ service, existing, later, updated }) => {
    const subject = createSubject(service, { apply: place.apply, ask: client.ask }, updated, wanted.length > 1)
    const cut = existing.slice(0, Math.max(1, subject.most - later.length))
    subject.begin(cut)
    const ear = client.ear(subject.type, subject.nameOf, [...cut, ...later], subject.beside)
    return { subject, cut, stage: stageOf(ear, subject) }
  })
  await client.quiet()
  return made
}

function stageOf(client: Stage['client'], subject: ReturnType<typeof createSubject>): Stage {
  const { add, update, remove, changesAll } = subject
  return { client, changesAll, add, update, remove }
}

const all = scenarios.flatMap((scenario) => scenario.services.map((service) => ({ scenario, service })))

/** Why a scenario cannot be played with this kind. */
function whyNot(scenario: Scenario, service: Service): string | undefined {
  const { lacks } = createSubject(service, { apply: () => undefined, ask: () => undefined }, [])
  return scenario.needs && lacks[scenario.needs]
}

const cases = all.filter(({ scenario, service }) => whyNot(scenario, service) === undefined)

test('what does not apply to a control plane of this kind is told with its reason', () => {
  const stays = 'an Envoy cluster and its endpoints stay from their first use on: an Envoy that is away may need them'
  const waits = 'the listener that takes calls will be there when all scopes are, so who asks for it waits'
  const there = 'the endpoints of a policy are there before its first bucket, without hosts'
  const told = all.flatMap(({ scenario, service }) => {
    const why = whyNot(scenario, service)
    return why === undefined ? [] : [[scenario.from, service, why]]
  })
  expect(told).toEqual([
    ['delta 3', 'LDS', waits],
    ['delta 3', 'EDS', there],
    ['delta 4', 'CDS', stays],
    ['delta 4', 'LDS', 'both listeners stay for as long as FaDO runs'],
    [
      'delta 4',
      'RDS',
      'a table goes with its pin, by which Envoy knows that it may drop it, and is never taken back itself',
    ],
    ['delta 4', 'EDS', stays],
    ['subscribing 7', 'LDS', waits],
    ['subscribing 8', 'EDS', there],
  ])
})

test('the scenarios are the eighteen of the harness', () => {
  const from = [...scenarios, ...multiple].map(({ from }) => from)
  const files = { delta: 6, subscribing: 9, unsubscribing: 3 }
  const expected = Object.entries(files).flatMap(([file, count]) =>
    Array.from({ length: count }, (_, i) => `${file} ${i + 1}`),
  )
  expect(from.toSorted()).toEqual(expected.toSorted())
})

for (const [name, start] of Object.entries(places)) {
  for (const { scenario, service } of cases) {
    const { from, title, existing, later = [], updated, steps } = scenario
    test(`${name}, ${service}, ${from}: ${title}`, async () => {
      const [made] = await stages(await start(), [{ service, existing, later, updated }])
      if (!made) return expect.fail()
      await steps(made.stage, made.cut)
    })
  }
  for (const { from, title, services, steps } of multiple)
    for (const pair of services)
      test(`${name}, ${pair.join(' and ')}, ${from}: ${title}`, async () => {
        const existing = ['B', 'A', 'C']
        const [first, second] = await stages(
          await start(),
          pair.map((service) => ({ service, existing, later: [], updated: ['B'] })),
        )
        if (!first || !second) return expect.fail()
        await steps(first.stage, second.stage)
      })
}
