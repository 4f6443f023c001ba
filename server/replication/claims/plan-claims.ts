// Which due keys to take next. Pure: each link gets its share of each store and each bucket its share of a link, events go before
// the first sync's keys but leave them a few places, what changed just now has some of its own, and a store that cannot be reached
// is tried by one key at a time, so it cannot hold up the others. Where that is the master's, what other copies hold may be copied
// meanwhile.
import type { DuePair } from '../../db/copies/due-pairs.ts'
import type { ClaimPick } from '../../db/copies/object-claims.ts'
import { isOfMaster, type Link, linkId, storesOf } from '../../domain/links/link.ts'
import { type Held, type HeldOnLink, shareOfLink } from '../links/held-keys.ts'
import type { Limits } from '../settings.ts'

export type ClaimRoom = {
  readonly limits: Limits
  /** Keys worked on at once on a link. */
  readonly atOnce: (link: Link) => number
  readonly held: readonly HeldOnLink[]
  /** Stores that cannot be reached, and whether one may be tried now. */
  readonly broken: ReadonlyMap<string, { readonly tryNow: boolean }>
  /** Grows with each plan. */
  readonly turn: number
}

/** Places for keys: in all, and of what events told. */
type Places = { readonly all: number; readonly events: number }

/** Links of each store that have, or may get, keys. */
function countLinks(pairs: readonly DuePair[], { held, broken }: ClaimRoom): ReadonlyMap<string, number> {
  const all = [...held.map(({ link }) => link), ...pairs.filter(({ due }) => due)]
  const counts = new Map<string, number>()
  for (const stores of new Map(all.map((link) => [linkId(link), storesOf(link)])).values()) {
    if (stores.some((id) => broken.has(id))) continue
    for (const id of stores) counts.set(id, (counts.get(id) ?? 0) + 1)
  }
  return counts
}

const nothingHeld: Held = { events: 0, young: 0, bulk: 0 }
function addTo(all: Map<string, Held>, id: string, more: Held): void {
  const { events, young, bulk } = all.get(id) ?? nothingHeld
  all.set(id, { events: events + more.events, young: young + more.young, bulk: bulk + more.bulk })
}

/** What is left of the room while picks are made. */
function createRoom(pairs: readonly DuePair[], room: ClaimRoom) {
  const { limits, atOnce, broken } = room
  const waiting = pairs.filter((pair) => pair.due && pair.bulk)
  const bulkWaits = new Set(waiting.flatMap((pair) => [linkId(pair), ...storesOf(pair)]))
  const links = countLinks(pairs, room)
  const onLink = new Map<string, Held>()
  const atStore = new Map<string, Held>()
  const tried = new Set<string>()

  function hold(link: Link, more: Held): void {
    addTo(onLink, linkId(link), more)
    for (const id of storesOf(link)) addTo(atStore, id, more)
  }
  for (const held of room.held) hold(held.link, held)

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
  const isWithoutMaster = (pair: DuePair): boolean =>
    broken.has(pair.fromStorageId) &&
    !isTried(pair.fromStorageId) &&
    !isOfMaster(pair) &&
    pair.others.some((id) => !broken.has(id))
  return {
    isWithoutMaster,
    free(pair: DuePair): number {
      const link = linkId(pair)
      const held = onLink.get(link) ?? nothingHeld
      const stores = (isWithoutMaster(pair) ? [pair.toStorageId] : storesOf(pair)).flatMap((id) => {
        if (broken.has(id)) return isTried(id) ? 1 : 0
        const ofAll = freeOf(pair.bulk, placesOf(limits.perStore), atStore.get(id) ?? nothingHeld, id)
        const share = shareOfLink(limits, links.get(id) ?? 0)
        return [ofAll, freeOf(pair.bulk, { all: share, events: share }, held, link)]
      })
      return Math.max(0, Math.min(freeOf(pair.bulk, placesOf(atOnce(pair)), held, link), ...stores))
    },
    /** Resolves to the broken stores that this tries. */
    take(pair: DuePair, count: number, young = false): string[] {
      const isTry = (id: string) => broken.has(id) && (id === pair.toStorageId || !isWithoutMaster(pair))
      const tries = storesOf(pair).filter(isTry)
      hold(pair, { ...nothingHeld, [pair.bulk ? 'bulk' : 'events']: count, young: young ? count : 0 })
      for (const id of tries) tried.add(id)
      return tries
    },
    /** Places of its link that are only for what changed just now. */
    freeForYoung(pair: DuePair): number {
      if (storesOf(pair).some((id) => broken.has(id))) return 0
      return Math.max(0, limits.keptForYoung - (onLink.get(linkId(pair)) ?? nothingHeld).young)
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
export type PlannedPick = ClaimPick & { readonly pair: DuePair; readonly masterAway: boolean }

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
      linkId,
    )
    /** `kept`: places that are left to others. Returns those for which there is no room. */
    const spread = (among: readonly DuePair[], kept: number): DuePair[] => {
      const full: DuePair[] = []
      // Where places are fewer than pairs, another pair begins by and by.
      const begin = among.length === 0 ? 0 : Math.floor(room.turn / shareOfOthers) % among.length
      for (const [place, pair] of [...among.slice(begin), ...among.slice(0, begin)].entries()) {
        const limit = Math.ceil(Math.max(0, left.free(pair) - kept) / (among.length - place))
        if (limit === 0) {
          full.push(pair)
          continue
        }
        const masterAway = left.isWithoutMaster(pair)
        picks.push({ pair, bucketId: pair.bucketId, storageId: pair.toStorageId, bulk, limit, masterAway })
        for (const id of left.take(pair, limit)) tried.add(id)
      }
      return full
    }
    /** What changed there just now does not wait for room. */
    const spreadYoung = (among: readonly DuePair[]) => {
      for (const [place, pair] of among.entries()) {
        const limit = Math.ceil(left.freeForYoung(pair) / (among.length - place))
        if (limit === 0) return
        const { bucketId, toStorageId: storageId } = pair
        picks.push({ pair, bucketId, storageId, bulk, limit, young: true, masterAway: false })
        left.take(pair, limit, true)
      }
    }
    for (const ofLink of links.values()) {
      const { first, others } = bulk ? byPriority(ofLink) : { first: ofLink, others: [] }
      const free = Math.max(0, ...first.map(left.free))
      const kept = others.length === 0 ? 0 : Math.floor((free + (room.turn % shareOfOthers)) / shareOfOthers)
      const full = [...spread(first, kept), ...spread(others, 0)]
      if (!bulk) spreadYoung(full)
    }
  }
  return { picks, tried: [...tried] }
}
