import { expect, test } from 'vitest'
import { doneText, servingText } from '../../../../server/cli/get.ts'

test('a copy that serves nothing for want of functions says so', () => {
  const at = (faasDeployments: readonly { readonly id: string }[]) => ({
    name: 'edge',
    cluster: { name: 'edge', faasDeployments },
  })
  expect(servingText({ serving: true, storageDeployment: at([{ id: 'f' }]) })).toBe('yes')
  expect(servingText({ serving: false, storageDeployment: at([{ id: 'f' }]) })).toBe('no')
  expect(servingText({ serving: false, storageDeployment: at([]) })).toBe('no (no functions)')
})

test('a first copy tells how much of it is there, one that is taken over how much is compared', () => {
  const progress = { phase: 'copying', objectsDone: 1, objectsTotal: 4, bytesDone: 999, bytesTotal: 1_000 }
  expect(doneText({ state: 'SYNCING', progress })).toBe('999 B of 1 kB, 99 %')
  expect(doneText({ state: 'SYNCING', progress: { ...progress, phase: 'comparing' } })).toBe(
    '1 of 4 objects compared, 25 %',
  )
  expect(doneText({ state: 'SYNCING', progress: { ...progress, bytesTotal: 0 } })).toBe('1 of 4 objects, 25 %')
  expect(doneText({ state: 'IN_SYNC', progress })).toBeNull()
  expect(doneText({ state: 'SYNCING', progress: null })).toBeNull()
})
