// What calls were in the last minute, for subscriptions: one reader of the windows per process, and none while nobody looks.
import { setTimeout as delay } from 'node:timers/promises'
import { clustersOfDeployments, clustersOfMasters } from '../../db/catalogue/called.ts'
import type { Pool } from '../../db/core/pool.ts'
import { type CallWindow, readCallWindows } from '../../db/proxies/call-windows.ts'
import { type AgedRow, toldSeconds, windowSeconds, windowsAgo } from '../../domain/calls/figures.ts'
import type { Log } from '../../log.ts'
import { type InvocationsView, invocationsOf, type Places } from './invocations.ts'

/** After the end of a window: until then all processes have written theirs. */
const laterSeconds = 1

export type CallWatch = {
  /** What the last minute was, now and then every few seconds. `bucket`: of its calls alone. Ends when the signal does. */
  watchInvocations(bucket: string | undefined, signal: AbortSignal): AsyncGenerator<InvocationsView, void, undefined>
  readInvocations(bucket: string | undefined): Promise<InvocationsView>
}

/** What all who look at one moment share. */
type Moment = {
  readonly at: Date
  readonly rows: readonly AgedRow[]
  readonly places: Places
  readonly views: Map<string | undefined, InvocationsView>
}

export function createCallWatch({ pool, log }: { readonly pool: Pool; readonly log: Log }): CallWatch {
  const known = new Map<string, CallWindow>()
  let reading: Promise<Moment> | undefined
  let readAt = Number.NEGATIVE_INFINITY

  async function read(): Promise<Moment> {
    const { now, windows } = await readCallWindows(pool, toldSeconds, [...known.keys()])
    for (const window of windows) known.set(window.id, window)
    const rows: AgedRow[] = []
    for (const { id, endedAt, rows: of } of known.values()) {
      const ago = windowsAgo(endedAt.getTime(), now.getTime())
      if (ago === undefined) known.delete(id)
      else for (const row of of) rows.push({ row, ago })
    }
    const unserved = new Set(
      rows.flatMap(({ row }) => (row.deployment === null && row.bucket !== null ? row.bucket : [])),
    )
    const places = {
      byDeployment: await clustersOfDeployments(pool),
      byMaster: await clustersOfMasters(pool, [...unserved]),
    }
    return { at: now, rows, places, views: new Map() }
  }

  /** The same for all who ask in the same second. */
  function moment(): Promise<Moment> {
    if (reading !== undefined && performance.now() - readAt < laterSeconds * 1000) return reading
    readAt = performance.now()
    reading = read()
    reading.catch(() => {
      reading = undefined
    })
    return reading
  }

  return {
    readInvocations: async (bucket) => viewOf(await moment(), bucket),
    async *watchInvocations(bucket, signal) {
      while (!signal.aborted) {
        const now = await moment().catch(
          (error: unknown) => void log.warn({ err: error }, 'what calls were could not be read'),
        )
        if (now && !signal.aborted) yield viewOf(now, bucket)
        await delay(untilNext() * 1000, undefined, { signal }).catch(() => undefined)
      }
    },
  }
}

function viewOf(moment: Moment, bucket: string | undefined): InvocationsView {
  const view = moment.views.get(bucket) ?? invocationsOf(moment, bucket)
  moment.views.set(bucket, view)
  return view
}

const untilNext = () => windowSeconds - ((Date.now() / 1000 - laterSeconds) % windowSeconds)
