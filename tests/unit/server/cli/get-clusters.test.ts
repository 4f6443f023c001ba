import { expect, test } from 'vitest'
import { functionsText, healthText, storeStateText } from '../../../../server/cli/get-clusters.ts'

test('what is amiss is told with the state, also while it is only doubted', () => {
  expect(healthText({ status: 'HEALTHY', backAt: null, detail: null })).toBe('HEALTHY')
  expect(healthText({ status: 'UNHEALTHY', backAt: null, detail: 'It answers 503' })).toBe('UNHEALTHY (It answers 503)')
  expect(healthText({ status: 'HEALTHY', backAt: null, detail: 'No answer. Most are silent' })).toBe(
    'HEALTHY (No answer. Most are silent)',
  )
})

test('what is coming back says until when it does', () => {
  const detail = 'It was down and answers again'
  expect(healthText({ status: 'DEGRADED', backAt: '2026-01-02T03:04:35.000Z', detail })).toBe(
    'DEGRADED until 2026-01-02T03:04:35.000Z, if it stays well (It was down and answers again)',
  )
})

test('what movers suffer of a store that answers its probes is told with its state, of one that is down only that', () => {
  const troubles = [{ code: 'STORE_TAKES_NO_WRITES', message: 'edge takes no writes', since: null }]
  const health = { status: 'HEALTHY', since: null, cause: null, detail: null, backAt: null } as const
  expect(storeStateText({ health, troubles: [] })).toBe('HEALTHY')
  expect(storeStateText({ health, troubles })).toBe('HEALTHY, in trouble (edge takes no writes)')
  const down = { ...health, status: 'UNHEALTHY', detail: 'It answers 503' } as const
  expect(storeStateText({ health: down, troubles })).toBe('UNHEALTHY (It answers 503)')
})

test('functions that answer their probes though their platform refuses the key, or is another one, are told so', () => {
  const health = { status: 'HEALTHY', since: null, cause: null, detail: null, backAt: null } as const
  const functions = { kind: 'AWS_LAMBDA', url: 'http://f', health, hints: [] } as const
  expect(functionsText(functions)).toBe('AWS_LAMBDA http://f HEALTHY')
  const hints = [{ code: 'PLATFORM_REFUSES', message: 'It refuses the key', since: null }]
  expect(functionsText({ ...functions, hints })).toBe('AWS_LAMBDA http://f HEALTHY, refuses the key')
  const other = [{ code: 'NOT_THE_PLATFORM', message: 'It answers 404', since: null }]
  expect(functionsText({ ...functions, hints: other })).toBe('AWS_LAMBDA http://f HEALTHY, may be another platform')
})
