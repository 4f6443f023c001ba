// Keeps a replica's figures, and what its keys suffer, up to date while keys are worked on: at most a few times a second each, and always
// once more after the last change.

import { addArrivals } from '../../db/copies/conformance.ts'
import { type CopySource, reportReplica, summariseReplica } from '../../db/copies/replica-reports.ts'
import type { Pool } from '../../db/core/pool.ts'
import { type Arrivals, addArrival, joinArrivals } from '../../domain/replica/conformance.ts'
import type { CopyId } from '../../domain/replica/copy-id.ts'

export type Reporter = {
  /** Something of this copy may have changed. */
  touch(id: CopyId): void
  /** A change is on the copy; `seconds`: its age by then. */
  arrived(id: CopyId, change: Arrivals['slowest']): void
  /** Bytes of one key on their way; `end` when the key is done or given back. */
  moving(id: CopyId): { add(bytes: number): void; end(): void }
  /** From where the bytes of a key come, chosen among several. */
  source(id: CopyId, source: CopySource): void
  stop(): Promise<void>
}

type Entry = {
  readonly id: CopyId
  touched: boolean
  running: Promise<void> | null
  timer: NodeJS.Timeout | null
  reportedAt: number
  /** What the last report took, milliseconds, and how many keys it counted. */
  took: number
  counted: number
  moved: boolean
  bytesUnderWay: number
  bytesSince: number
  bytesPerSecond: number | null
  /** Not written yet. */
  arrivals: Arrivals | null
  /** Not written yet. */
  source: CopySource | null
}

/** A report counts all keys that wait: of one that takes long the next comes later, so that reports stay a twentieth of the work. */
const costShare = 1 / 20
/** To count so few takes no time: it was something else that took long, and who looks is told within a second. */
const fewKeys = 10_000
const longestPauseMs = 1_000

/** Weight of the latest rate in the one that is shown. */
const smoothing = 0.3

export function createReporter(deps: {
  readonly pool: Pool
  readonly everyMs: number
  readonly onError: (error: unknown) => void
}): Reporter {
  const entries = new Map<string, Entry>()
  let stopped = false

  /** The rate since the last report; what it counts begins anew. */
  function takeRate(entry: Entry, now: number): number | null {
    const seconds = (now - entry.reportedAt) / 1000
    if (entry.bytesSince > 0 && seconds < 10) {
      const latest = entry.bytesSince / Math.max(seconds, 0.05)
      const before = entry.bytesPerSecond ?? latest
      entry.bytesPerSecond = before + smoothing * (latest - before)
    }
    entry.bytesSince = 0
    return entry.bytesPerSecond
  }

  async function report(entry: Entry): Promise<void> {
    const { bucketId, storageId } = entry.id
    const bytesPerSecond = takeRate(entry, performance.now())
    const { moved, arrivals, source } = entry
    entry.moved = false
    entry.arrivals = null
    const written = deps.pool.transaction(async (tx) => {
      const summary = await summariseReplica(tx, bucketId, storageId)
      if (summary === null) {
        // A key of the master itself: what the bucket counts may be other.
        if (moved) tx.changed('bucket', [bucketId])
        return
      }
      const { waiting, trouble } = summary
      const conflicts = (trouble?.conflicts ?? []).reduce((sum, sample) => sum + sample.count, 0)
      const decide = conflicts > 0 !== summary.conflicts > 0
      entry.counted = waiting.objects
      const { bytesUnderWay } = entry
      const figures = { conflicts, trouble, waiting, bytesUnderWay, bytesPerSecond, source }
      await reportReplica(tx, summary.replicaId, { bucketId, storageId, ...figures, decide, moved })
      if (arrivals !== null) await addArrivals(tx, entry.id, arrivals)
    })
    await written.catch((error: unknown) => {
      // All of it is told with the next report: this may have been the last one, which says that nothing is wrong any more.
      entry.arrivals = joinArrivals(arrivals, entry.arrivals)
      entry.moved ||= moved
      entry.touched ||= !stopped
      throw error
    })
    if (entry.source === source) entry.source = null
  }

  function run(entry: Entry): void {
    entry.timer = null
    entry.touched = false
    const begun = performance.now()
    entry.running = report(entry)
      .catch(deps.onError)
      .finally(() => {
        entry.running = null
        entry.reportedAt = performance.now()
        entry.took = entry.reportedAt - begun
        if (entry.touched) schedule(entry)
        // What is read just now is told when its key is done.
        else if (entry.bytesUnderWay === 0 && entry.source === null) entries.delete(keyOf(entry.id))
      })
  }
  function schedule(entry: Entry): void {
    if (entry.timer !== null || entry.running !== null) return
    const most = entry.counted > fewKeys ? Number.POSITIVE_INFINITY : longestPauseMs
    const pause = Math.max(deps.everyMs, Math.min(most, entry.took / costShare))
    const wait = stopped ? 0 : entry.reportedAt + pause - performance.now()
    if (wait <= 0) run(entry)
    else entry.timer = setTimeout(() => run(entry), wait)
  }
  const keyOf = (id: CopyId) => `${id.bucketId} ${id.storageId}`
  function entryOf(id: CopyId): Entry {
    const known = entries.get(keyOf(id))
    if (known !== undefined) return known
    const figures = {
      moved: false,
      bytesUnderWay: 0,
      bytesSince: 0,
      bytesPerSecond: null,
      arrivals: null,
      source: null,
    }
    // The first report comes after a moment, so that one key alone is reported once, when it is done.
    const reportedAt = performance.now() - deps.everyMs * 0.8
    const entry: Entry = { id, touched: false, running: null, timer: null, reportedAt, took: 0, counted: 0, ...figures }
    entries.set(keyOf(id), entry)
    return entry
  }
  function touch(id: CopyId): void {
    const entry = entryOf(id)
    entry.touched = true
    schedule(entry)
  }

  return {
    touch,
    arrived(id, change) {
      const entry = entryOf(id)
      entry.arrivals = addArrival(entry.arrivals, change)
      touch(id)
    },
    source(id, source) {
      entryOf(id).source = source
    },
    moving(id) {
      let own = 0
      return {
        add(bytes) {
          const entry = entryOf(id)
          own += bytes
          entry.bytesUnderWay += bytes
          entry.bytesSince += bytes
          entry.moved = true
          touch(id)
        },
        end() {
          const entry = entryOf(id)
          entry.moved = true
          entry.bytesUnderWay -= own
          own = 0
          touch(id)
        },
      }
    },
    async stop() {
      stopped = true
      while (entries.size > 0) {
        for (const entry of entries.values()) {
          if (entry.timer !== null) clearTimeout(entry.timer)
          if (entry.timer !== null) run(entry)
          else if (entry.running === null) entries.delete(keyOf(entry.id))
        }
        await Promise.all([...entries.values()].map((entry) => entry.running))
      }
    },
  }
}
