// What a real Envoy does with deployments that were down and come back.
import http from 'node:http'
import { expect, onTestFinished, test } from 'vitest'
import type { LbPolicy } from '../../../server/domain/policy/lb-policy.ts'
import type { FaasEndpoint } from '../../../server/domain/route/routing-table.ts'
import { endpointOf, hammer, startFunctions, startRouting, tableOf } from '../../support/routing.ts'

const names = ['edge', 'hpc'] as const

/** Buckets edge and hpc on one cluster each, and both on both, by this policy. */
async function twoClusters(lbPolicy: LbPolicy) {
  const servers = await Promise.all(names.map((name) => startFunctions(name)))
  const { proxy, startEnvoy, firstAnswer, call, ingressPort } = await startRouting()
  type Healths = Partial<Record<(typeof names)[number], FaasEndpoint['health']>>
  const are = (healths: Healths) =>
    proxy.apply({
      kind: 'endpoints',
      endpoints: servers.map((server, n) => endpointOf(server, { health: healths[names[n] ?? 'edge'] ?? 'healthy' })),
    })
  are({})
  const buckets = [...names.map((name) => ({ bucket: name, on: [name] })), { bucket: 'both', on: [...names] }]
  const routes = buckets.map(({ bucket, on }, n) => ({ bucket, number: n + 1, table: tableOf(on, { lbPolicy }) }))
  proxy.apply({ kind: 'routes', routes })
  proxy.ready()
  await startEnvoy()
  await firstAnswer('/function/f', { bucket: 'both' })
  const agent = new http.Agent({ keepAlive: true })
  onTestFinished(() => agent.destroy())
  /** Who served so many calls; a status stands for who did not. */
  async function served(bucket: string, calls = 24): Promise<readonly string[]> {
    const by = new Set<string>()
    for (let n = 0; n < calls; n++) {
      const { status, headers } = await call(`/function/f?${n}`, { bucket, agent })
      by.add(status === 200 ? String(headers['x-fado-served-by']) : String(status))
    }
    return [...by].sort()
  }
  return { are, served, ingressPort }
}

/** Those that spread the calls of one caller over all that may serve. */
const spreading = ['round_robin', 'least_request', 'random', 'uri_hash'] as const satisfies readonly LbPolicy[]

test.each(spreading)(
  'by %s, what comes back takes the calls of those who have nobody else, and no others',
  async (policy) => {
    const { are, served, ingressPort } = await twoClusters(policy)
    const becomes = (bucket: string, by: readonly string[]) =>
      expect.poll(() => served(bucket), { interval: 5 }).toEqual(by)
    await becomes('both', ['edge', 'hpc'])
    are({ edge: 'unhealthy' })
    await becomes('both', ['hpc'])
    await becomes('edge', ['503'])
    const load = hammer(ingressPort, '/function/f', { bucket: 'both' })
    are({ edge: 'returning' })
    await becomes('edge', ['edge'])
    expect(await served('both', 60)).toEqual(['hpc'])
    are({ edge: 'returning', hpc: 'returning' })
    await becomes('both', ['edge', 'hpc'])
    are({ edge: 'returning' })
    await becomes('both', ['hpc'])
    are({})
    await becomes('both', ['edge', 'hpc'])
    expect((await load.stop()).failures).toEqual([])
  },
)
