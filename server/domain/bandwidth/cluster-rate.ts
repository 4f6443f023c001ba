// What a cluster's policies let pass into and out of its store at one moment.
import { effectivePolicy, type SetValues } from '../policy/effective.ts'
import { readWindow } from '../window/time-window.ts'
import { closedTime, windowAt } from '../window/window-at.ts'

/** When something is closed or under another limit; null: it is so already, or stays so. Milliseconds since 1970. */
export type ClosedTime = { readonly from: number | null; readonly until: number | null }

export type WindowNow = {
  /** The value of `replication_window`. */
  readonly text: string
  readonly zone: string
  readonly open: boolean
  /** When that changes; null: never. */
  readonly until: number | null
  /** Bytes per second outside of it; null: nothing is copied. */
  readonly outside: number | null
}

export type ClusterRate = {
  /** Bytes per second now; null: as fast as it goes. Where the window is closed what passes nevertheless keeps to it. */
  readonly limit: number | null
  readonly window: WindowNow | null
  /** The time under way or next in which nothing is copied; null: there is none. */
  readonly closed: ClosedTime | null
  /** What a GB costs that leaves it; 0: nothing, or it was not said. */
  readonly costPerGb: number
}

/** `set`: the values of the fleet and of the cluster. `at`: milliseconds since 1970. */
export function clusterRate(set: SetValues, at: number): ClusterRate {
  const limit = effectivePolicy('bandwidth_limit', set).value
  const costPerGb = effectivePolicy('cost_per_gb', set).value
  const text = effectivePolicy('replication_window', set).value
  const read = text === null ? null : readWindow(text)
  // What cannot be read was not stored by this version, which does not start then.
  if (text === null || read === null || typeof read === 'string')
    return { limit, window: null, closed: null, costPerGb }
  const outside = effectivePolicy('bandwidth_outside_window', set).value
  const { open, until } = windowAt(read, at)
  return {
    limit: open || outside === null ? limit : Math.min(outside, limit ?? outside),
    window: { text, zone: read.zone, open, until, outside },
    closed: outside === null ? closedTime(read, at) : null,
    costPerGb,
  }
}
