// Writes down what this process's Envoys have ACKed. Reports come in the order of the streams' ACKs; of several that wait
// only the last is written.
import type { Pool } from '../db/core/pool.ts'
import {
  closeOrphans,
  closeStream,
  forgetExpired,
  keepStreams,
  openStream,
  runLeases,
  type StreamOpened,
} from '../db/proxies/proxy-streams.ts'
import { type StreamProgress, writeProgress } from '../db/proxies/stream-progress.ts'
import type { Log } from '../log.ts'
import { startWorkLoop } from '../work-loop.ts'
import type { DatabaseReach } from './database-reach.ts'

const heartbeatSeconds = 2
const silentSeconds = 10

export type ProxyRegistry = {
  /** `at`: when, by `performance.now()`. */
  connected(opened: Opened): void
  progress(progress: StreamProgress): void
  disconnected(stream: { readonly streamId: string }): void
  stop(): Promise<void>
}

type Opened = Omit<StreamOpened, 'openMs' | 'controlPlane'> & { readonly at: number }
/** What there is to say of a stream. */
type Report = { opened?: Opened; progress?: StreamProgress; closed?: true }

export async function startProxyRegistry(deps: {
  pool: Pool
  log: Log
  processId: string
  /** How this process is called where people read of it. */
  controlPlane: string
  leaseSeconds: number
  reach: DatabaseReach
}): Promise<ProxyRegistry> {
  const { pool, log, processId, controlPlane, leaseSeconds, reach } = deps
  /** To be written. */
  const waiting = new Map<string, Report>()
  /** What is known of each open stream, should its row be lost. */
  const open = new Map<string, Report>()
  let lastBeat = 0
  await pool.transaction((tx) => closeOrphans(tx, silentSeconds, leaseSeconds))
  await runLeases(pool, 0)

  async function write(streamId: string, { opened, progress, closed }: Report): Promise<void> {
    await pool.transaction(
      async (tx) => {
        if (opened) await openStream(tx, processId, { ...opened, controlPlane, openMs: performance.now() - opened.at })
        if (progress) await writeProgress(tx, progress)
        if (closed) await closeStream(tx, streamId, leaseSeconds)
      },
      { plansOnce: true },
    )
  }
  /** What came while it was being written wins over what could not be written. */
  function putBack(streamId: string, failed: Report) {
    const since = waiting.get(streamId)
    waiting.delete(streamId)
    waiting.set(streamId, { ...failed, ...since })
  }

  async function beat(): Promise<void> {
    // Those with an ACK still to be written are kept, too: a stream that ACKs every second would else never be, and its proxy
    // would count as gone.
    const written = [...open.keys()].filter((id) => waiting.get(id)?.opened === undefined)
    for (const id of await keepStreams(pool, written)) {
      const known = open.get(id)
      if (known) waiting.set(id, { ...known, ...waiting.get(id) })
    }
    await pool.transaction((tx) => closeOrphans(tx, silentSeconds, leaseSeconds))
    await runLeases(pool, silentSeconds)
    reach.reached()
  }

  function onError(error: unknown): void {
    log.error({ err: error }, 'what the proxies ACKed could not be written')
    reach.missed()
  }

  const loop = startWorkLoop({
    onError,
    retryMs: 200,
    idleMs: heartbeatSeconds * 1000,
    async step() {
      if (performance.now() - lastBeat >= heartbeatSeconds * 1000) {
        lastBeat = performance.now()
        await beat()
        await pool.transaction(forgetExpired)
      }
      const failures: unknown[] = []
      for (const [streamId, report] of [...waiting]) {
        waiting.delete(streamId)
        try {
          await write(streamId, report)
          reach.reached()
        } catch (error) {
          putBack(streamId, report)
          if (pool.isOutage(error)) throw error
          failures.push(error) // what is wrong with one stream keeps no other waiting
        }
      }
      if (failures.length > 0) throw failures[0]
      return waiting.size > 0 ? 0 : undefined
    },
  })
  function report(streamId: string, part: Report) {
    waiting.set(streamId, { ...waiting.get(streamId), ...part })
    if (part.closed) open.delete(streamId)
    else open.set(streamId, { ...open.get(streamId), ...part })
    loop.wake()
  }
  return {
    connected: (opened) => report(opened.streamId, { opened }),
    progress: (progress) => report(progress.streamId, { progress }),
    disconnected: ({ streamId }) => report(streamId, { closed: true }),
    async stop() {
      await loop.stop()
      for (const [streamId, rest] of waiting)
        await write(streamId, rest).catch((error: unknown) => log.warn({ err: error }, 'a last report is lost'))
    },
  }
}
