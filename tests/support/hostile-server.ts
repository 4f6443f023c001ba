import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

/** What it does with a connection once a whole request head has come. */
export type Hostility = (socket: Socket, head: string) => void

/**
 * A server that breaks the rules, for the running test. A fake, because no real store hangs, lies and cuts when it is
 * asked to. Resolves to its address.
 */
export async function startHostileServer(hostility: Hostility): Promise<string> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => sockets.delete(socket))
    let head = ''
    socket.on('data', (chunk) => {
      head += chunk.toString('latin1')
      if (!head.includes('\r\n\r\n')) return
      const whole = head
      head = ''
      hostility(socket, whole)
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy()
    server.close()
    await once(server, 'close')
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return `http://127.0.0.1:${address.port}`
}

/** Answers every request with this, and closes the connection. */
export function answering(status: string, headers: Readonly<Record<string, string>>, body: string): Hostility {
  const lines = Object.entries({ 'content-length': String(Buffer.byteLength(body)), connection: 'close', ...headers })
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')
  return (socket, request) => {
    const withBody = !request.startsWith('HEAD')
    socket.end(`HTTP/1.1 ${status}\r\n${head}\r\n${withBody ? body : ''}`)
  }
}
