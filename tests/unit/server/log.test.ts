import { expect, test } from 'vitest'
import { createLog } from '../../../server/log.ts'

test('the values of secrets never reach the log, down to the third level, and all else does', () => {
  const lines: string[] = []
  const log = createLog('info', 'test', { write: (line) => void lines.push(line) })
  const secrets = Object.fromEntries(
    ['accessKey', 'secretKey', 'credentials', 'password', 'token', 'authorization', 'secret'].map((name) => [
      name,
      'hush',
    ]),
  )
  log.info({ ...secrets, store: 'edge' }, 'said')
  log.info({ one: secrets, headers: secrets }, 'said')
  log.info({ err: new Error('broke'), one: { two: secrets } }, 'said')
  expect(lines).toHaveLength(3)
  expect(lines.join('')).not.toContain('hush')
  expect(lines[0]).toContain('edge')
  expect(lines[2]).toContain('broke')
})
