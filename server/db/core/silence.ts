// A path to PostgreSQL can fall silent without an error: packets are dropped, something on the way hangs. Slowness looks the
// same from here, so the server is asked over another connection whether it works on what we wait for.
import type { Socket } from 'node:net'
import { setImmediate as untilRead } from 'node:timers/promises'
import type pg from 'pg'
import type { Deadlines } from './deadlines.ts'

/** Looks so many times within the time after which silence is suspected. */
const looks = 6

/** Of pg.Client, but not in its types: whether no answer is due, and the connection's socket (the one below TLS is in it). */
type Inside = { readonly readyForQuery: boolean; readonly connection: { readonly stream: Socket } }
const inside = (client: pg.Client) => client as unknown as Inside

export type SilenceWatch = {
  /** From now on, until it ends. `backend`: the server's process that serves it. */
  watch(client: pg.Client, backend: string): void
  /** Cuts all of them. What waits for an answer fails. */
  cutAll(reason: Error): void
  stop(): void
}

type Watched = { readonly backend: string; bytes: number; movedAt: number }

export function createSilenceWatch(deps: {
  /** Those of these that work on a statement; rejects when the server does not answer. */
  busyOf: (backends: readonly string[]) => Promise<ReadonlySet<string>>
  /** Ends what nobody listens to any more, so that what it holds is free. */
  endBackends: (backends: readonly string[]) => Promise<void>
  onError: (error: Error) => void
  deadlines: Pick<Deadlines, 'silence'>
}): SilenceWatch {
  const { busyOf, endBackends, onError, deadlines } = deps
  const clients = new Map<pg.Client, Watched>()
  /** Given up while the server could not be reached. */
  const left = new Set<string>()
  let asking = false
  let timer: NodeJS.Timeout | undefined

  const cut = (client: pg.Client, reason: Error) => void inside(client).connection.stream.destroy(reason)

  function measure(): void {
    const now = performance.now()
    for (const [client, state] of clients) {
      const { stream } = inside(client).connection
      const bytes = stream.bytesRead + stream.bytesWritten
      if (bytes !== state.bytes) Object.assign(state, { bytes, movedAt: now })
    }
  }

  function look(): void {
    measure()
    const since = performance.now() - deadlines.silence
    if (!asking && (left.size > 0 || owed(since).length > 0)) void ask(since)
  }

  /** What moved no byte since `since`, though it may only have had nothing to say. */
  const still = (since: number) => [...clients].filter(([, { movedAt }]) => movedAt <= since)
  /** Those of them that owe an answer. */
  const owed = (since: number) => still(since).filter(([client]) => !inside(client).readyForQuery)

  async function ask(since: number): Promise<void> {
    asking = true
    // Where this process itself was held up, what came meanwhile is not read yet when its timers run.
    await untilRead()
    measure()
    const due = owed(since)
    if (due.length > 0) {
      // A server that cannot be asked counts as one that works on nothing.
      const busy = await busyOf(due.map(([, { backend }]) => backend)).catch(() => new Set<string>())
      for (const [, state] of due) if (busy.has(state.backend)) state.movedAt = performance.now() // asked about again later
      await untilRead()
      measure()
      if (owed(since).length > 0) giveUp(still(since))
    }
    // Fails while the server is out of reach, and is tried again.
    const gone = [...left]
    if (gone.length > 0)
      await endBackends(gone).then(
        () => {
          for (const one of gone) left.delete(one)
        },
        () => undefined,
      )
    asking = false
  }

  function giveUp(silent: readonly (readonly [pg.Client, Watched])[]): void {
    const seconds = deadlines.silence / 1000
    const reason = new Error(`PostgreSQL does not answer: no byte came for ${seconds} s, and it works on nothing`)
    for (const [client, { backend }] of silent) {
      left.add(backend)
      clients.delete(client)
      cut(client, reason)
    }
    if (silent.length > 0) onError(reason)
  }

  return {
    watch(client, backend) {
      clients.set(client, { backend, bytes: 0, movedAt: performance.now() })
      client.once('end', () => clients.delete(client))
      timer ??= setInterval(look, deadlines.silence / looks).unref()
    },
    cutAll(reason) {
      for (const client of clients.keys()) cut(client, reason)
    },
    stop: () => clearInterval(timer),
  }
}
