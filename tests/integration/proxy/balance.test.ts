import { expect, test } from 'vitest'
import type { LbPolicy } from '../../../server/domain/policy/lb-policy.ts'
import { balancedFleet } from '../../support/balanced-fleet.ts'

const count = (served: readonly string[], name: string) => served.filter((by) => by === name).length

test('ROUND_ROBIN takes each cluster in turn', async () => {
  const { calls } = await balancedFleet('round_robin', [1, 1, 1])
  const served = await calls(60)
  for (const name of ['c0', 'c1', 'c2']) expect(count(served, name)).toBe(20)
  for (let i = 3; i < served.length; i++) expect(served[i]).toBe(served[i - 3])
})

test('RANDOM takes them in no order', async () => {
  const { calls } = await balancedFleet('random', [1, 1, 1])
  const served = await calls(300)
  const repeats = served.filter((by, i) => by === served[i - 1]).length
  expect(repeats).toBeGreaterThan(50)
})

// By chance one run in some hundred lies outside; two in a row do not.
test.for<[LbPolicy, number[]]>([
  ['round_robin', [1, 1, 1]],
  ['round_robin', [1, 2, 3]],
  ['random', [1, 1, 1]],
  ['random', [1, 2, 3]],
])(
  '%s with weights %o: the share of each of 6 000 calls is within three sigma',
  { retry: 1 },
  async ([policy, weights]) => {
    const { calls } = await balancedFleet(policy, weights)
    const total = 6000
    const served = (await Promise.all(Array.from({ length: 12 }, () => calls(total / 12)))).flat()
    const sum = weights.reduce((all, weight) => all + weight)
    for (const [i, weight] of weights.entries()) {
      const share = weight / sum
      const sigma = Math.sqrt(total * share * (1 - share))
      expect(Math.abs(count(served, `c${i}`) - total * share), `c${i}`).toBeLessThan(3 * sigma)
    }
  },
)

test('LEAST_REQUEST honours weights', async () => {
  const { calls } = await balancedFleet('least_request', [1, 3])
  expect(Math.abs(count(await calls(400), 'c1') - 300)).toBeLessThan(12)
})

test('LEAST_REQUEST goes where the fewest calls are under way, also those of other buckets', async () => {
  const { call, calls, servers, release } = await balancedFleet('least_request', [1, 1])
  const held = Array.from({ length: 4 }, () => call('/function/slow', { bucket: 'one' }))
  await expect.poll(() => servers[0]?.active).toBe(4)
  // One in 128 is drawn without a look at the idle one.
  expect(count(await calls(200), 'c1')).toBeGreaterThan(190)
  release()
  await Promise.all(held)
  expect(count(await calls(200), 'c0')).toBeGreaterThan(40)
})

test('a dead cluster costs a try, not a call, whatever the policy', async () => {
  for (const policy of ['round_robin', 'random', 'least_request', 'uri_hash'] as const) {
    const { tell, calls, agent, call } = await balancedFleet(policy, [1, 1, 1])
    tell({ url: 'http://127.0.0.1:1' })
    const tries: string[] = []
    for (let i = 0; i < 60; i++) {
      const answer = await call(`/function/${i}`, { bucket: 'all', agent })
      expect(answer.status).toBe(200)
      tries.push(String(answer.headers['x-fado-decision']).split('try=')[1] ?? '')
    }
    expect(tries).toContain('2')
    expect(count(await calls(20), 'c0')).toBe(0)
  }
})
