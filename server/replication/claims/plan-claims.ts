// Which due keys to take next. Pure: each link gets its share of each store and each bucket its share of a link, events go before
// the first sync's keys but leave them a few places, and a store that cannot be reached is tried by one key at a time, so it cannot
// hold up the others. Where that is the master's, what other copies hold may be copied meanwhile.
import type { DuePair } from '../../db/copies/due-pairs.ts'
import type { ClaimPick } from '../../db/copies/object-claims.ts'
import type { Limits } from '../settings.ts'

/** Keys that events told of, and those that a first sync found. */
export type Held = { readonly events: number; readonly bulk: number }
export const nothingHeld: Held = { events: 0, bulk: 0 }
export const holdMore = (held: Held, bulk: boolean, by: number): Held =>
  bulk ? { ...held, bulk: held.bulk + by } : { ...held, events: held.events + by }

export type ClaimRoom = {
  readonly limits: Limits
  /** Keys worked on at once on a link. */
  readonly atOnce: (link: string) => number
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

/** Places for keys: in all, and of what events told. */
type Places = { readonly all: number; readonly events: number }

/**
 * How many keys a link may hold at a store that so many links touch, however fast it is: else a slow one would end up with all
 * places. A few are left over, for what tries a broken store.
 */
export const shareOfLink = (limits: Limits, links: number): number =>
  Math.max(
    1,
    Math.floor((limits.perStore + limits.ahead - limits.keptForEvents - limits.keptForBulk) / Math.max(1, links)),
  )

export const storesOfLink = (link: string): ReadonlySet<string> => new Set(link.split(' '))

/** Links of each store that have, or may get, keys. */
function countLinks(pairs: readonly DuePair[], { heldOnLink, broken }: ClaimRoom): ReadonlyMap<string, number> {
  const holding = [...heldOnLink].filter(([, { events, bulk }]) => events + bulk > 0).map(([link]) => link)
  const links = new Set([...holding, ...pairs.filter(({ due }) => due).map(linkOf)])
  const counts = new Map<string, number>()
  for (const stores of [...links].map(storesOfLink)) {
    if (broken.size > 0 && [...stores].some((id) => broken.has(id))) continue
    for (const id of stores) counts.set(id, (counts.get(id) ?? 0) + 1)
  }
  return counts
}

/** What is left of the room while picks are made. */
function createRoom(pairs: readonly DuePair[], room: ClaimRoom) {
  const { limits, atOnce, heldOnLink, heldAtStore, broken } = room
  const waiting = pairs.filter((pair) => pair.due && pair.bulk)
  const bulkWaits = new Set(waiting.flatMap((pair) => [linkOf(pair), ...storesOf(pair)]))
  const links = countLinks(pairs, room)
  const onLink = new Map(heldOnLink)
  const atStore = new Map(heldAtStore)
  const tried = new Set<string>()

  /** Of what events told no more is claimed ahead than can be worked on next, for another mover may be idle. */
  const placesOf = (working: number): Places => ({ all: working + limits.ahead, events: 2 * working })
  /** Both classes leave the other its places, or a quarter of few. `where`: a link or a store. */
  function freeOf(bulk: boolean, { all, events }: Places, held: Held, where: string): number {
    const kept = (places: number) => Math.min(places, Math.floor(all / 4))
    const own = bulk
      ? all - kept(limits.keptForEvents) - held.bulk
      : Math.min(all, events) - (bulkWaits.has(where) ? kept(limits.keptForBulk) : 0) - held.events
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
      const held = onLink.get(link) ?? nothingHeld
      const stores = (isWithoutMaster(pair) ? [pair.storageId] : storesOf(pair)).flatMap((id) => {
        if (broken.has(id)) return isTried(id) ? 1 : 0
        const ofAll = freeOf(pair.bulk, placesOf(limits.perStore), atStore.get(id) ?? nothingHeld, id)
        const share = shareOfLink(limits, links.get(id) ?? 0)
        return [ofAll, freeOf(pair.bulk, { all: share, events: share }, held, link)]
      })
      return Math.max(0, Math.min(freeOf(pair.bulk, placesOf(atOnce(link)), held, link), ...stores))
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
  const left = createRoom(pairs, room)
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
