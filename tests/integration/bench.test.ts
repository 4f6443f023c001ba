import { expect, test } from 'vitest'
import { propagation } from '../../bench/propagation.ts'

test('what is published of propagation can be measured', async () => {
  const { rows } = await propagation({ sizes: [10], rounds: 1, samplesPerRound: 12 })
  expect(rows).toMatchObject([{ buckets: 10, samples: 12, 'p50 ratio': 1 }])
  expect(rows[0]?.['p50 ms']).toBeGreaterThan(0)
}, 180_000)
