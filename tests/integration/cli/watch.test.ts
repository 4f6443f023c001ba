import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, onTestFinished, test } from 'vitest'

const root = path.resolve(import.meta.dirname, '../../..')

/** An API whose list of tokens is another one each time. */
async function changing(): Promise<string> {
  let asked = 0
  const server = createServer((_request, response) => {
    asked += 1
    const token = { id: `t${asked}`, name: 'ci', role: 'VIEWER', zones: [], expiresAt: null, lastUsedAt: null }
    response.end(JSON.stringify({ data: { tokens: [token] } }))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** A pipe as a shell makes it; resolves when all of it has ended. */
async function shell(command: string, url: string) {
  const child = spawn('bash', ['-c', `set -o pipefail; ${command}`], {
    cwd: root,
    env: { ...process.env, FADO_URL: url, FADO_TOKEN: 'a-token-of-sixteen', FADO: `${process.execPath} bin/fado.mjs` },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  onTestFinished(() => {
    try {
      process.kill(-(child.pid ?? 0), 'SIGKILL')
    } catch {
      // All of it has ended.
    }
  })
  const [said, error, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')])
  return { said, error, code }
}

test('a watch whose reader has had enough ends by itself, as done', async () => {
  expect(await shell('$FADO get tokens --watch | head -1', await changing())).toEqual({
    said: expect.stringContaining('NAME') as string,
    error: '',
    code: 0,
  })
})
