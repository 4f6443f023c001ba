// A server that speaks HTTP/1.1 and HTTP/2 at one port, without TLS. Whatever it is asked it answers 200.
import { once } from 'node:events'
import http from 'node:http'
import http2 from 'node:http2'
import net, { type AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

/** With it a connection of HTTP/2 begins. */
const preface = 'PRI * HTTP/2.0'

export async function startBothProtocols(name: string): Promise<{ readonly name: string; readonly port: number }> {
  const plain = http.createServer((request, response) => {
    request.resume().on('end', () => response.end(name))
  })
  const streams = http2.createServer((request, response) => {
    request.resume().on('end', () => response.end(name))
  })
  const sockets = new Set<net.Socket>()
  const server = net.createServer((socket) => {
    sockets.add(socket.on('close', () => sockets.delete(socket)).on('error', () => socket.destroy()))
    socket.once('data', (first: Buffer) => {
      socket.pause()
      socket.unshift(first)
      const speaksHttp2 = first.toString('latin1', 0, preface.length) === preface
      ;(speaksHttp2 ? streams : plain).emit('connection', socket)
      process.nextTick(() => socket.resume())
    })
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return { name, port: (server.address() as AddressInfo).port }
}
