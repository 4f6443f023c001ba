import { expect, test } from 'vitest'
import { servingText } from '../../../../server/cli/get.ts'

test('a copy that serves nothing for want of functions says so', () => {
  const at = (faasDeployments: readonly { readonly id: string }[]) => ({
    name: 'edge',
    cluster: { name: 'edge', faasDeployments },
  })
  expect(servingText({ serving: true, storageDeployment: at([{ id: 'f' }]) })).toBe('yes')
  expect(servingText({ serving: false, storageDeployment: at([{ id: 'f' }]) })).toBe('no')
  expect(servingText({ serving: false, storageDeployment: at([]) })).toBe('no (no functions)')
})
