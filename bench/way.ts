// The way to a store, or to a control plane: a round trip that takes as long as it is told, and so many bytes a second in each
// direction, shared by all that goes over it; it may lose some. It counts what it carries, and can be closed.
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

export type Way = {
  /** Of what it leads to, over it. */
  readonly endpoint: string
  /** Bytes so far, in both directions. */
  carried(): number
  /** What is open is cut off, and nothing gets through any more. */
  close(): void
  open(): void
  stop(): Promise<void>
}

export type Shape = {
  /** Half of it each way. Default 0. */
  readonly roundTripMs?: number
  /** In each direction. Default: no limit. */
  readonly bytesPerSecond?: number
  /**
   * Share of what is sent that is lost: it comes two round trips later, as TCP sends again what nobody confirmed (its tail loss
   * probe, RFC 8985), and what follows waits for it. Default 0.
   */
  readonly lost?: number
}

/** What is further ahead than this has to wait where it comes from. */
const mostAheadMs = 50

/** One direction of a way. */
function createLane({ roundTripMs = 0, bytesPerSecond = Number.POSITIVE_INFINITY, lost = 0 }: Shape) {
  const waiting: { readonly due: number; readonly work: () => void }[] = []
  let isSet = false
  let freeAt = 0
  let lastDue = 0
  function drain(): void {
    isSet = false
    const now = performance.now()
    while (waiting[0] !== undefined && waiting[0].due <= now) waiting.shift()?.work()
    schedule()
  }
  function schedule(): void {
    const [first] = waiting
    if (first === undefined || isSet) return
    isSet = true
    setTimeout(drain, Math.max(0, first.due - performance.now()))
  }
  return {
    /** Does the work when so many bytes have arrived; returns how long the next ones must wait, in milliseconds. */
    pass(bytes: number, work: () => void): number {
      const now = performance.now()
      freeAt = Math.max(now, freeAt) + (bytes / bytesPerSecond) * 1000
      const late = lost > 0 && Math.random() < lost ? 2 * roundTripMs : 0
      const due = Math.max(lastDue, freeAt + roundTripMs / 2 + late)
      lastDue = due
      if (due <= now && waiting.length === 0) work()
      else waiting.push({ due, work })
      schedule()
      return freeAt - now
    },
  }
}

export async function startWay(endpoint: string, shape: Shape = {}): Promise<Way> {
  const { port, hostname } = new URL(endpoint)
  const lanes = { there: createLane(shape), back: createLane(shape) }
  const open = new Set<Socket>()
  let isClosed = false
  let carried = 0
  function carry(from: Socket, to: Socket, lane: ReturnType<typeof createLane>): void {
    open.add(from.setNoDelay(true))
    from.on('data', (bytes) => {
      carried += bytes.length
      const ahead = lane.pass(bytes.length, () => to.write(bytes))
      if (ahead < mostAheadMs) return
      from.pause()
      setTimeout(() => from.resume(), ahead - mostAheadMs / 2)
    })
    from.on('error', () => undefined)
    from.on('close', () => {
      open.delete(from)
      lane.pass(0, () => to.destroy())
    })
  }
  const server = createServer((near) => {
    if (isClosed) {
      near.destroy()
      return
    }
    const far = connect(Number(port), hostname)
    carry(near, far, lanes.there)
    carry(far, near, lanes.back)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  function cut(): void {
    for (const socket of open) socket.destroy()
  }
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    carried: () => carried,
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
