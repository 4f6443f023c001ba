import { expect, test } from 'vitest'
import { batched } from '../../../../../server/replication/tasks/batched.ts'
import { collectDoomed } from '../../../../../server/replication/tasks/doomed-keys.ts'

test('work is done for five hundred at once, and for what is left at the end, each once', async () => {
  const sizes: number[] = []
  const numbers = batched<number>(async (batch) => void sizes.push(batch.length))
  for (let i = 0; i < 1_200; i++) await numbers.add(i)
  expect(sizes).toEqual([500, 500])
  await numbers.flush()
  await numbers.flush()
  expect(sizes).toEqual([500, 500, 200])
})

test('of deletes more than may be done all are counted, but no more are kept', () => {
  const doomed = collectDoomed(2)
  for (const key of ['a', 'b', 'c']) doomed.add({ key, size: 1, since: null })
  expect(doomed.count()).toBe(3)
  expect(doomed.kept()).toEqual(['a', 'b'].map((key) => ({ key, size: 1, since: null, mayDelete: true })))
})
