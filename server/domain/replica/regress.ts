// Whether a master went backwards: its store was away and came back with an earlier state of the bucket, e.g. from a backup, or
// on an empty disk. Pure: what a whole look found against what FaDO has recorded. Stores set the time of an object when they
// write it, so an object that is older than it was seen can only be one that was there before.

/** What a user chooses: the master is made again from a replica, or is the truth as it is now. */
export type MasterChoice = 'rebuild' | 'accept'

/**
 * Whether the store may have been put back. `away`: it was away or its process began anew since the last whole look. `unsure`: FaDO
 * was away, and the store does not tell since when it runs. `watched`: neither.
 */
export type Evidence = 'away' | 'unsure' | 'watched'

/** An object that FaDO saw. Times are milliseconds by the store's clock; `now` null: it is gone. */
export type RegressedObject = { readonly key: string; readonly seen: number; readonly now: number | null }

/** What became of the objects that FaDO saw at the master. Deletes that an event told of do not count. */
export type Backslide = {
  /** Objects that FaDO saw there. */
  readonly known: number
  readonly missing: number
  readonly older: number
  /** The newest object that is as it was seen, and the oldest that is not; null: there is none. */
  readonly newestKept: number | null
  readonly oldestLost: number | null
}

/** As it is stored. `bucket`: whether there is the bucket at all, and whether it is the recorded one. */
export type FoundRegress = Pick<Backslide, 'missing' | 'older'> & {
  readonly bucket: 'there' | 'missing' | 'replaced'
  /** The first of them by their keys. */
  readonly samples: readonly RegressedObject[]
}

/** How a rebuild goes. Counts are of objects. */
export type Rebuild = {
  /** The name of the replica's store. */
  readonly from: string
  /** Those that the replica has, and how many of them were looked at. */
  readonly total: number
  readonly done: number
  /** What was written, and the bytes of it. */
  readonly copied: number
  readonly bytes: number
  /** Newer at the master than what the replica has: left as they are. */
  readonly kept: number
  /** Changed by others on the replica since FaDO wrote them: not taken. */
  readonly unfit: number
  /** Milliseconds by PostgreSQL's clock; null: it goes on. */
  readonly endedAt: number | null
}

export const mostSamples = 10

/** Listings tell milliseconds, HEAD whole seconds. */
const seconds = (ms: number): number => Math.floor(ms / 1000)

/** By the times alone: the present one is older than the one that was seen. */
export const isOlder = (now: number, seen: number): boolean => seconds(now) < seconds(seen)

/** A store's Date header tells whole seconds, and an uptime is asked a moment later. */
const roundingMs = 1_000

/**
 * Written by somebody since the store's process began, however old its time seems: a clock that was set back makes new objects
 * look old. `startedAt`: by the store's clock; null: not known.
 */
export const isWrittenSince = (modified: number, startedAt: number | null): boolean =>
  startedAt !== null && modified >= startedAt + roundingMs

/** Fewer older ones may be what a program put back on purpose. */
const fewest = 3

/** All that is lost is newer than all that is kept: so looks what was put back to a moment. */
const isCutOff = ({ newestKept, oldestLost }: Backslide): boolean =>
  oldestLost !== null && (newestKept === null || seconds(newestKept) < seconds(oldestLost))

/**
 * Whether the bucket must wait for a user's choice. One object that is older is enough after the store was away, but where versions
 * are kept (an older one comes out when the newest is deleted), or where it is not known whether it was: then as many as the delete
 * brake would hold, or all of the newest. Objects that are gone and nothing else may have been deleted by users, whose events are
 * lost while a store begins anew: as many as the brake would hold, and only where the store surely was away, for the brake holds
 * the others.
 */
export function isRegressed(
  evidence: Evidence,
  found: Backslide,
  { keepsVersions, isMany }: { readonly keepsVersions: boolean; readonly isMany: (lost: number) => boolean },
): boolean {
  const { missing, older } = found
  const lost = missing + older
  if (evidence === 'watched') return false
  if (evidence === 'unsure' && older === 0) return false
  if (evidence === 'away' && older > 0 && !keepsVersions) return true
  return lost >= fewest && (isMany(lost) || (older > 0 && isCutOff(found)))
}
