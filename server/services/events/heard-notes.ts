// Notes which buckets' events arrive: at once after a silence, then every few seconds, however many come.
import type { Pool } from '../../db/core/pool.ts'
import { type Heard, noteHeard, noteSourceEnded } from '../../db/queue/bucket-events.ts'
import { sweepMasters } from '../../db/queue/sweeps.ts'
import type { EventSource } from '../../domain/fleet/event-source.ts'
import type { Log } from '../../log.ts'
import { createThrottle } from '../shared/throttle.ts'

export type HeardNotes = {
  note(heard: Heard): void
  /** What this source told of these stores' buckets counts no more. */
  ended(stores: readonly string[], source: EventSource): Promise<void>
  stop(): Promise<void>
}

/** Pages that show stores look again each time. */
const usualMs = 10_000

export function createHeardNotes({
  pool,
  log,
  everyMs = usualMs,
}: {
  readonly pool: Pool
  readonly log: Log
  readonly everyMs?: number
}): HeardNotes {
  const throttle = createThrottle(
    everyMs,
    (names) => pool.transaction((tx) => noteHeard(tx, names.map(parse))),
    (error) => log.warn({ err: error }, 'that events arrived could not be noted'),
  )
  return {
    note: ({ bucket, store, source }) => throttle.add(JSON.stringify([bucket, store, source])),
    ended: (stores, source) =>
      pool.transaction(async (tx) => sweepMasters(tx, await noteSourceEnded(tx, stores, source))),
    stop: throttle.stop,
  }
}

function parse(name: string): Heard {
  const [bucket, store, source] = JSON.parse(name) as [string, string | null, EventSource]
  return { bucket, store, source }
}
