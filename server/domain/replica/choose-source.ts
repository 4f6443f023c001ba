// From which store the bytes of an object are read for a copy. What is true is the master's alone: which version is wanted, and
// whether it still is. Any copy that holds just that version may lend its bytes. Pure.
import { looksLikeDigest } from '../object/etag.ts'

/** The version that is wanted; `etagIsDigest`: its ETag digests its bytes, so that whoever lends them can be found out. */
export type WantedVersion = { readonly etag: string; readonly etagIsDigest: boolean; readonly carried: string }

/** As a mover measured it lately; null: not. */
export type Speed = {
  /** The store's fastest answer. */
  readonly answerMs: number | null
  /** The fastest that bytes came from it. */
  readonly bytesPerSecond: number | null
}

type From = {
  readonly storageId: string
  /** How many zones its cluster shares with that of the copy that is made. */
  readonly near: number
  /** What a GB costs that leaves its cluster; 0: nothing, or it was not said. */
  readonly costPerGb: number
  readonly speed: Speed
}

/** Another copy of the bucket, and what the journal knows of the object there. */
export type OtherCopy = From & {
  /** It is wanted, not let go, its bucket is made, and its link to the copy that is made is not paused. */
  readonly permitted: boolean
  /** Its store answers. */
  readonly healthy: boolean
  readonly state: 'there' | 'writing' | 'other'
  /** FaDO wrote it and saw it whole. */
  readonly verified: boolean
  readonly sourceEtag: string | null
  readonly targetEtag: string | null
  readonly carried: string | null
  /** Its key is dirty, so it may be another one by now. */
  readonly waiting: boolean
  /** A mover works on its key in this moment, and has never failed with it. */
  readonly worked: boolean
}

export type MasterSource = From & { readonly away: boolean }

/**
 * - `MASTER_ONLY`: no other copy holds it
 * - `MASTER_BEST`: none is cheaper, nearer or faster
 * - `CHEAPER`: its bytes cost less
 * - `NEARER`: it shares more zones with the copy, and nothing that was measured speaks against it
 * - `FASTER_LINK`: measured
 * - `MASTER_AWAY`: the master does not answer
 */
export const sourceReasons = ['MASTER_ONLY', 'MASTER_BEST', 'CHEAPER', 'NEARER', 'FASTER_LINK', 'MASTER_AWAY'] as const
export type SourceReason = (typeof sourceReasons)[number]

export type SourceChoice =
  | { readonly take: 'from'; readonly storageId: string; readonly why: SourceReason }
  /** It is being copied to a store that will be the better one: ask again in a moment. */
  | { readonly take: 'wait'; readonly storageId: string }
  /** Nobody has it who can be asked. */
  | { readonly take: 'none' }

export type SourceQuestion = {
  /** The copy's store: of two that lack an object the one with the smaller id goes first. */
  readonly storageId: string
  readonly size: number
  /** Null: not known yet; what the copies tell of themselves decides, and it is asked again. */
  readonly version: WantedVersion | null
  readonly master: MasterSource
  readonly copies: readonly OtherCopy[]
  /** It may wait for another copy. */
  readonly mayWait: boolean
}

/** Another source than the master costs a request more: what it gains (seconds) must be worth it, and clear of what measuring wavers by. */
const leastGain = 0.1
const leastShare = 0.3
/** From so many seconds on it pays to wait for another copy. */
const worthAWait = 0.25
/** It is cheaper, or shares more zones and nothing was measured: for larger objects than this (bytes) it is waited for. */
const largeBytes = 262_144

const isOf = (etag: string | null, carried: string | null, version: WantedVersion | null): boolean =>
  version === null
    ? etag !== null && looksLikeDigest(etag)
    : version.etagIsDigest && etag === version.etag && carried === version.carried

const mayLend = (copy: OtherCopy): boolean => copy.permitted && copy.healthy

/** The copy has this very version, under the same ETag, and nothing is known against that. */
export const holds = (copy: OtherCopy, version: WantedVersion | null): boolean =>
  mayLend(copy) &&
  copy.state === 'there' &&
  copy.verified &&
  !copy.waiting &&
  copy.targetEtag === copy.sourceEtag &&
  isOf(copy.sourceEtag, copy.carried, version)

/** It gets this version just now, or is about to. */
const isComing = (copy: OtherCopy, { version, storageId }: SourceQuestion): boolean =>
  mayLend(copy) &&
  copy.worked &&
  (copy.storageId < storageId || (copy.state === 'writing' && isOf(copy.sourceEtag, copy.carried, version)))

/** What was not measured is taken to be fast: the next time it was. */
const secondsOf = ({ answerMs, bytesPerSecond }: Speed, size: number): number =>
  (answerMs ?? 0) / 1000 + (bytesPerSecond === null ? 0 : size / bytesPerSecond)

/** Why the copy is better than the master, and by how many seconds (null: not measured, or not what counts); null: it is not. */
function better(copy: OtherCopy, { master, size }: SourceQuestion): { why: SourceReason; gain: number | null } | null {
  if (copy.costPerGb !== master.costPerGb)
    return copy.costPerGb < master.costPerGb ? { why: 'CHEAPER', gain: null } : null
  const needs = secondsOf(master.speed, size)
  const gain = needs - secondsOf(copy.speed, size)
  const isClear = Math.abs(gain) >= leastGain && Math.abs(gain) >= leastShare * needs
  const isMeasured = master.speed.bytesPerSecond !== null
  if (isClear && isMeasured && gain < 0) return null
  if (copy.near > master.near) return { why: 'NEARER', gain: isMeasured ? gain : null }
  return isClear && isMeasured ? { why: 'FASTER_LINK', gain } : null
}

/** The cheapest; of equal ones that which needs the fewest seconds, then the nearer, then by id. */
const best = (copies: readonly OtherCopy[], size: number): OtherCopy | undefined =>
  copies.toSorted(
    (a, b) =>
      a.costPerGb - b.costPerGb ||
      secondsOf(a.speed, size) - secondsOf(b.speed, size) ||
      b.near - a.near ||
      (a.storageId < b.storageId ? -1 : 1),
  )[0]

export function chooseSource(question: SourceQuestion): SourceChoice {
  const { version, master, copies, size } = question
  const holders = copies.filter((copy) => holds(copy, version))
  if (master.away) {
    const holder = best(holders, size)
    return holder === undefined ? { take: 'none' } : { take: 'from', storageId: holder.storageId, why: 'MASTER_AWAY' }
  }
  const chosen = best(
    holders.filter((copy) => better(copy, question) !== null),
    size,
  )
  const why = chosen === undefined ? undefined : better(chosen, question)?.why
  if (chosen !== undefined && why !== undefined) return { take: 'from', storageId: chosen.storageId, why }
  const coming = question.mayWait ? copies.find((copy) => isComing(copy, question) && paysToWait(copy, question)) : null
  if (coming) return { take: 'wait', storageId: coming.storageId }
  const none = holders.length === 0 ? 'MASTER_ONLY' : 'MASTER_BEST'
  return { take: 'from', storageId: master.storageId, why: none }
}

function paysToWait(copy: OtherCopy, question: SourceQuestion): boolean {
  const found = better(copy, question)
  if (found === null) return false
  return found.gain === null ? question.size > largeBytes : found.gain >= worthAWait
}
