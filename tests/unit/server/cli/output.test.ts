import { expect, test } from 'vitest'
import { table } from '../../../../server/cli/output.ts'

const columns = [
  { title: 'NAME', of: (row: { name: string; size: number | null }) => row.name },
  { title: 'SIZE', of: (row: { name: string; size: number | null }) => row.size },
]

test('a table is aligned, and what is not known is a dash', () => {
  const rows = [
    { name: 'photos', size: 0 },
    { name: 'a', size: null },
  ]
  expect(table(columns, rows).split('\n')).toEqual(['NAME    SIZE', 'photos  0', 'a       -'])
})

test('what others wrote cannot steer the terminal', () => {
  expect(table(columns, [{ name: 'x\u001b[2J\ny', size: 1 }])).toBe('NAME     SIZE\nx [2J y  1')
})
