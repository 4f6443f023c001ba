import { expect, test } from 'vitest'
import { grouped } from '../../../../../server/db/core/grouped.ts'

/** Doubles numbers; refuses odd ones, and all while it is away. */
function start() {
  const asked: number[][] = []
  const server = { away: false, open: Promise.resolve() }
  const double = grouped(
    async (items: readonly number[]) => {
      asked.push([...items])
      await server.open
      if (server.away) throw new Error('away')
      const odd = items.find((item) => item % 2 === 1)
      if (odd !== undefined) throw new Error(`${odd} is odd`)
      return items.map((item) => item * 2)
    },
    (error) => (error as Error).message === 'away',
  )
  return { asked, server, double }
}

test('what is asked at once, and what is asked meanwhile, goes together; each gets its own answer', async () => {
  const { asked, server, double } = start()
  let open = () => {}
  server.open = new Promise<void>((resolve) => {
    open = resolve
  })
  const first = [double(2), double(4)]
  await expect.poll(() => asked).toEqual([[2, 4]])
  const next = [double(6), double(8), double(10)]
  open()
  expect(await Promise.all(first)).toEqual([4, 8])
  expect(await Promise.all(next)).toEqual([12, 16, 20])
  expect(asked).toEqual([
    [2, 4],
    [6, 8, 10],
  ])
  expect(await double(12)).toBe(24)
})

test('what is wrong with one is told to that one only', async () => {
  const { asked, double } = start()
  expect(await Promise.allSettled([double(2), double(3), double(4)])).toMatchObject([
    { value: 4 },
    { reason: new Error('3 is odd') },
    { value: 8 },
  ])
  expect(asked).toEqual([[2, 3, 4], [2], [3], [4]])
})

test('what is wrong with all is asked once, and the next question is asked again', async () => {
  const { asked, server, double } = start()
  server.away = true
  const both = await Promise.allSettled([double(2), double(4)])
  expect(both).toMatchObject([{ reason: new Error('away') }, { reason: new Error('away') }])
  expect(asked).toEqual([[2, 4]])
  server.away = false
  expect(await double(6)).toBe(12)
})

test('a very large group is asked in parts', async () => {
  const { asked, double } = start()
  await Promise.all(Array.from({ length: 1_200 }, (_, i) => double(2 * i)))
  expect(asked.map(({ length }) => length)).toEqual([500, 500, 200])
})
