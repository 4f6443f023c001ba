// What FaDO asks of an address that somebody gave, which may be anybody.
import { expect, test } from 'vitest'
import { askOnce } from '../../../server/ask-once.ts'
import { anyTarget } from '../../../server/forbidden-target.ts'
import { type Hostility, startHostileServer } from '../../support/hostile-server.ts'

const says =
  (text: string): Hostility =>
  (socket) =>
    void socket.write(text)
const head = 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n'

/** Until the server's connection ends. */
const again =
  (first: string, text: string, ms = 5): Hostility =>
  (socket) => {
    socket.write(first)
    const timer = setInterval(() => socket.write(text), ms)
    socket.on('close', () => clearInterval(timer))
  }

test.each<[string, Hostility, string]>([
  ['nothing', says(''), 'aborted'],
  ['half a head', says('HTTP/1.1 200 OK\r\ncontent-le'), 'aborted'],
  ['half a body', says(`${head}half`), 'aborted'],
  ['a byte at a time', again(head, 'a', 100), 'aborted'],
  ['headers without end', again('HTTP/1.1 200 OK\r\n', `x: ${'y'.repeat(1_000)}\r\n`), 'Header overflow'],
  ['that it will answer, without end', again('', 'HTTP/1.1 100 Continue\r\n\r\n'), 'aborted'],
  [
    'that it speaks something else from now on',
    says('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: other\r\n\r\n'),
    'hung up',
  ],
])('who says %s is not waited for', async (_what, hostility, failure) => {
  const url = new URL(await startHostileServer(hostility))
  const asked = askOnce({ forbiddenTarget: anyTarget }, { url, signal: AbortSignal.timeout(300), mostBytes: 1_000 })
  await expect(asked).rejects.toThrow(failure)
})
