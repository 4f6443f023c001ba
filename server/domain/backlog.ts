// What waits in the whole fleet and for how long, and what needs somebody: read from the database, told by /metrics.

/** Ages by which what waits is counted: up to so many seconds, each from the one before on. Older is `more`. */
export const ageBands = { '5s': 5, '1m': 60, '5m': 300, '15m': 900, '1h': 3600 } as const
type AgeBand = keyof typeof ageBands | 'more'

type StoreBacklog = {
  readonly store: string
  readonly up: boolean
  /** Keys whose copy on this store is to be looked at, and those that failed at least once. */
  readonly copies: number
  readonly failing: number
  /** Seconds since the oldest change that a copy lacks; 0 when nothing waits. */
  readonly copiesOldest: number
  /** Keys of masters on this store of which FaDO's record is to be looked at. */
  readonly records: number
  readonly recordsOldest: number
  /** Of `copies`, by age. */
  readonly byAge: Readonly<Record<AgeBand, number>>
  readonly bytes: number
  readonly conflicts: number
  readonly braked: number
  /** Masters on this store whose bucket is missing or another one. */
  readonly stopped: number
  /** Buckets of which data lies on this store though zones forbid it there. */
  readonly violations: number
}

export type FleetBacklog = {
  readonly buckets: {
    readonly due: number
    readonly failing: number
    readonly scheduled: number
    /** Seconds for which the oldest that is due or failing waits. */
    readonly oldest: number
  }
  readonly stores: readonly StoreBacklog[]
  /** The wanted copies that lag most, by lag, bucket and store. */
  readonly worst: readonly { readonly bucket: string; readonly store: string; readonly lag: number }[]
  readonly proxies: { readonly connected: number; readonly gone: number; readonly refusedRoutes: number }
}
