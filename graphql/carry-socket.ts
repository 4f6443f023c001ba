// What graphql-ws needs of a WebSocket. Its own adapter prints what is wrong with a client's connection on standard error; of
// FaDO all that is printed is a line of the log.
import type { IncomingMessage } from 'node:http'
import type { Server } from 'graphql-ws'
import type { WebSocket } from 'ws'
import type { Log } from '../server/log.ts'

export type SocketExtra = { readonly socket: WebSocket; readonly request: IncomingMessage }

/**
 * Clients open the socket anew, and ask again for all that they follow: what failed here, such as the database, may work again
 * in a moment. graphql-ws' own code for it (4500) is final to its clients.
 */
export const tryAgainLater = 1013

/** A client that does not answer for so long is gone. */
const silenceMs = 12_000

/** Pings until the socket closes; without an answer before the next ping it is cut. */
function keepAlive(socket: WebSocket): void {
  let answered = true
  socket.on('pong', () => {
    answered = true
  })
  const timer = setInterval(() => {
    if (!answered) return socket.terminate()
    answered = false
    socket.ping()
  }, silenceMs)
  socket.once('close', () => clearInterval(timer))
}

/** Serves one accepted socket until it closes. */
export function carrySocket<E extends SocketExtra>(deps: { server: Server<E>; log: Log }, extra: E): void {
  const { server, log } = deps
  const { socket } = extra
  // A frame that is broken or too large, a cut: ws closes the socket itself, with the code that says so.
  socket.on('error', (error) => log.debug({ err: error }, 'a WebSocket broke'))
  keepAlive(socket)
  const closed = server.opened(
    {
      protocol: socket.protocol,
      // A client that leaves while it is told something is no failure: its subscriptions end by `close`, which follows.
      send: (data) => new Promise((resolve) => socket.send(data, () => resolve())),
      close: (code, reason) => socket.close(code, reason),
      onMessage: (take) =>
        socket.on('message', (data) => {
          take(String(data)).catch((error: unknown) => {
            log.error({ err: error }, 'a message of a WebSocket could not be handled')
            socket.close(tryAgainLater, 'Something went wrong here')
          })
        }),
    },
    extra,
  )
  socket.once('close', (code, reason) => {
    closed(code, String(reason)).catch((error: unknown) => log.error({ err: error }, 'a WebSocket did not end well'))
  })
}
