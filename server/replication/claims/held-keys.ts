// How many keys this mover holds between two stores and at each store, so that no bucket or store gets more than its share.
import type { ClaimedObject } from '../../db/copies/object-claims.ts'
import type { Limits } from '../settings.ts'
import { type Held, holdMore, nothingHeld, shareOfLink, storesOfLink } from './plan-claims.ts'

export type HeldKeys = {
  /** `by`: 1 or -1; `link`: as `linkOf` names it. */
  count(link: string, claim: Pick<ClaimedObject, 'bulk'>, by: number): void
  /** There is room for as many more keys as are worth a claim. */
  isHungry(link: string): boolean
  readonly onLink: ReadonlyMap<string, Held>
  readonly atStore: ReadonlyMap<string, Held>
}

/** `atOnce`: keys worked on at once on a link. */
export function createHeldKeys(limits: Limits, atOnce: (link: string) => number): HeldKeys {
  const { ahead, together } = limits
  const onLink = new Map<string, Held>()
  const atStore = new Map<string, Held>()
  /** Links of each store that hold keys. */
  const linksAt = new Map<string, number>()
  return {
    count(link, { bulk }, by) {
      const before = onLink.get(link) ?? nothingHeld
      const after = holdMore(before, bulk, by)
      onLink.set(link, after)
      const began = Number(sizeOf(after) > 0) - Number(sizeOf(before) > 0)
      for (const id of storesOfLink(link)) {
        atStore.set(id, holdMore(atStore.get(id) ?? nothingHeld, bulk, by))
        if (began !== 0) linksAt.set(id, (linksAt.get(id) ?? 0) + began)
      }
    },
    isHungry(link) {
      const shares = [...storesOfLink(link)].map((id) => shareOfLink(limits, linksAt.get(id) ?? 0))
      const most = Math.min(atOnce(link) + ahead, ...shares)
      return sizeOf(onLink.get(link) ?? nothingHeld) <= Math.max(most / 2, most - together)
    },
    onLink,
    atStore,
  }
}

const sizeOf = ({ events, bulk }: Held) => events + bulk
