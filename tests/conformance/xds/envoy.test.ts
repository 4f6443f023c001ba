// The scenarios that a real Envoy can show: it asks for what it wants by itself, and its dump tells what it has taken.
import { expect, test } from 'vitest'
import type { RoutingChange } from '../../../proxy/routing-change.ts'
import type { ResourceType } from '../../../proxy/type-urls.ts'
import { contentId } from '../../../server/content-id.ts'
import type { TestEnvoy } from '../../support/envoy.ts'
import { eventually } from '../../support/eventually.ts'
import { startRouting } from '../../support/routing.ts'
import { scenarios } from './scenarios.ts'
import type { Client, Service } from './stage.ts'
import { createSubject } from './subjects.ts'

// biome-ignore lint/suspicious/noExplicitAny: a dump is looked into as it is
type Json = any

/** Name -> id of the content of what Envoy has of a kind; Envoy tells maps in any order. */
async function held(envoy: TestEnvoy, type: ResourceType): Promise<Map<string, string>> {
  const { configs } = JSON.parse(await envoy.get('/config_dump?include_eds')) as { configs: Json }
  const of = (dump: string, list: string): readonly Json[] =>
    configs.find((config: Json) => config['@type']?.endsWith(`.${dump}ConfigDump`))?.[list] ?? []
  const named = (entries: readonly (Json | undefined)[], name = 'name') =>
    new Map(entries.map((entry) => [String(entry?.[name]), contentId(entry)]))
  switch (type) {
    case 'cluster':
      return named(of('Clusters', 'dynamic_active_clusters').map(({ cluster }) => cluster))
    case 'listener':
      return named(of('Listeners', 'dynamic_listeners').map(({ active_state }) => active_state?.['listener']))
    case 'table':
      return named(of('Routes', 'dynamic_route_configs').map(({ route_config }) => route_config))
    case 'scope':
      return named(
        of('ScopedRoutes', 'dynamic_scoped_route_configs').flatMap(
          ({ scoped_route_configs }) => scoped_route_configs ?? [],
        ),
      )
    default:
      return named(
        of('Endpoints', 'dynamic_endpoint_configs').map(({ endpoint_config }) => endpoint_config),
        'cluster_name',
      )
  }
}

async function start() {
  const { proxy, startEnvoy } = await startRouting({ retireMs: 60_000 })
  proxy.ready()
  const envoy = await startEnvoy()
  let highest = 0
  const apply = (change: RoutingChange) => {
    if (change.kind === 'routes') for (const { number } of change.routes) highest = Math.max(highest, number)
    proxy.apply(change)
  }
  const isSettled = () => {
    const [status] = proxy.status()
    if (!status || status.ackedThrough !== highest || status.exceptions.length > 0) return false
    return [...proxy.resources(status.streamId)].every(({ state }) => state === 'ACKED')
  }
  const client = (type: ResourceType, nameOf: (letter: string) => string, letters: readonly string[]): Client => {
    let before = new Map<string, string>()
    return {
      subscribe: () => undefined,
      unsubscribe: async () => undefined,
      async heard() {
        await eventually('Envoy has all', async () => isSettled(), 20)
        const all = await held(envoy, type)
        const now = new Map(letters.flatMap((letter) => pair(letter, all.get(nameOf(letter)))))
        const resources = new Map([...now].filter(([letter, content]) => before.get(letter) !== content))
        const removed = [...before.keys()].filter((letter) => !now.has(letter))
        before = now
        return resources.size + removed.length > 0 ? [{ resources, removed }] : []
      },
    }
  }
  return { apply, client, envoy }
}

const pair = (letter: string, content: string | undefined): [string, string][] =>
  content === undefined ? [] : [[letter, content]]

const cases = scenarios.flatMap((scenario) =>
  (scenario.onEnvoy ?? []).map((service: Service) => ({ scenario, service })),
)

for (const { scenario, service } of cases) {
  const { from, title, existing, later = [], updated, steps } = scenario
  test(`Envoy, ${service}, ${from}: ${title}`, async () => {
    const { apply, client, envoy } = await start()
    const subject = createSubject(service, { apply, ask: () => undefined }, updated)
    const cut = existing.slice(0, subject.most - later.length)
    subject.begin(cut)
    const { type, nameOf, add, update, remove, changesAll } = subject
    await steps({ client: client(type, nameOf, [...cut, ...later]), add, update, remove, changesAll }, cut)
    expect(await envoy.get('/stats?filter=update_rejected&usedonly')).not.toMatch(/: [1-9]/)
  })
}
