// Wakes workers in other processes. A NOTIFY carries only a topic; what is to be done stands in the tables.
import { setTimeout as sleep } from 'node:timers/promises'
import { type Topic, topics } from './news.ts'
import type { Pool } from './pool.ts'

const channel = 'fado'

export type Wakeups = {
  /** Returns what takes the listener away again. A listener is also called after a lost connection came back. */
  on(topic: Topic, listener: () => void): () => void
  /** Whether what other processes say is heard now. */
  isListening(): boolean
  stop(): Promise<void>
}

/** What is said to other processes goes at once, and so long after that as one. */
const coalesceMs = 5
const reconnectMs = 500
/** So long a stop waits for what is still to be said to others; who misses it looks at the tables by and by. */
const lastWordMs = 250

/** What is written through this pool wakes this process at once and the others within 5 ms. */
export async function createWakeups(pool: Pool, onError: (error: unknown) => void): Promise<Wakeups> {
  const listeners = new Map<Topic, Set<() => void>>(topics.map((topic) => [topic, new Set()]))
  const pending = new Set<Topic>()
  let timer: NodeJS.Timeout | undefined
  let flushing: Promise<void> = Promise.resolve()
  const stopping = new AbortController()
  /** The end of a connection that we end is no news. */
  const failed = (error: unknown) => {
    if (!stopping.signal.aborted) onError(error)
  }
  const call = (topic: Topic) => {
    for (const listener of listeners.get(topic) ?? []) listener()
  }

  let client: Awaited<ReturnType<Pool['dedicated']>> | undefined
  let self = 0
  async function connect() {
    const next = await pool.dedicated()
    const ended = new Promise<void>((resolve) => next.once('end', resolve))
    next.on('error', failed)
    next.on('notification', ({ payload, processId }) => {
      if (processId === self) return // ours: called at once when it was written
      for (const name of (payload ?? '').split(',')) if (topics.includes(name as Topic)) call(name as Topic)
    })
    try {
      self = (await next.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')).rows[0]?.pid ?? 0
      await next.query(`LISTEN ${channel}`)
    } catch (error) {
      await next.end().catch(() => undefined)
      throw error // whoever connects tries again
    }
    void ended.then(reconnect)
    client = next
    if (pending.size > 0) flushSoon()
  }
  async function reconnect() {
    client = undefined
    while (!stopping.signal.aborted) {
      try {
        await sleep(reconnectMs, undefined, { signal: stopping.signal })
        await connect()
        for (const topic of topics) call(topic) // something may have been missed
        return
      } catch (error) {
        failed(error)
      }
    }
  }
  let flushedAt = Number.NEGATIVE_INFINITY
  const flushSoon = () => {
    timer ??= setTimeout(
      () => {
        flushing = flush()
      },
      Math.max(0, flushedAt + coalesceMs - performance.now()),
    )
  }
  /** One at a time: what comes while one is under way goes with the next, and what could not be sent after reconnecting. */
  async function flush() {
    flushedAt = performance.now()
    const names = [...pending]
    pending.clear()
    const sent = await client?.query('SELECT pg_notify($1, $2)', [channel, names.join(',')]).catch(failed)
    timer = undefined
    if (sent === undefined) for (const name of names) pending.add(name)
    else if (pending.size > 0 && !stopping.signal.aborted) flushSoon()
  }

  await connect()
  const off = pool.onWake((topic) => {
    call(topic)
    pending.add(topic)
    flushSoon()
  })
  return {
    isListening: () => client !== undefined,
    on(topic, listener) {
      listeners.get(topic)?.add(listener)
      return () => void listeners.get(topic)?.delete(listener)
    },
    async stop() {
      stopping.abort()
      off()
      clearTimeout(timer)
      const said = flushing.then(() => (pending.size > 0 ? flush() : undefined))
      await Promise.race([said, sleep(lastWordMs, undefined, { ref: false })])
      await client?.end().catch(failed)
    },
  }
}
