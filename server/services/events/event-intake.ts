// Events of stores, from their webhooks to the queue of keys. A store waits for our answer, so nothing is done before it: events are
// gathered in memory. One alone is marked at once, those that come meanwhile together, and where many come the next statement
// waits a few milliseconds for more.
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import { isRefusedData } from '../../db/core/transaction.ts'
import { markObjects, type ObjectMark } from '../../db/queue/dirty-objects.ts'
import { sweepAllMasters } from '../../db/queue/sweeps.ts'
import type { ServiceDeps } from '../shared/deps.ts'

export type TakenEvent = {
  readonly bucket: string
  /** The store that it is on, by name; without it any. */
  readonly store?: string | null
  readonly key: string
  readonly removed: boolean
  readonly size?: number
}

export type EventIntake = {
  /** Takes events and returns at once. `bucket` is the name on the master's store. */
  take(events: readonly TakenEvent[]): void
  /** An event was sent and could not be taken: nobody knows which, so every master is looked at again. */
  missed(): void
  stop(): Promise<void>
}

const gatherMs = 3
/** As many as MinIO itself keeps for a target. */
const mostWaiting = 50_000
const batch = 1_000
const retryMs = 250

/** While the database is away events wait; more than fit are dropped, and every master is looked at again afterwards. */
export function createEventIntake(
  deps: Pick<ServiceDeps, 'pool' | 'log'> & {
    /** So many keys of events were given up; the masters are looked at instead. */
    readonly onDropped?: (keys: number) => void
  },
): EventIntake {
  const { pool, log, onDropped } = deps
  const waiting = new Map<string, ObjectMark>()
  let gap = false
  let running: Promise<void> | undefined
  const stopping = new AbortController()

  async function drain(): Promise<void> {
    await nextTurn()
    while (waiting.size > 0 || gap) {
      const marks = [...waiting.entries().take(batch)]
      for (const [name] of marks) waiting.delete(name)
      const hadGap = gap
      gap = false
      try {
        if (hadGap) await sweepAllMasters(pool)
        await markObjects(
          pool,
          marks.map(([, mark]) => mark),
        )
        if (marks.length > 1 && waiting.size < batch) await sleep(gatherMs)
      } catch (error) {
        gap ||= hadGap
        if (isRefusedData(error)) {
          // It would be refused for ever, and hold up all that comes after it.
          gap = true
          onDropped?.(marks.length)
          log.error({ err: error, events: marks.length }, 'the database refuses events: every master is looked at')
          continue
        }
        // What came meanwhile is newer.
        for (const [name, mark] of marks) if (!waiting.has(name)) keep(name, mark)
        log.warn({ err: error, waiting: waiting.size }, 'events of stores wait for the database')
        if (stopping.signal.aborted) return
        await sleep(retryMs, undefined, { signal: stopping.signal }).catch(() => undefined)
      }
    }
  }
  function keep(name: string, mark: ObjectMark): void {
    if (!waiting.has(name) && waiting.size >= mostWaiting) {
      gap = true
      onDropped?.(1)
    } else waiting.set(name, mark)
  }
  function start(): void {
    running ??= drain().finally(() => {
      running = undefined
      if (!stopping.signal.aborted && (waiting.size > 0 || gap)) start()
    })
  }
  return {
    take(events) {
      for (const { bucket, ...event } of events)
        keep(`${event.store ?? ''}/${bucket}/${event.key}`, { masterBucketName: bucket, ...event })
      if (waiting.size > 0 || gap) start()
    },
    missed() {
      gap = true
      start()
    },
    async stop() {
      stopping.abort()
      await running
    },
  }
}
