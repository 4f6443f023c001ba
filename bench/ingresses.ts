// Who takes calls and hands them to a function: FaDO's Envoy, an Envoy that routes nothing, and Caddy as the original FaDO set it.
import pino from 'pino'
import { buildBootstrap } from '../proxy/bootstrap.ts'
import { runtimeValues } from '../proxy/resources/runtime.ts'
import { extension, socketAddress, type WireObject } from '../proxy/resources/wire.ts'
import { createRoutingProxy, type ProxyObserver, type RoutingChange } from '../proxy/routing-proxy.ts'
import { provideTool } from '../scripts/setup/tools.mjs'
import { createTally, tallyLimits } from '../server/domain/calls/tally.ts'
import type { Telling } from '../server/domain/calls/telling.ts'
import type { FaasEndpoint } from '../server/domain/route/routing-table.ts'
import { freePort } from '../tests/support/free-port.ts'
import { answers, startCaddy, startEnvoy } from './server-process.ts'
import type { Called } from './wrk.ts'

export type Ingress = Called & { readonly stop: () => Promise<void> }

/** What the deployments of a fleet and its policies ask of FaDO's Envoy. */
export type Fleet = {
  /** Of a deployment whose server has this port. */
  readonly deployment: (port: number) => Pick<FaasEndpoint, 'url'> & Partial<FaasEndpoint>
  readonly changes?: readonly RoutingChange[]
  /** Who may call, by id, and what they show. */
  readonly callers?: readonly string[]
  readonly authorization?: string
  /** How Envoy tells of calls, however many there are; `silent`: of none. Default: `sampled`, as it does under load. */
  readonly telling?: Telling | 'silent'
}

const address = '127.0.0.1'
const nameOf = (bucket: number) => `bucket-${bucket}`

const listener = (port: number, route: WireObject): WireObject => ({
  name: 'calls',
  address: socketAddress(address, port),
  filter_chains: [
    {
      filters: [
        extension(
          'envoy.filters.network.http_connection_manager',
          'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager',
          {
            stat_prefix: 'calls',
            route_config: {
              virtual_hosts: [{ name: 'all', domains: ['*'], routes: [{ match: { prefix: '/' }, ...route }] }],
            },
            http_filters: [extension('envoy.filters.http.router', 'envoy.extensions.filters.http.router.v3.Router')],
          },
        ),
      ],
    },
  ],
})

/** Answers any call at once, with less work than anyone has who hands it on. */
export async function startFunction(): Promise<Ingress> {
  const port = await freePort()
  const answer = { direct_response: { status: 200, body: { inline_string: 'hello world' } } }
  const envoy = await startEnvoy({ static_resources: { listeners: [listener(port, answer)] } })
  await answers(port, nameOf(0))
  return { port, buckets: 1, ...envoy }
}

/** The least that an Envoy does to hand a call on: to each of these ports in turn. */
export async function startStatic(functionPorts: readonly number[]): Promise<Ingress> {
  const port = await freePort()
  const many = { value: 1_000_000 }
  const cluster = {
    name: 'function',
    type: 'STATIC',
    circuit_breakers: { thresholds: [{ max_connections: many, max_pending_requests: many, max_requests: many }] },
    load_assignment: {
      cluster_name: 'function',
      endpoints: [{ lb_endpoints: functionPorts.map((at) => ({ endpoint: { address: socketAddress(address, at) } })) }],
    },
  }
  const listeners = [listener(port, { route: { cluster: 'function' } })]
  const envoy = await startEnvoy({ static_resources: { listeners, clusters: [cluster] } })
  await answers(port, nameOf(0))
  return { port, buckets: 1, ...envoy }
}

/** Rounds are too short for FaDO to see how many calls there are. */
function fixed(bootstrap: WireObject, telling: Telling): WireObject {
  const { layers } = bootstrap['layered_runtime'] as { layers: readonly WireObject[] }
  return {
    ...bootstrap,
    layered_runtime: { layers: [...layers, { name: 'bench', static_layer: runtimeValues(telling) }] },
  }
}

/** FaDO's routing proxy with its own Envoy, which has so many buckets of one cluster. */
export async function startFado(functionPort: number, buckets: number, fleet: Fleet): Promise<Ingress> {
  const [port, admin] = await Promise.all([freePort(), freePort()])
  const token = 'bench'
  const ignore = () => undefined
  const { telling = 'sampled' } = fleet
  const tally = createTally(tallyLimits)
  const called: ProxyObserver['called'] = (calls) => calls.forEach(tally.add)
  const proxy = createRoutingProxy({
    ingress: { address, port },
    log: pino({ level: 'silent' }),
    now: () => performance.now(),
    authenticate: async (given) => given === token,
    observer: {
      connected: ignore,
      disconnected: ignore,
      progress: ignore,
      ...(telling === 'silent' ? {} : { called }),
    },
  })
  const deployment = { id: 'function', cluster: 'here', kind: 'HTTP', weight: 1, health: 'healthy' } as const
  const { callers, authorization } = fleet
  const open = { clusters: ['here'], lbPolicy: 'round_robin', timeoutMs: 60_000 } as const
  const table = callers ? { ...open, callers } : open
  proxy.apply({
    kind: 'endpoints',
    endpoints: [{ ...deployment, ...fleet.deployment(functionPort), addresses: [address] }],
  })
  for (const change of fleet.changes ?? []) proxy.apply(change)
  const routes = Array.from({ length: buckets }, (_, n) => ({ bucket: nameOf(n), number: n + 1, table }))
  proxy.apply({ kind: 'routes', routes })
  proxy.ready()
  const xds = await proxy.listen({ address, port: 0 })
  const envoy = await startEnvoy(
    fixed(
      buildBootstrap({ nodeId: 'bench', token, xds: [{ address, port: xds.port }], admin: { address, port: admin } }),
      telling === 'silent' ? 'all' : telling,
    ),
  )
  await answers(port, nameOf(buckets - 1), authorization)
  return {
    port,
    buckets,
    pid: envoy.pid,
    ...(authorization ? { authorization } : {}),
    async stop() {
      await envoy.stop()
      proxy.stop()
    },
  }
}

/** Caddy on all cores, with one route for each bucket, which matches its header. */
export async function startCaddyWith(functionPort: number, buckets: number): Promise<Ingress> {
  await provideTool('caddy')
  const port = await freePort()
  const routes = Array.from({ length: buckets }, (_, n) => ({
    match: [{ header: { 'X-FaDO-Bucket': [nameOf(n)] } }],
    handle: [
      {
        handler: 'reverse_proxy',
        load_balancing: { selection_policy: { policy: 'round_robin' } },
        upstreams: [{ dial: `${address}:${functionPort}` }],
      },
    ],
  }))
  const servers = { calls: { listen: [`${address}:${port}`], routes, automatic_https: { disable: true } } }
  const caddy = await startCaddy({ admin: { disabled: true }, apps: { http: { servers } } })
  await answers(port, nameOf(buckets - 1))
  return { port, buckets, ...caddy }
}
