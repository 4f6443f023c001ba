// Which due keys to take next. Pure: each bucket gets its share of each store, events go before the first sync's keys but
// leave them a few places, and a store that cannot be reached is tried by one key at a time, so it cannot hold up the others. Where
// that is the master's, what other copies hold may be copied meanwhile.
import type { ClaimPick, DuePair } from '../../db/copies/object-claims.ts'
import type { Limits } from '../settings.ts'

/** Keys that events told of, and those that a first sync found. */
export type Held = { readonly events: number; readonly bulk: number }
export const nothingHeld: Held = { events: 0, bulk: 0 }
export const holdMore = (held: Held, bulk: boolean, by: number): Held =>
  bulk ? { ...held, bulk: held.bulk + by } : { ...held, events: held.events + by }

export type ClaimRoom = {
  readonly limits: Limits
  /** Keys held now, waiting or worked on: between two stores (`linkOf`), and touching one. */
  readonly heldOnLink: ReadonlyMap<string, Held>
  readonly heldAtStore: ReadonlyMap<string, Held>
  /** Stores that cannot be reached, and whether one may be tried now. */
  readonly broken: ReadonlyMap<string, { readonly tryNow: boolean }>
  /** Grows with each plan. */
  readonly turn: number
}

export const linkOf = (pair: { readonly masterStorageId: string; readonly storageId: string }): string =>
  `${pair.masterStorageId} ${pair.storageId}`

const storesOf = (pair: DuePair): string[] =>
  pair.masterStorageId === pair.storageId ? [pair.storageId] : [pair.masterStorageId, pair.storageId]

/** What is left of the room while picks are made. */
function createRoom({ limits, heldOnLink, heldAtStore, broken }: ClaimRoom, bulkWaits: ReadonlySet<string>) {
  const onLink = new Map(heldOnLink)
  const atStore = new Map(heldAtStore)
  const tried = new Set<string>()

  /**
   * Both classes leave the other its places. Of what events told no more is claimed ahead than can be worked on next, for
   * another mover may be idle. `atOnce`: keys worked on there at once; `where`: a link or a store.
   */
  function freeOf(bulk: boolean, atOnce: number, held: Held, where: string): number {
    const all = atOnce + limits.ahead
    const own = bulk
      ? all - limits.keptForEvents - held.bulk
      : Math.min(all, 2 * atOnce) - (bulkWaits.has(where) ? limits.keptForBulk : 0) - held.events
    return Math.min(own, all - held.events - held.bulk)
  }
  const isTried = (id: string) => broken.get(id)?.tryNow === true && !tried.has(id)
  /** The master is not tried now, and another store may have what the copy lacks. */
  const isWithoutMaster = ({ masterStorageId, storageId, others }: DuePair): boolean =>
    broken.has(masterStorageId) &&
    !isTried(masterStorageId) &&
    masterStorageId !== storageId &&
    others.some((id) => !broken.has(id))
  return {
    isWithoutMaster,
    free(pair: DuePair): number {
      const link = linkOf(pair)
      const stores = (isWithoutMaster(pair) ? [pair.storageId] : storesOf(pair)).map((id) => {
        if (broken.has(id)) return isTried(id) ? 1 : 0
        return freeOf(pair.bulk, limits.perStore, atStore.get(id) ?? nothingHeld, id)
      })
      const onThis = freeOf(pair.bulk, limits.perLink, onLink.get(link) ?? nothingHeld, link)
      return Math.max(0, Math.min(onThis, ...stores))
    },
    /** Resolves to the broken stores that this tries. */
    take(pair: DuePair, count: number): string[] {
      const link = linkOf(pair)
      const isTry = (id: string) => broken.has(id) && (id === pair.storageId || !isWithoutMaster(pair))
      const tries = storesOf(pair).filter(isTry)
      onLink.set(link, holdMore(onLink.get(link) ?? nothingHeld, pair.bulk, count))
      for (const id of storesOf(pair)) {
        atStore.set(id, holdMore(atStore.get(id) ?? nothingHeld, pair.bulk, count))
      }
      for (const id of tries) tried.add(id)
      return tries
    },
  }
}

/** One of so many places is for bulk that has not the highest priority; where there are fewer places, one in so many turns. */
const shareOfOthers = 4

/** Those of the highest priority, and all others. */
function byPriority(pairs: readonly DuePair[]) {
  const highest = Math.max(...pairs.map(({ priority }) => priority))
  return {
    first: pairs.filter(({ priority }) => priority === highest),
    others: pairs.filter(({ priority }) => priority !== highest),
  }
}

/** `masterAway`: the keys are worked on without the master, which does not answer. */
export type PlannedPick = ClaimPick & { readonly masterAway: boolean }

/** `tried`: broken stores that these picks try. */
export function planClaims(
  pairs: readonly DuePair[],
  room: ClaimRoom,
): { readonly picks: readonly PlannedPick[]; readonly tried: readonly string[] } {
  const waiting = pairs.filter((pair) => pair.due && pair.bulk)
  const left = createRoom(room, new Set(waiting.flatMap((pair) => [linkOf(pair), ...storesOf(pair)])))
  const picks: PlannedPick[] = []
  const tried = new Set<string>()
  for (const bulk of [false, true]) {
    const links = Map.groupBy(
      pairs.filter((pair) => pair.due && pair.bulk === bulk),
      linkOf,
    )
    /** `kept`: places that are left to others. */
    const spread = (among: readonly DuePair[], kept: number) => {
      // Where places are fewer than pairs, another pair begins by and by.
      const begin = among.length === 0 ? 0 : Math.floor(room.turn / shareOfOthers) % among.length
      for (const [place, pair] of [...among.slice(begin), ...among.slice(0, begin)].entries()) {
        const limit = Math.ceil(Math.max(0, left.free(pair) - kept) / (among.length - place))
        if (limit === 0) continue
        const masterAway = left.isWithoutMaster(pair)
        picks.push({ bucketId: pair.bucketId, storageId: pair.storageId, bulk, limit, masterAway })
        for (const id of left.take(pair, limit)) tried.add(id)
      }
    }
    for (const ofLink of links.values()) {
      const { first, others } = bulk ? byPriority(ofLink) : { first: ofLink, others: [] }
      const free = Math.max(0, ...first.map(left.free))
      spread(first, others.length === 0 ? 0 : Math.floor((free + (room.turn % shareOfOthers)) / shareOfOthers))
      spread(others, 0)
    }
  }
  return { picks, tried: [...tried] }
}
