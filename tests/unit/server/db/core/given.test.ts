import { expect, test } from 'vitest'
import { given } from '../../../../../server/db/core/given.ts'

const objects = given<{ readonly name: string; readonly bytes: number | null }>({
  key: ['text', ({ name }) => name],
  size: ['bigint', ({ bytes }) => bytes],
})

test('a column stands where its values do, whichever parameter is the first', () => {
  expect(objects.rows('o', 3)).toBe('unnest($3::text[], $4::bigint[]) AS o (key, size)')
  expect(objects.placedRows('o', 1)).toBe('unnest($1::text[], $2::bigint[]) WITH ORDINALITY AS o (key, size, place)')
  const two = [
    { name: 'a', bytes: 1 },
    { name: 'b', bytes: null },
  ]
  expect(objects.values(two)).toEqual([
    ['a', 'b'],
    [1, null],
  ])
})
