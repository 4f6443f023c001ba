import { expect, test } from 'vitest'
import { limitConcurrency } from '../../../server/limit-concurrency.ts'

test('at most so many run at once, in the order in which they came, and a failure frees its place', async () => {
  const gate = limitConcurrency(2)
  let running = 0
  let most = 0
  const order: number[] = []
  const work = (i: number) =>
    gate(async () => {
      running += 1
      most = Math.max(most, running)
      order.push(i)
      await new Promise((resolve) => setImmediate(resolve))
      running -= 1
      if (i % 3 === 0) throw new Error('failed')
      return i
    })
  const results = await Promise.allSettled(Array.from({ length: 9 }, (_, i) => work(i)))
  expect(results.filter((one) => one.status === 'rejected')).toHaveLength(3)
  expect(order).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8])
  expect(most).toBe(2)
})
