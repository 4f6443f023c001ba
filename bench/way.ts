// The way to a store: a round trip that takes as long as it is told, and that can be closed. Bytes are not limited.
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

export type Way = {
  /** Of the store, over it. */
  readonly endpoint: string
  /** What is open is cut off, and nothing gets through any more. */
  close(): void
  open(): void
  stop(): Promise<void>
}

/** `roundTripMs`: half of it each way. */
export async function startWay(endpoint: string, roundTripMs = 0): Promise<Way> {
  const { port, hostname } = new URL(endpoint)
  const carried = new Set<Socket>()
  let isClosed = false
  const late = (work: () => unknown): void => {
    if (roundTripMs === 0) work()
    else setTimeout(work, roundTripMs / 2) // what was set first is over first
  }
  function carry(from: Socket, to: Socket): void {
    carried.add(from.setNoDelay(true))
    from.on('data', (bytes) => late(() => to.write(bytes)))
    from.on('error', () => undefined)
    from.on('close', () => {
      carried.delete(from)
      late(() => to.destroy())
    })
  }
  const server = createServer((near) => {
    if (isClosed) {
      near.destroy()
      return
    }
    const far = connect(Number(port), hostname)
    carry(near, far)
    carry(far, near)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  function cut(): void {
    for (const socket of carried) socket.destroy()
  }
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      isClosed = true
      cut()
    },
    open() {
      isClosed = false
    },
    async stop() {
      const closed = once(server, 'close')
      server.close()
      cut()
      await closed
    },
  }
}
