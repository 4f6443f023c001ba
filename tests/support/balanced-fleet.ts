// Function servers c0, c1, ... behind one Envoy, and a bucket `all` whose calls are spread over them.
import http from 'node:http'
import { onTestFinished } from 'vitest'
import type { LbPolicy } from '../../server/domain/policy/lb-policy.ts'
import type { FaasEndpoint } from '../../server/domain/route/routing-table.ts'
import { endpointOf, startFunctions, startRouting, tableOf } from './routing.ts'

/** A call of `/function/slow` is answered at `release`. The bucket `one` has c0 alone. */
export async function balancedFleet(lbPolicy: LbPolicy, weights: number[]) {
  const waiting: (() => void)[] = []
  const servers = await Promise.all(
    weights.map((_weight, i) =>
      startFunctions(`c${i}`, async (request) => {
        if (request.url === '/function/slow') await new Promise<void>((resolve) => waiting.push(resolve))
      }),
    ),
  )
  const routing = await startRouting()
  const { proxy } = routing
  /** `more`: what is said of c0, c1, ... beside what they are. */
  const endpoints = (...more: Partial<FaasEndpoint>[]) =>
    servers.map((server, i) => endpointOf(server, { weight: weights[i] ?? 1, ...more[i] }))
  const tell = (...more: Partial<FaasEndpoint>[]) => proxy.apply({ kind: 'endpoints', endpoints: endpoints(...more) })
  const names = servers.map(({ name }) => name)
  await routing.serve(endpoints(), {
    all: tableOf(names, { lbPolicy }),
    one: tableOf(names.slice(0, 1), { lbPolicy }),
  })

  const agent = new http.Agent({ keepAlive: true })
  onTestFinished(() => agent.destroy())
  /** The cluster that served a call. */
  async function servedBy(path: string, from = agent): Promise<string> {
    const { status, headers } = await routing.call(path, { bucket: 'all', agent: from })
    return status === 200 ? String(headers['x-fado-served-by']) : String(status)
  }
  /** Who served, in order. */
  async function calls(count: number) {
    const served: string[] = []
    for (let i = 0; i < count; i++) served.push(await servedBy('/function/f'))
    return served
  }
  const release = () => {
    for (const resume of waiting.splice(0)) resume()
  }
  return { ...routing, servers, tell, servedBy, calls, agent, release }
}
