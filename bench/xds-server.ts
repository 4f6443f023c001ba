// The xDS half of a control plane in a process of its own: it takes orders over IPC and tells what they took.
import pino from 'pino'
import { createRoutingProxy } from '../proxy/routing-proxy.ts'
import type { FaasEndpoint, RouteTable } from '../server/domain/route/routing-table.ts'

/** A change is one bucket's other table, or other weights of all deployments. */
export type Change = 'one bucket' | 'all endpoints'
export type Order =
  | { readonly kind: 'start'; readonly buckets: number }
  /** Answered when all but the stuck have everything. */
  | { readonly kind: 'connected'; readonly proxies: number }
  | { readonly kind: 'change'; readonly change: Change; readonly times: number }
export type Told = {
  readonly port?: number
  /** Of each change, from the order to the last ACK of those that are not stuck, in milliseconds. */
  readonly ms?: readonly number[]
  /** Of all changes together, in milliseconds of CPU. */
  readonly cpuMs?: number
  readonly megabytes: number
}

/** Node ids of proxies that nobody waits for begin so. */
export const stuckPrefix = 'stuck'

const clusters = Array.from({ length: 20 }, (_, i) => `cluster-${i}`)
const endpoints = (weight: number): FaasEndpoint[] =>
  clusters.map((cluster, i) => ({
    id: cluster,
    cluster,
    kind: 'HTTP',
    url: `http://10.0.0.${i + 1}:80`,
    addresses: [`10.0.0.${i + 1}`],
    weight,
    health: 'healthy',
  }))
const tables = ['cluster-0', 'cluster-1'].map((cluster) => tableOf([cluster]))
function tableOf(of: string[]): RouteTable {
  return { clusters: of, lbPolicy: 'round_robin', timeoutMs: 10_000 }
}

/** Through which number each stream has all changes; 0: one is late, so it is passed over by its numbers. */
const acked = new Map<string, number>()
let look: () => void = () => undefined
let number = 0
/** Responses of endpoints that were ACKed since the last change. */
let endpointAcks = 0
const isStuck = new Map<string, boolean>()

const proxy = createRoutingProxy({
  ingress: { address: '127.0.0.1', port: 10_000 },
  log: pino({ level: 'silent' }),
  now: () => performance.now(),
  authenticate: async () => true,
  observer: {
    connected: ({ streamId, nodeId }) => void isStuck.set(streamId, nodeId.startsWith(stuckPrefix)),
    disconnected: ({ streamId }) => void acked.delete(streamId),
    progress: ({ streamId, ackedThrough, exceptions }) => {
      acked.set(streamId, exceptions.length === 0 ? ackedThrough : 0)
      look()
    },
    answered: ({ type }) => {
      if (type === 'endpoints') endpointAcks++
      look()
    },
  },
})

function until(is: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    look = () => {
      if (is()) resolve()
    }
    look()
  })
}

const moving = () => [...acked].filter(([streamId]) => isStuck.get(streamId) === false).map(([, through]) => through)

async function perform(order: Order): Promise<Told> {
  const megabytes = () => process.memoryUsage().rss / 1024 / 1024
  if (order.kind === 'start') {
    proxy.apply({ kind: 'endpoints', endpoints: endpoints(1) })
    const table = (i: number) => tables[i % 2] ?? null
    const routes = Array.from({ length: order.buckets }, (_, i) => ({
      bucket: `b${i}`,
      number: ++number,
      table: table(i),
    }))
    proxy.apply({ kind: 'routes', routes })
    proxy.ready()
    const { port } = await proxy.listen({ address: '127.0.0.1', port: 0 })
    return { port, megabytes: megabytes() }
  }
  if (order.kind === 'connected') {
    await until(() => moving().filter((through) => through >= number).length === order.proxies)
    return { megabytes: megabytes() }
  }
  const ms: number[] = []
  const count = moving().length
  const before = process.cpuUsage()
  for (let i = 0; i < order.times; i++) {
    const begun = performance.now()
    if (order.change === 'one bucket') {
      const table = tables[(i + 1) % 2] ?? null
      proxy.apply({ kind: 'routes', routes: [{ bucket: 'b0', number: ++number, table }] })
      await until(() => moving().every((through) => through >= number))
    } else {
      endpointAcks = 0
      proxy.apply({ kind: 'endpoints', endpoints: endpoints(2 + (i % 2)) })
      await until(() => endpointAcks >= count)
    }
    ms.push(performance.now() - begun)
    // Others get their turn, as between changes of users.
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  const { user, system } = process.cpuUsage(before)
  return { ms, cpuMs: (user + system) / 1000, megabytes: megabytes() }
}

process.on('message', (order: Order) => void perform(order).then((told) => process.send?.(told)))
process.on('disconnect', () => process.exit(0))
