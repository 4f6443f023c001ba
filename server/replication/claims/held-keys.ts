// How many keys this mover holds between two stores and at each store, so that no bucket or store gets more than its share.
import type { ClaimedObject } from '../../db/copies/object-claims.ts'
import type { Limits } from '../settings.ts'
import { type Held, holdMore, nothingHeld } from './plan-claims.ts'

export type HeldKeys = {
  /** `by`: 1 or -1; `link`: as `linkOf` names it. */
  count(link: string, claim: Pick<ClaimedObject, 'bulk'>, by: number): void
  /** There is room for as many more keys as are worth a claim. */
  isHungry(link: string): boolean
  readonly onLink: ReadonlyMap<string, Held>
  readonly atStore: ReadonlyMap<string, Held>
}

export function createHeldKeys({ perLink, ahead, together }: Pick<Limits, 'perLink' | 'ahead' | 'together'>): HeldKeys {
  const onLink = new Map<string, Held>()
  const atStore = new Map<string, Held>()
  return {
    count(link, { bulk }, by) {
      onLink.set(link, holdMore(onLink.get(link) ?? nothingHeld, bulk, by))
      for (const id of new Set(link.split(' '))) atStore.set(id, holdMore(atStore.get(id) ?? nothingHeld, bulk, by))
    },
    isHungry(link) {
      const { events, bulk } = onLink.get(link) ?? nothingHeld
      return events + bulk <= Math.max(perLink, perLink + ahead - together)
    },
    onLink,
    atStore,
  }
}
