// An Envoy with many calls tells of a sample, and the sum of what its lines stand for is what there was.
import http from 'node:http'
import { expect, test } from 'vitest'
import type { StreamResource } from '../../../proxy/stream/stream-rollout.ts'
import type { ToldCall } from '../../../server/domain/calls/tally.ts'
import { sampledOneIn } from '../../../server/domain/calls/telling.ts'
import { locateTool } from '../../../server/tools.ts'
import type { EnvoyOptions } from '../../support/envoy.ts'
import { eventually } from '../../support/eventually.ts'
import { endpointOf, startFunctions, startRouting, tableOf } from '../../support/routing.ts'

/** Far from what any machine makes of the loads below. */
const [sampledAbove, allBelow] = [100, 50]
/** Every so many calls fail. */
const failsEvery = 10

async function start(options: Pick<EnvoyOptions, 'edit' | 'program'> = {}) {
  const told: ToldCall[] = []
  const called = (calls: readonly ToldCall[]) => void told.push(...calls)
  const hpc = await startFunctions('hpc', async ({ url }, response) => {
    if (url === '/function/broken') response.statusCode = 500
    response.end()
  })
  const { serve, proxy, call } = await startRouting({
    called,
    settings: { paceMs: 2000, sampledAbove, allBelow },
  })
  await serve([endpointOf(hpc)], { photos: tableOf(['hpc']) }, '/function/f', { concurrency: 2, ...options })

  const made = { fine: 1, broken: 0 }
  const agent = new http.Agent({ keepAlive: true })
  async function one() {
    const broken = (made.fine + made.broken) % failsEvery === 0
    made[broken ? 'broken' : 'fine']++
    await call(broken ? '/function/broken' : '/function/f', { bucket: 'photos', agent })
  }
  const sum = (calls: readonly ToldCall[]) => calls.reduce((all, { weight }) => all + weight, 0)
  const split = (calls: readonly ToldCall[]) => ({
    fine: calls.filter(({ status }) => status === 200),
    broken: calls.filter(({ status }) => status === 500),
  })
  return {
    made,
    told,
    sums: () => ({ fine: sum(split(told).fine), broken: sum(split(told).broken) }),
    /** Calls as fast as they are answered, as long as wanted. */
    async load(wanted: () => boolean) {
      const loop = async () => {
        while (wanted()) await one()
      }
      await Promise.all(Array.from({ length: 8 }, loop))
    },
    one,
    telling: () => runtimeOf(proxy.status().flatMap(({ streamId }) => [...proxy.resources(streamId)])),
    stop: () => agent.destroy(),
  }
}

const runtimeOf = (resources: readonly StreamResource[]) =>
  resources.filter(({ type }) => type === 'runtime').map(({ version, state }) => `${version} ${state}`)

const seconds = (most: number) => {
  const end = performance.now() + most * 1000
  return () => performance.now() < end
}

const envoys = ['envoy', 'oldest-envoy'] as const
test.for(envoys)(
  'above its pace %s tells of a sample, below it of all, and across the switch nothing is counted twice or lost',
  async (tool) => {
    const { made, told, sums, load, one, telling, stop } = await start({ program: locateTool(tool, process.env) })
    await eventually('it is told how to tell', () => telling().join() === 'all ACKED')
    const enough = seconds(20)
    await load(() => enough() && telling().join() !== 'sampled ACKED')
    const before = { ...made }
    const inTime = seconds(20)
    await load(() => inTime() && made.fine - before.fine < 3_000)
    expect(telling()).toEqual(['sampled ACKED'])
    // By then what was on its way is told.
    await eventually('it is quiet, so all calls are told again', () => telling().join() === 'all ACKED', 20)
    const sampled = made.fine - before.fine
    expect(sampled).toBeGreaterThanOrEqual(3_000)
    // Each call adds its weight with a probability of one by its weight.
    const sigma = Math.sqrt(sampled * (sampledOneIn - 1))
    expect(sums().broken, 'each failure once').toBe(made.broken)
    expect(Math.abs(sums().fine - made.fine), `of ${made.fine}, sigma ${sigma}`).toBeLessThan(4 * sigma)
    expect(new Set(told.map(({ weight }) => weight))).toEqual(new Set([1, sampledOneIn]))

    const [quiet, heardBefore] = [{ ...made }, sums()]
    for (let n = 0; n < 60; n++) await one()
    await eventually('all are told of', () => sums().fine - heardBefore.fine >= made.fine - quiet.fine)
    expect(sums().fine - heardBefore.fine).toBe(made.fine - quiet.fine)
    expect(sums().broken).toBe(made.broken)
    stop()
  },
)

test('an Envoy with a bootstrap of before tells of all its calls', async () => {
  const { made, sums, load, telling, stop } = await start({ edit: ({ layered_runtime: _, ...older }) => older })
  const lasts = 5
  await load(seconds(lasts))
  await eventually('all are told of', () => sums().fine >= made.fine)
  expect(made.fine / lasts, 'its pace is one of a sample').toBeGreaterThan(sampledAbove)
  expect(sums()).toEqual(made)
  expect(telling()).toEqual([])
  stop()
})
