import { expect, test } from 'vitest'
import type { HealthStatus } from '../../../../graphql/generated/operations.ts'
import { doneText, servingText } from '../../../../server/cli/get.ts'

test('a copy that serves nothing for want of functions says so', () => {
  const text = (serving: boolean, ...functions: readonly HealthStatus[]) => {
    const faasDeployments = functions.map((status) => ({ health: { status } }))
    return servingText({ serving, storageDeployment: { name: 'edge', cluster: { name: 'edge', faasDeployments } } })
  }
  expect(text(true, 'HEALTHY')).toBe('yes')
  expect(text(false, 'HEALTHY')).toBe('no')
  expect(text(false)).toBe('no (no functions)')
  expect(text(true, 'UNHEALTHY', 'DEGRADED')).toBe('yes')
  expect(text(true, 'UNHEALTHY', 'UNHEALTHY')).toBe('no (its functions do not answer)')
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
