// Each link of this mover has a gate, whose width its stores' answers tell.
import type { FlowConcurrency } from '../../db/copies/link-flows.ts'
import type { ConcurrencyBounds } from '../../domain/links/concurrency.ts'
import { type Link, linkId } from '../../domain/links/link.ts'
import type { Stores } from '../stores/stores.ts'
import { createLinkGate, type LinkGate } from './link-gate.ts'
import { createLinkLimit, type LinkLimit } from './link-limit.ts'

export type LinkGates = {
  /** `stores`: what is asked of them through it counts for its gate. */
  of(link: Link): { readonly gate: LinkGate; readonly stores: Stores }
  limitOf(link: Link): number
  /** Null: nothing was worked on there yet. */
  figures(link: Link): FlowConcurrency | null
}

type Known = ReturnType<LinkGates['of']> & { readonly limit: LinkLimit }

export function createLinkGates(bounds: ConcurrencyBounds, stores: Stores): LinkGates {
  const known = new Map<string, Known>()
  function begin(): Known {
    const gate: LinkGate = createLinkGate(() => limit.limit())
    const limit = createLinkLimit(bounds, () => gate.changed())
    const heard = stores.heardBy((answer) => {
      // One that is away is tried again and again; that is not too much for it, and others may lend meanwhile.
      if (answer.error === null || stores.awayMs(answer.storageId) === 0) limit.answered(answer, gate.isFull())
    })
    return { gate, limit, stores: heard }
  }
  return {
    of(link) {
      const id = linkId(link)
      const found = known.get(id) ?? begin()
      known.set(id, found)
      return found
    },
    limitOf: (link) => known.get(linkId(link))?.limit.limit() ?? bounds.first,
    figures(link) {
      const found = known.get(linkId(link))
      if (found === undefined) return null
      const { gate, limit } = found
      const lowered = limit.lowered()
      const by = lowered && { why: lowered.why, storageId: lowered.storageId, ago: performance.now() - lowered.at }
      return { limit: limit.limit(), inUse: gate.taken(), most: bounds.most, lowered: by }
    },
  }
}
