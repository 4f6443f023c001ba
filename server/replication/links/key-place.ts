// What a claimed key takes of its link, from its claim to its end.
import type { ClaimedObject } from '../../db/copies/object-claims.ts'
import { type Limits, smallBytes } from '../settings.ts'
import { orInterrupted } from '../stores/shared-answers.ts'
import type { KeyClass } from './held-keys.ts'
import type { LinkGate } from './link-gate.ts'

export type KeyPlace = {
  /** Resolves when it is the key's turn to be worked on as a whole. */
  enter(): Promise<void>
  /** Waits, and takes nothing meanwhile unless too many keys wait so already. */
  park<T>(waiting: Promise<T>): Promise<T>
  /** Makes a request in its turn; at once where the whole key has its turn. */
  inTurn<T>(request: () => Promise<T>): Promise<T>
  /** The key takes nothing any more. May be called twice. */
  end(): void
}

/** The link, as far as its keys take of it. */
type Room = {
  readonly gate: LinkGate
  limit(): number
  /** Returns what lets the key go. */
  hold(claim: KeyClass): () => void
  requireStores(since: number): void
}

/**
 * A large object takes the places of many small ones, so that few of them share what the link can carry: eight at the most, and each
 * as much as four small ones, or a link that can carry little would have nothing else under way.
 */
const mostLarge = 8
const placesOfLarge = 4
const placesOf = (size: number | null, limit: number): number =>
  (size ?? 0) > smallBytes ? Math.max(placesOfLarge, Math.ceil(limit / mostLarge)) : 1

/** `wake`: there is room for more keys. */
export function createKeyPlaces({ parked: most }: Pick<Limits, 'parked'>, wake: () => void) {
  let parked = 0
  /** `signal` ends what the key waits for while it is parked. */
  return (room: Room, claim: KeyClass & Pick<ClaimedObject, 'size'>, signal: AbortSignal): KeyPlace => {
    /** What waits longer passes the gate with bulk: places are kept there for what changed just now. */
    const isLate = !claim.young
    const heldAt = performance.now()
    let letGo = room.hold(claim)
    let leave: (() => void) | null = null
    let places: number | null = null

    async function enter(): Promise<void> {
      places ??= placesOf(claim.size, room.limit())
      leave = await room.gate.enter(isLate, places)
    }
    function end(): void {
      leave?.()
      letGo()
    }
    async function park<T>(waiting: Promise<T>): Promise<T> {
      if (parked >= most) return orInterrupted(waiting, signal)
      parked++
      end()
      wake()
      try {
        return await orInterrupted(waiting, signal)
      } finally {
        parked--
        letGo = room.hold(claim)
        await enter()
      }
    }
    async function inTurn<T>(request: () => Promise<T>): Promise<T> {
      if (leave !== null) return request()
      const leaveNow = await room.gate.enter(isLate, 1)
      try {
        room.requireStores(heldAt)
        return await request()
      } finally {
        leaveNow()
      }
    }
    return { enter, park, inTurn, end }
  }
}
