// Notices within 5 s that the socket is dead, and asks the browser whether its own network is to blame. One that lives may be of a
// FaDO that cannot use its database: then nothing is heard of what happens, and that is no live page either.
import type { Client } from 'graphql-ws'
import type { Link } from './link.ts'
import type { ServerClock } from './server-clock.ts'

/** Between two pings, and for the answer to one: 5 s in the worst case. */
export const pingInterval = 2_000
const pongWait = 2_800

/** What a browser says of its network: `online` and `offline` are its events. */
export type Network = Pick<EventTarget, 'addEventListener' | 'removeEventListener'> & { readonly online: () => boolean }

type Parts = { readonly socket: Client; readonly link: Link; readonly clock: ServerClock; readonly network: Network }

/** Our server tells its time with each answer to a ping. */
const timeOf = (payload: Record<string, unknown> | undefined): number | undefined =>
  typeof payload?.['now'] === 'number' ? payload['now'] : undefined

/** Ends with what it returns; the pings themselves are the socket's (`keepAlive`). */
export function watchLink({ socket, link, clock, network }: Parts): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined
  let asked = 0
  let away = false
  const lost = () => link.down(network.online() ? 'fado' : 'network')
  const offs = [
    socket.on('ping', (received) => {
      if (received) return
      asked = Date.now()
      clearTimeout(timer)
      // The browser itself would notice only minutes later.
      timer = setTimeout(() => {
        lost()
        socket.terminate()
      }, pongWait)
    }),
    socket.on('pong', (received, payload) => {
      if (!received) return
      clearTimeout(timer)
      const now = timeOf(payload)
      if (now !== undefined) clock.learn({ asked, answered: Date.now(), earliest: now, latest: now })
      // That of the protocol, which comes after it, has no payload.
      const was = away
      if (payload !== undefined) away = payload['away'] === true
      if (away) link.down('database')
      // What happened meanwhile was not told: it connects anew, and is told all that there is.
      else if (was) socket.terminate()
      else link.up() // a network that is gone does not part us from a FaDO on the same machine
    }),
    socket.on('closed', () => {
      clearTimeout(timer)
      away = false
    }),
  ]
  const offline = () => link.down('network')
  const online = () => {
    if (!link.get().live) link.down('fado')
  }
  network.addEventListener('offline', offline)
  network.addEventListener('online', online)
  return () => {
    clearTimeout(timer)
    for (const off of offs) off()
    network.removeEventListener('offline', offline)
    network.removeEventListener('online', online)
  }
}
