// The links of this mover: of each the keys that it holds, a gate that its stores' answers make wider or narrower, and what it carries.
import type { FlowConcurrency } from '../../db/copies/link-flows.ts'
import type { ClaimedObject } from '../../db/copies/object-claims.ts'
import type { Pool } from '../../db/core/pool.ts'
import { type Link, linkId, storesOf } from '../../domain/links/link.ts'
import type { Log } from '../../log.ts'
import { StoreBroke } from '../after-failure.ts'
import type { Limits } from '../settings.ts'
import type { Stores } from '../stores/stores.ts'
import { createHeldKeys, type HeldOnLink, type KeyClass } from './held-keys.ts'
import { createKeyPlaces, type KeyPlace } from './key-place.ts'
import { type Carrying, createLinkFlows } from './link-flows.ts'
import { createLinkGate, type LinkGate } from './link-gate.ts'
import { createLinkLimit } from './link-limit.ts'

export type MoverLink = Link & {
  /** What is asked of them through it counts for the link's limit. */
  readonly stores: Stores
  /** `signal` ends what the key waits for. */
  hold(claim: Pick<ClaimedObject, 'bulk' | 'young' | 'size'>, signal: AbortSignal): KeyPlace
  /** Throws when one of its stores broke since (by `performance.now()`): one key at a time tries it, not all claimed before. */
  requireStores(since: number): void
  /** There is room for as many more keys as are worth a claim. */
  isHungry(): boolean
  /** An object is worked on, whose bytes come from this store: the link's own, or one that lends them. */
  carry(fromStorageId: string): Carrying
  figures(): FlowConcurrency
}

export type Links = {
  of(link: Link): MoverLink
  /** Keys worked on at once on it. */
  limitOf(link: Link): number
  held(): readonly HeldOnLink[]
  stop(): Promise<void>
}

/** `wake`: there is room for more keys. */
export function createLinks(deps: {
  readonly pool: Pool
  readonly log: Log
  readonly owner: string
  readonly limits: Limits
  readonly stores: Stores
  readonly wake: () => void
}): Links {
  const { pool, log, owner, limits, stores, wake } = deps
  const known = new Map<string, MoverLink>()
  const figuresOf = (link: Link) => known.get(linkId(link))?.figures() ?? null
  const limitOf = (link: Link) => figuresOf(link)?.limit ?? limits.atOnce.first
  const held = createHeldKeys(limits, limitOf)
  const flows = createLinkFlows({
    ...{ sql: pool.lazily, owner, concurrency: figuresOf, fastest: stores.fastest },
    onError: (error) => log.warn({ err: error }, 'the figures of links could not be written'),
  })
  const holdKey = createKeyPlaces(limits, wake)

  function begin({ fromStorageId, toStorageId }: Link): MoverLink {
    const link: Link = { fromStorageId, toStorageId }
    const gate: LinkGate = createLinkGate(() => limit.limit())
    const limit = createLinkLimit(limits.atOnce, () => gate.changed())
    const heard = stores.heardBy((answer) => {
      // One that is away is tried again and again; that is not too much for it, and others may lend meanwhile.
      if (answer.error === null || stores.awayMs(answer.storageId) === 0) limit.answered(answer, gate.isFull())
    })
    function requireStores(since: number): void {
      for (const id of storesOf(link)) {
        const awayMs = stores.awayMs(id)
        if (awayMs > 0 && performance.now() - awayMs > since) throw new StoreBroke()
      }
    }
    const room = { gate, limit: limit.limit, hold: (claim: KeyClass) => held.hold(link, claim), requireStores }
    return {
      ...link,
      ...{ stores: heard, requireStores },
      hold: (claim, signal) => holdKey(room, claim, signal),
      isHungry: () => held.isHungry(link),
      carry: (from) => flows.begin({ fromStorageId: from, toStorageId }),
      figures() {
        const lowered = limit.lowered()
        const by = lowered && { why: lowered.why, storageId: lowered.storageId, ago: performance.now() - lowered.at }
        return { limit: limit.limit(), inUse: gate.taken(), most: limits.atOnce.most, lowered: by }
      },
    }
  }
  return {
    of(link) {
      const found = known.get(linkId(link)) ?? begin(link)
      known.set(linkId(link), found)
      return found
    },
    ...{ limitOf, held: held.now, stop: flows.stop },
  }
}
