// What the health monitor asks function platforms, as the control plane joins it.
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { createProbes } from '../../../server/compose/probes.ts'
import { functionsToProbe } from '../../../server/db/deciding/health.ts'
import { anyTarget } from '../../../server/forbidden-target.ts'
import { createSecretBox } from '../../../server/secrets.ts'
import { freshPool } from '../../support/fresh-pool.ts'
import { fleet } from '../../support/world/fleet.ts'

/** A platform that says it belongs to this cluster. */
async function functionsOf(cluster: string): Promise<string> {
  const server = createServer((_request, response) => void response.setHeader('x-fado-cluster', cluster).end())
  onTestFinished(() => void server.close())
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

test("functions that answer for another cluster of the fleet are not well; a name that no cluster has is the platform's own", async () => {
  const pool = await freshPool(3)
  const rows = fleet(pool)
  await rows.cluster('hpc', { urls: [await functionsOf('edge')] })
  await rows.cluster('edge', { urls: [await functionsOf('edge')] })
  await rows.cluster('cloud', { urls: [await functionsOf('data-centre 7')] })
  const get = () => Promise.reject(new Error('no store is asked'))
  const secrets = createSecretBox(randomBytes(32))
  const tokens = { want: () => ({ token: undefined, trouble: null }), stop: () => {} }
  const probes = createProbes({ get, close: async () => undefined }, { secrets, tokens, forbiddenTarget: anyTarget })
  const found = (await functionsToProbe(pool)).map(async (one) => {
    const { trouble } = await probes.functions(one, new AbortController().signal)
    return [one.cluster, trouble?.detail ?? null]
  })
  expect(Object.fromEntries(await Promise.all(found))).toEqual({
    hpc: 'What answers belongs to the cluster edge',
    edge: null,
    cloud: null,
  })
})
