import { expect, test } from 'vitest'
import { isBraked } from '../../../../../server/replication/tasks/brake.ts'

const brake = { objects: 100, percent: 10 }

test.each<[deletes: number, ours: number, braked: boolean]>([
  [0, 0, false],
  [0, 5, false],
  [4, 5, false],
  [5, 5, true],
  [1, 1, true],
  [99, 99, true],
  [100, 5_000, false],
  [500, 5_000, false],
  [501, 5_000, true],
  [101, 200, true],
])('%d deletes of %d objects: held %s', (deletes, ours, braked) => {
  expect(isBraked(deletes, ours, brake)).toBe(braked)
})
