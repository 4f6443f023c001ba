import { expect, test } from 'vitest'
import { authText, callText, haveText } from '../../../../server/cli/get-functions.ts'

test('as whom FaDO calls is told without its secret', () => {
  const none = { as: null, region: null, service: null }
  expect(authText({ auth: null })).toBeNull()
  expect(authText({ auth: { ...none, kind: 'BEARER' } })).toBe('BEARER')
  expect(authText({ auth: { ...none, kind: 'KEY', as: 'x-functions-key' } })).toBe('KEY x-functions-key')
  expect(authText({ auth: { kind: 'AWS_SIGV4', as: 'AKIA', service: 'lambda', region: 'eu' } })).toBe(
    'AWS_SIGV4 AKIA for lambda in eu',
  )
})

test('a payload is told where it is not the call as it came', () => {
  expect(callText({ usedPathTemplate: '/{name}', usedPayload: 'HTTP', takes: 'PLAIN' })).toBe('/{name}')
  expect(callText({ usedPathTemplate: '/{name}', usedPayload: 'EVENT', takes: 'PLAIN' })).toBe('/{name} (EVENT)')
  expect(callText({ usedPathTemplate: '{rest}', usedPayload: 'HTTP', takes: 'GRPC' })).toBe('{rest} (gRPC)')
  expect(callText({ usedPathTemplate: '{rest}', usedPayload: 'HTTP', takes: 'BOTH' })).toBe('{rest} (also gRPC)')
})

test('functions that the platform lists are told from those that somebody said', () => {
  expect(haveText({ functions: null, listsFunctions: false })).toBe('any')
  expect(haveText({ functions: ['a', 'b'], listsFunctions: false })).toBe('a and b')
  expect(haveText({ functions: ['a'], listsFunctions: true })).toBe('a (listed)')
  expect(haveText({ functions: [], listsFunctions: true })).toBe('none (listed)')
})
