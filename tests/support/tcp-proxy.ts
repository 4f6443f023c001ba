// A TCP proxy that fails as networks do: silently.
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

export type TcpProxy = {
  readonly port: number
  /** Sends new connections there from now on. */
  target(port: number): void
  /** What is open stays open and carries nothing any more, in both directions; new connections work. */
  freezeOpen(): void
  /** New connections are accepted and carry nothing either. */
  freezeNew(frozen: boolean): void
  /** A connection over which this is asked falls silent before it; undefined: none does. */
  freezeBefore(words: string | undefined): void
  /** Ends all that is open. */
  cut(): void
  /** Breaks it off, as the system of a process that died with unread data does. */
  reset(): void
}

export async function startTcpProxy(first: number): Promise<TcpProxy> {
  type Pair = { readonly near: Socket; readonly far: Socket | undefined; frozen: boolean }
  const pairs = new Set<Pair>()
  let target = first
  let frozen = false
  let before: string | undefined
  const server = createServer({ allowHalfOpen: true }, (near) => {
    const far = frozen ? undefined : connect({ port: target, host: '127.0.0.1', allowHalfOpen: true })
    const pair: Pair = { near, far, frozen }
    pairs.add(pair)
    const end = () => {
      pairs.delete(pair)
      near.destroy()
      far?.destroy()
    }
    for (const [from, to] of [
      [near, far],
      [far, near],
    ]) {
      from?.on('error', () => undefined)
      from?.on('data', (data) => {
        if (from === near && before !== undefined && data.includes(before)) pair.frozen = true
        if (!pair.frozen) to?.write(data)
      })
      // Of what is frozen neither side learns that the other has gone.
      for (const gone of ['end', 'close'])
        from?.on(gone, () => {
          if (!pair.frozen) end()
        })
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const endAll = (end: (socket: Socket) => unknown) => {
    for (const { near, far } of pairs) {
      end(near)
      if (far) end(far)
    }
    pairs.clear()
  }
  const cut = () => endAll((socket) => socket.destroy())
  onTestFinished(() => {
    server.close()
    cut()
  })
  return {
    port: (server.address() as AddressInfo).port,
    target(port) {
      target = port
    },
    freezeOpen() {
      for (const pair of pairs) pair.frozen = true
    },
    freezeNew(wanted) {
      frozen = wanted
    },
    freezeBefore(words) {
      before = words
    },
    cut,
    reset: () => endAll((socket) => socket.resetAndDestroy()),
  }
}

/** The same database, reached through the proxy. */
export function through(url: string, { port }: TcpProxy): string {
  const changed = new URL(url)
  changed.port = String(port)
  return changed.href
}
export const portOf = (url: string): number => Number(new URL(url).port)
