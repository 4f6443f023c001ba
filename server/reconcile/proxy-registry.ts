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

const heartbeatSeconds = 2
const silentSeconds = 10
/**
 * A process that did not reach PostgreSQL for so long knows nothing of what is decided, and others take its streams for ended. Not
 * less: for a short outage of PostgreSQL no Envoy need begin anew.
 */
const lostSeconds = 30

export type ProxyRegistry = {
  /** `at`: when, by `performance.now()`. */
  connected(opened: Opened): void
  progress(progress: StreamProgress): void
  disconnected(stream: { readonly streamId: string }): void
  stop(): Promise<void>
}

type Opened = Omit<StreamOpened, 'openMs' | 'controlPlane'> & { readonly at: number }
type Waiting = { opened?: Opened; progress?: StreamProgress; closed?: true }

export async function startProxyRegistry(deps: {
  pool: Pool
  log: Log
  processId: string
  /** How this process is called where people read of it. */
  controlPlane: string
  leaseSeconds: number
  /** The streams should end, so that their Envoys go to a control plane that knows more, and none be taken until `onBack`. */
  onLost: () => void
  onBack: () => void
  /** Default 30. */
  afterSeconds?: number
}): Promise<ProxyRegistry> {
  const { pool, log, processId, controlPlane, leaseSeconds, onLost, onBack, afterSeconds = lostSeconds } = deps
  const waiting = new Map<string, Waiting>()
  /** What is known of each open stream, should its row be lost. */
  const open = new Map<string, Waiting>()
  let lastBeat = 0
  /**
   * How long the database was asked and did not answer; null: it answered last. A process that was held up or paused did not ask
   * meanwhile, so no one question counts for more than a third of what is an outage.
   */
  let unreached: { readonly ms: number; readonly at: number } | null = null
  let lost = false
  await pool.transaction((tx) => closeOrphans(tx, silentSeconds, leaseSeconds))
  await runLeases(pool, 0)

  async function write(streamId: string, { opened, progress, closed }: Waiting): Promise<void> {
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
  function putBack(streamId: string, failed: Waiting) {
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
    unreached = null
    if (!lost) return
    lost = false
    log.info('the database is in reach again: Envoys are taken')
    onBack()
  }

  function onError(error: unknown): void {
    log.error({ err: error }, 'what the proxies ACKed could not be written')
    const at = performance.now()
    const outageMs = afterSeconds * 1000
    unreached = { at, ms: unreached === null ? 0 : unreached.ms + Math.min(at - unreached.at, outageMs / 3) }
    if (lost || unreached.ms < outageMs) return
    lost = true
    log.warn('the database is out of reach: Envoys are sent to another control plane, if there is one')
    onLost()
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
          unreached = null
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
  function report(streamId: string, part: Waiting) {
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
