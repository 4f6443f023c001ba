// Which due keys to take next. Pure: each bucket gets its share of each store, events go before the first sync's keys, and a
// store that cannot be reached is tried by one key at a time, so it cannot hold up the others.
import type { ClaimPick, DuePair } from '../db/object-claims.ts'
import type { Limits } from './settings.ts'

export type ClaimRoom = {
  readonly limits: Limits
  /** Keys held now, waiting or worked on: between two stores (`linkOf`), and touching one. */
  readonly heldOnLink: ReadonlyMap<string, number>
  readonly heldAtStore: ReadonlyMap<string, number>
  /** Stores that cannot be reached, and whether one may be tried now. */
  readonly broken: ReadonlyMap<string, { readonly tryNow: boolean }>
}

export const linkOf = (pair: { readonly masterStorageId: string; readonly storageId: string }): string =>
  `${pair.masterStorageId} ${pair.storageId}`

const storesOf = (pair: DuePair): string[] =>
  pair.masterStorageId === pair.storageId ? [pair.storageId] : [pair.masterStorageId, pair.storageId]

/** What is left of the room while picks are made. */
function createRoom({ limits, heldOnLink, heldAtStore, broken }: ClaimRoom) {
  const onLink = new Map(heldOnLink)
  const atStore = new Map(heldAtStore)
  const tried = new Set<string>()
  const bulkKept = limits.keptForEvents

  return {
    free(pair: DuePair): number {
      const kept = pair.initial ? bulkKept : 0
      const link = 2 * limits.perLink - kept - (onLink.get(linkOf(pair)) ?? 0)
      const stores = storesOf(pair).map((id) => {
        const trouble = broken.get(id)
        if (trouble !== undefined) return trouble.tryNow && !tried.has(id) ? 1 : 0
        return 2 * limits.perStore - kept - (atStore.get(id) ?? 0)
      })
      return Math.max(0, Math.min(link, ...stores))
    },
    take(pair: DuePair, count: number): void {
      onLink.set(linkOf(pair), (onLink.get(linkOf(pair)) ?? 0) + count)
      for (const id of storesOf(pair)) {
        atStore.set(id, (atStore.get(id) ?? 0) + count)
        if (broken.has(id)) tried.add(id)
      }
    },
  }
}

/** `tried`: broken stores that these picks try. */
export function planClaims(
  pairs: readonly DuePair[],
  room: ClaimRoom,
): { readonly picks: readonly ClaimPick[]; readonly tried: readonly string[] } {
  const left = createRoom(room)
  const picks: ClaimPick[] = []
  const tried = new Set<string>()
  for (const initial of [false, true]) {
    const links = Map.groupBy(
      pairs.filter((pair) => pair.due && pair.initial === initial),
      linkOf,
    )
    for (const ofLink of links.values()) {
      for (const [place, pair] of ofLink.entries()) {
        const limit = Math.ceil(left.free(pair) / (ofLink.length - place))
        if (limit === 0) continue
        left.take(pair, limit)
        picks.push({ bucketId: pair.bucketId, storageId: pair.storageId, initial, limit })
        for (const id of storesOf(pair)) if (room.broken.has(id)) tried.add(id)
      }
    }
  }
  return { picks, tried: [...tried] }
}
