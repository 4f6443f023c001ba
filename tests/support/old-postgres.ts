import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

/** One message of PostgreSQL's protocol: its letter, its length, its content. */
function message(type: string, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts)
  const head = Buffer.alloc(5)
  head.write(type)
  head.writeInt32BE(content.length + 4, 1)
  return Buffer.concat([head, content])
}
const text = (value: string) => Buffer.from(`${value}\0`)
const int16 = (value: number) => Buffer.from([value >> 8, value & 255])
const int32 = (value: number) => Buffer.from([value >> 24, (value >> 16) & 255, (value >> 8) & 255, value & 255])
const column = (name: string) =>
  Buffer.concat([text(name), int32(0), int16(0), int32(25), int16(-1), int32(-1), int16(0)])
const value = (one: string) => Buffer.concat([int32(one.length), Buffer.from(one)])
const ready = message('Z', Buffer.from('I'))

/** A server that answers every query with its version, as two columns. A fake: nobody ships the old ones any more. */
export async function startOldPostgres(number: string, version: string): Promise<string> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.once('data', () => {
      socket.write(Buffer.concat([message('R', int32(0)), ready]))
      socket.on('data', (query) => {
        if (query.toString('latin1', 0, 1) !== 'Q') return void socket.end()
        const row = message('D', int16(2), value(number), value(version))
        const columns = message('T', int16(2), column('number'), column('text'))
        socket.write(Buffer.concat([columns, row, message('C', text('SELECT 1')), ready]))
      })
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return `postgresql://fado:geheim@127.0.0.1:${(server.address() as AddressInfo).port}/fado`
}
