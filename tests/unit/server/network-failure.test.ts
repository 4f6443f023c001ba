import { expect, test } from 'vitest'
import { networkFailure } from '../../../server/network-failure.ts'

const failed = (code: string) => Object.assign(new Error('connect'), { code })

test.each<[unknown, string]>([
  [failed('ECONNREFUSED'), 'the connection is refused'],
  [failed('EAI_AGAIN'), 'its host name does not resolve'],
  [failed('ERR_TLS_CERT_ALTNAME_INVALID'), 'its certificate is for another host'],
  [failed('EWHATEVER'), 'no answer (EWHATEVER)'],
  [new DOMException('late', 'TimeoutError'), 'no answer within 2 s'],
  [new Error('other side closed'), 'no answer'],
  ['nothing', 'no answer'],
])('%s is told as %s', (error, words) => {
  expect(networkFailure(error, 2_000)).toBe(words)
})
