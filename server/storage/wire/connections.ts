// The connections to a store, kept for the next exchange. As many as there are exchanges under way: a copy holds one while it asks
// for another, so a limit could stop them all. Who calls bounds what is under way.
import type { SecureContext } from 'node:tls'
import { hostOf, portOf } from '../../host-and-port.ts'
import {
  type Connection,
  type Exchange,
  type Origin,
  openConnection,
  type Patience,
  type Receiver,
} from './connection.ts'
import { type RequestMessage, requestMessage, type WireRequest } from './request-message.ts'

export type Connections = {
  /**
   * `origin`: scheme, name and port. Throws where the request cannot be sent. A question that a kept connection took along as it
   * ended is asked again.
   */
  send(origin: string, request: WireRequest, to: Receiver, patience: Patience): Exchange
  /** What is under way fails, and all that comes. */
  close(): void
}

type ConnectionsOptions = {
  readonly connectMs: number
  /** Asked for with the first connection over TLS. */
  readonly secureContext: () => SecureContext
  readonly skipTlsVerify: boolean
}

/** Where an answer may take minutes the system asks meanwhile whether the path is there. */
const keepAliveMs = 5_000
/** Servers end what nobody uses for 5 s and more; a connection that is used in that moment is lost with its request. */
const idleMs = 4_000
/** How exact time limits are, at most. */
const lookMs = 100

/** RFC 9110, 9.2.2: it may be asked twice. */
const isQuestion = ({ method, body }: RequestMessage) => body === null && (method === 'GET' || method === 'HEAD')
const isCut = (error: Error & { code?: string }) => error.code === 'ECONNRESET' || error.code === 'EPIPE'

export function createConnections(options: ConnectionsOptions): Connections {
  const { connectMs, skipTlsVerify } = options
  const all = new Set<Connection>()
  /** By origin; the one that was used last stands last. */
  const free = new Map<string, { readonly connection: Connection; readonly since: number }[]>()
  const sessions = new Map<string, Buffer>()
  let context: SecureContext | undefined
  let looks: NodeJS.Timeout | undefined
  let isClosed = false
  const closed = () => Object.assign(new Error('the connections are closed'), { code: 'ABORT_ERR' })

  function look(): void {
    const now = performance.now()
    for (const connection of all) connection.look(now)
    for (const kept of free.values())
      while (kept[0] !== undefined && now - kept[0].since > idleMs) kept.shift()?.connection.destroy(closed())
    if (all.size > 0) return
    clearInterval(looks)
    looks = undefined
  }

  function placeOf(origin: string): Origin {
    const url = new URL(origin)
    const isSecure = url.protocol === 'https:'
    if (isSecure) context ??= options.secureContext()
    return {
      host: hostOf(url),
      port: portOf(url),
      tls: isSecure && context !== undefined ? { context, rejectUnauthorized: !skipTlsVerify } : null,
    }
  }

  function open(origin: string): Connection {
    const session = {
      session: sessions.get(origin),
      onSession: (one: Buffer) => void sessions.set(origin, one),
    }
    const connection = openConnection(
      placeOf(origin),
      { connectMs, keepAliveMs, ...session },
      {
        free(one) {
          const kept = free.get(origin) ?? []
          kept.push({ connection: one, since: performance.now() })
          free.set(origin, kept)
        },
        closed: (one) => void all.delete(one),
      },
    )
    all.add(connection)
    looks ??= setInterval(look, Math.min(lookMs, connectMs / 4)).unref()
    return connection
  }

  function take(origin: string): Connection {
    const kept = free.get(origin) ?? []
    for (let last = kept.pop(); last !== undefined; last = kept.pop())
      if (last.connection.isFree()) return last.connection
    return open(origin)
  }

  return {
    send(origin, request, to, patience) {
      if (isClosed) throw closed()
      const message = requestMessage(origin, request)
      const connection = take(origin)
      if (connection.isNew() || !isQuestion(message)) return connection.send(message, to, patience)
      let again: Exchange | undefined
      const fail: Receiver['fail'] = (error, unheard) => {
        if (isClosed || !unheard || !isCut(error)) to.fail(error, unheard)
        else again = open(origin).send(message, to, patience)
      }
      const exchange = connection.send(message, { ...to, fail }, patience)
      return {
        more: () => (again ?? exchange).more(),
        abort: (error) => (again ?? exchange).abort(error),
      }
    },
    close() {
      isClosed = true
      for (const connection of all) connection.destroy(closed())
    },
  }
}
