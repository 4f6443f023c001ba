// The way to a store, which holds requests back and delivers them when it is told to, though nobody waits for them any more.
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

export type HeldWay = {
  readonly endpoint: string
  /** Requests that are held back, whole. */
  held(): number
  /** Delivers them, and all that comes from now on. */
  deliver(): void
}

/** `isHeld` is asked of the first line of each request, e.g. `PUT /bucket/key HTTP/1.1`. Requests come one by one, and are small. */
export async function startHeldWay(endpoint: string, isHeld: (request: string) => boolean): Promise<HeldWay> {
  const port = Number(new URL(endpoint).port)
  const open = new Set<Socket>()
  const waiting: { readonly far: Socket; bytes: Buffer }[] = []
  let holds = true
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1')
    let own: (typeof waiting)[number] | null = null
    for (const socket of [near, far]) {
      open.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => open.delete(socket))
    }
    near.on('data', (data) => {
      if (own === null && holds && isHeld(data.toString('latin1').split('\r\n', 1)[0] ?? '')) {
        own = { far, bytes: Buffer.alloc(0) }
        waiting.push(own)
      }
      if (own === null || !holds) far.write(data)
      else own.bytes = Buffer.concat([own.bytes, data])
    })
    far.pipe(near)
    near.on('close', () => {
      if (own === null) far.destroy()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    for (const socket of open) socket.destroy()
  })
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    held: () => waiting.filter(({ bytes }) => isWhole(bytes)).length,
    deliver() {
      holds = false
      for (const { far, bytes } of waiting) far.write(bytes)
    },
  }
}

function isWhole(request: Buffer): boolean {
  const end = request.indexOf('\r\n\r\n')
  if (end < 0) return false
  const length = /\r\ncontent-length: *(\d+)/i.exec(request.subarray(0, end).toString('latin1'))?.[1] ?? '0'
  return request.length >= end + 4 + Number(length)
}
