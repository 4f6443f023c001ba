import { expect, test } from 'vitest'
import { portWords, requirePorts } from '../../../../server/supervise/free-ports.ts'

const use = { port: 80, use: 'console and API' }
const words = (problem: string) => portWords(use, '127.0.0.1', problem, 'set FADO_HTTP_PORT to another one')

test.for([
  ['EADDRINUSE', 'Port 80 (console and API) is taken: stop what uses it, or set FADO_HTTP_PORT to another one'],
  [
    'EACCES',
    'Port 80 (console and API) is kept for the system, as those below 1024 are: set FADO_HTTP_PORT to another one',
  ],
  ['EADDRNOTAVAIL', 'Port 80 (console and API) cannot be had on 127.0.0.1, which is no address of this machine'],
  ['EPERM', 'Port 80 (console and API) cannot be used on 127.0.0.1 (EPERM): set FADO_HTTP_PORT to another one'],
])('a port that cannot be had for %s is told in words with what helps', ([problem, message]) => {
  expect(words(problem ?? '')).toBe(message)
})

test('an address of another machine is told as such', async () => {
  await expect(requirePorts([use], '203.0.113.1', 'move it')).rejects.toThrow('which is no address of this machine')
})
