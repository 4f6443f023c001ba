// How many keys this mover holds between two stores, so that no bucket, store or link gets more than its share.
import type { ClaimedObject } from '../../db/copies/object-claims.ts'
import { type Link, linkId, storesOf } from '../../domain/links/link.ts'
import type { Limits } from '../settings.ts'

/** Keys that events told of, how many of these are young, and keys that a first sync found; waiting or worked on. */
export type Held = { readonly events: number; readonly young: number; readonly bulk: number }
export type HeldOnLink = Held & { readonly link: Link }

/** `young`: bulk never is. */
export type KeyClass = Pick<ClaimedObject, 'bulk' | 'young'>

export type HeldKeys = {
  /** Returns what lets the key go, which may be called twice. */
  hold(link: Link, claim: KeyClass): () => void
  /** There is room for as many more keys as are worth a claim. */
  isHungry(link: Link): boolean
  /** Of all links that hold some. */
  now(): readonly HeldOnLink[]
}

/**
 * How many keys a link may hold at a store that so many links touch, however fast it is: else a slow one would end up with all
 * places. A few are left over, for what tries a broken store.
 */
export const shareOfLink = (limits: Limits, links: number): number =>
  Math.max(
    1,
    Math.floor((limits.perStore + limits.ahead - limits.keptForEvents - limits.keptForBulk) / Math.max(1, links)),
  )

/** `atOnce`: keys worked on at once on a link. */
export function createHeldKeys(limits: Limits, atOnce: (link: Link) => number): HeldKeys {
  const { ahead, together } = limits
  const onLink = new Map<string, { readonly link: Link; events: number; young: number; bulk: number }>()

  function linksAt(storageId: string): number {
    let count = 0
    for (const { link } of onLink.values())
      if (link.fromStorageId === storageId || link.toStorageId === storageId) count++
    return count
  }
  return {
    hold(link, { bulk, young }) {
      const id = linkId(link)
      const held = onLink.get(id) ?? { link, events: 0, young: 0, bulk: 0 }
      onLink.set(id, held)
      const kind = bulk ? 'bulk' : 'events'
      held[kind]++
      if (young) held.young++
      let letGo = false
      return () => {
        if (letGo) return
        letGo = true
        held[kind]--
        if (young) held.young--
        if (held.events + held.bulk === 0) onLink.delete(id)
      }
    },
    isHungry(link) {
      const { events, bulk } = onLink.get(linkId(link)) ?? { events: 0, bulk: 0 }
      const shares = storesOf(link).map((id) => shareOfLink(limits, linksAt(id)))
      const most = Math.min(atOnce(link) + ahead, ...shares)
      return events + bulk <= Math.max(most / 2, most - together)
    },
    now: () => [...onLink.values()],
  }
}
