import { expect, test } from 'vitest'
import { propagation } from '../../bench/propagation.ts'
import { replication } from '../../bench/replication.ts'

test('what is published of propagation can be measured', async () => {
  const { rows } = await propagation({ sizes: [10], rounds: 1, samplesPerRound: 12 })
  expect(rows).toMatchObject([{ buckets: 10, samples: 12, 'p50 ratio': 1 }])
  expect(rows[0]?.['p50 ms']).toBeGreaterThan(0)
}, 180_000)

test('what is published of replication can be measured, and what was copied is compared', async () => {
  const { rows } = await replication({ objects: 40, bytes: 4_096, rounds: 1, beside: [] })
  expect(rows).toMatchObject([{ tool: 'FaDO', 'FaDO takes of it': 1 }])
  expect(rows[0]?.['median s']).toBeGreaterThan(0)
}, 180_000)
