// How much a mover does at once and how long it waits, all in one place; tests make the waits small.
import type { ConcurrencyBounds } from '../domain/links/concurrency.ts'
import { firstInterval, unprovenInterval } from '../domain/replica/sweep-interval.ts'

/** Bytes up to which an object is small: read whole, and one of many on a link. Larger ones are streamed, a few at a time. */
export const smallBytes = 262_144

export type Limits = {
  /** Worked on at once between two stores, as is found out: `domain/links/concurrency.ts`. */
  readonly atOnce: ConcurrencyBounds
  /** And how many more keys may be claimed ahead; of what events told at most as many as are worked on. */
  readonly ahead: number
  /** New small objects of one copy that are asked of the database together. */
  readonly together: number
  /** Of the claims at least so many are left to events when a first sync is under way. */
  readonly keptForEvents: number
  /** And of these so many for first syncs, or a flood of events of one bucket would hold up the others' for as long as it lasts. */
  readonly keptForBulk: number
  /** So many keys that changed just now are claimed on a link though it is full, so that they wait for none that waits longer. */
  readonly keptForYoung: number
  /** Keys worked on at once that touch one store. */
  readonly perStore: number
  /** Keys that wait for the master bucket to prove what it is before they are deleted or overwritten. */
  readonly parked: number
  /** Whole copies looked at at once per store. */
  readonly tasksPerStore: number
  /** Deletes, and HEADs that listings suggest, at once within one task. */
  readonly perTask: number
}

/** Milliseconds, but for the sweeps' seconds. */
export type Times = {
  readonly lease: number
  /** Leases are prolonged so often. */
  readonly heartbeat: number
  /** For so long a change is young: it passes what waits longer. */
  readonly young: number
  /** What was begun under a lease is aborted so long before its end. */
  readonly leaseMargin: number
  /** How long a request that was cut off may still change a store. */
  readonly lateWrite: number
  /** Writes under way are checked against the decisions so often. */
  readonly guard: number
  /** First and longest wait of a key that fails. */
  readonly backoff: number
  readonly maxBackoff: number
  /** A store that cannot be reached is tried so often. */
  readonly storeRetry: number
  /** A store on which no write ended in time for so long, counted from the first that did not, takes none. */
  readonly noWrites: number
  /** A store is asked at most so often whether its buckets are still those that FaDO knows; less often where that takes long. */
  readonly confirm: number
  /** A key that is left to a comparison is looked at again after so long at the latest, should that one not come to an end. */
  readonly untold: number
  /** Figures of one replica are written at most so often. */
  readonly report: number
  /** The longest a loop sleeps though nobody wakes it. */
  readonly idle: number
  /** Time for what is under way when the mover stops. */
  readonly stop: number
  /** A look at a whole copy notes so often how far it is. */
  readonly checkpoint: number
  /** Looks at whole copies: the wait after one that found something, and the longest while no event has come. */
  readonly sweepMinS: number
  readonly sweepMaxS: number
  /** Versions that a retention keeps are tried to be deleted at least so often, for it may be shortened. */
  readonly keptMaxS: number
}

export const defaultLimits: Limits = {
  atOnce: { least: 2, first: 32, most: 128 },
  ahead: 256,
  together: 128,
  keptForEvents: 16,
  keptForBulk: 8,
  keptForYoung: 16,
  perStore: 256,
  parked: 256,
  tasksPerStore: 4,
  perTask: 8,
}

export const defaultTimes: Times = {
  lease: 9_000,
  heartbeat: 2_500,
  young: 5_000,
  leaseMargin: 2_000,
  lateWrite: 5_000,
  guard: 500,
  backoff: 250,
  maxBackoff: 60_000,
  storeRetry: 1_000,
  noWrites: 15_000,
  confirm: 100,
  untold: 30_000,
  report: 250,
  idle: 1_000,
  stop: 1_000,
  checkpoint: 5_000,
  sweepMinS: firstInterval,
  sweepMaxS: unprovenInterval,
  keptMaxS: 3_600,
}
