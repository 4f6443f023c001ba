// The benchmarks, with few of everything: tests/soak/bench has those that take longest.
import { expect, test } from 'vitest'
import { arrival } from '../../bench/arrival.ts'
import { locality } from '../../bench/locality.ts'
import { propagation } from '../../bench/propagation.ts'
import { proxies } from '../../bench/proxies.ts'
import { proxy } from '../../bench/proxy.ts'
import { reconcile } from '../../bench/reconcile.ts'
import { largeObjects, smallObjects } from '../../bench/replication.ts'
import { scale } from '../../bench/scale.ts'
import { provideTool } from '../../scripts/setup/tools.mjs'

const fewClasses = { masters: 1, others: 4, classes: 4 }

test('what is published of propagation can be measured', async () => {
  const sample = { sizes: [12], shape: fewClasses, rounds: 1, pairsPerRound: 3, callsPerSecond: 50, edits: 12 }
  const { rows } = await propagation(sample)
  expect(rows).toMatchObject([{ buckets: 12, samples: 3, 'p50 ratio': 1, failed: 0 }])
  for (const what of ['class exists p50 ms', 'new class p50 ms', 'calls']) expect(rows[0]?.[what]).toBeGreaterThan(0)
}, 180_000)

test('what is published of many buckets can be measured', async () => {
  const { rows } = await scale({ sizes: [20], edits: 5 })
  expect(rows).toMatchObject([{ buckets: 20 }])
  for (const what of ['Envoy MB', 'start until ACKed s', 'control plane MB', 'edit p50 ms'] as const)
    expect(rows[0]?.[what], what).toBeGreaterThan(0)
}, 180_000)

test('what is published of many proxies can be measured', async () => {
  const { rows } = await proxies({ proxies: 3, buckets: 5, rounds: 1, times: 3 })
  expect(rows.map(({ of, change }) => [of, change])).toEqual(
    ['1 proxy', '3 proxies', '3 proxies and a stuck one', '3 proxies, 80 ms and 1 % loss away'].flatMap((of) => [
      [of, 'one bucket'],
      [of, 'all endpoints'],
    ]),
  )
  for (const row of rows) for (const what of ['p50 ms', 'CPU ms', 'MB']) expect(row[what]).toBeGreaterThan(0)
}, 180_000)

test('what is published of replication can be measured, and what was copied is compared', async () => {
  const { rows } = await smallObjects({ objects: 40, rounds: 1, beside: [] })
  expect(rows).toMatchObject([{ tool: 'FaDO', ETags: 'kept', 'FaDO takes of it': 1 }])
  expect(rows[0]?.['median s']).toBeGreaterThan(0)
  const inParts = { objects: 1, bytes: 12_000_000, partBytes: 5_242_880, rounds: 1, beside: [] }
  expect((await largeObjects([inParts])).rows).toMatchObject([
    { of: '1 x 12 MB in parts', tool: 'FaDO', ETags: 'kept' },
  ])
}, 180_000)

test('what is published of arrival can be measured', async () => {
  const { rows } = await arrival({ sizes: [5], samples: 3, bytes: 4_096, beside: [] })
  expect(rows).toMatchObject([{ objects: 5 }])
  expect(rows[0]?.['p50 ms']).toBeGreaterThan(0)
}, 180_000)

test('what is published of a comparison can be measured', async () => {
  const { rows } = await reconcile({ objects: 40, rounds: 1 })
  expect(rows).toMatchObject([{ objects: 40 }])
  expect(rows[0]?.['takes of the listings']).toBeGreaterThan(0)
}, 180_000)

const hasWrk = await provideTool('wrk').then(
  () => true,
  () => false,
)
test.skipIf(!hasWrk)(
  'what is published of calls through Envoy can be measured',
  async () => {
    const { rows } = await proxy({ sizes: [3, 20], rounds: 1, seconds: 1, connections: 4, besideCaddy: false })
    expect(rows).toMatchObject([
      { ingress: 'none' },
      { ingress: 'static Envoy', 'calls of static': 1, 'CPU of static': 1 },
      { ingress: 'FaDO', buckets: 3, 'p50 of few buckets': 1 },
      { ingress: 'FaDO', buckets: 20 },
      { ingress: 'FaDO, without statistics', buckets: 3 },
      { ingress: 'FaDO, each call told', buckets: 3 },
      ...['path and host rewritten', 'a key in a header', 'SigV4', 'functions are known', 'scripts of one origin'].map(
        (part) => ({ ingress: `FaDO, ${part}`, buckets: 3 }),
      ),
      { ingress: 'FaDO, callers of other buckets' },
      { ingress: 'FaDO, callers by key' },
    ])
    for (const row of rows) for (const what of ['calls a s', 'p50 ms']) expect(row[what]).toBeGreaterThan(0)
  },
  180_000,
)

test('what is published of locality can be measured: by FaDO all calls are local, by turns they are not', async () => {
  const shape = { roundTripMs: 20, megabits: 100 }
  const { rows } = await locality({
    buckets: 3,
    objects: 1,
    bytes: 100_000,
    ...shape,
    callers: 2,
    calls: 24,
    rounds: 1,
  })
  const [byTurns, alone, again, copied] = rows
  for (const row of [byTurns, again]) expect(row?.['local %']).toBeLessThan(100)
  for (const row of [alone, copied]) {
    expect(row).toMatchObject({ routed: 'by FaDO', calls: 24, 'local %': 100 })
    expect(row?.['times faster']).toBeGreaterThan(0)
  }
  expect(alone?.['MB to place']).toBeLessThan(0.1)
  expect(copied?.['MB to place']).toBeGreaterThanOrEqual(0.6)
}, 180_000)
