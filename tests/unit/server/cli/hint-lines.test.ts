import { expect, test } from 'vitest'
import { hintLines } from '../../../../server/cli/hint-lines.ts'

test('what is weaker is said once, with the names of all that it is about', () => {
  const hint = (message: string) => ({ message })
  expect(
    hintLines([
      { name: 'hpc', hints: [hint('Its certificate is not checked'), hint('It keeps no tags')] },
      { name: 'cloud', hints: [] },
      { name: 'edge', hints: [hint('It keeps no tags')] },
    ]),
  ).toBe('- hpc: Its certificate is not checked\n- hpc, edge: It keeps no tags')
  expect(hintLines([{ name: 'cloud', hints: [] }])).toBe('')
})
