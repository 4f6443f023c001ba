// How movers share a limit: each is granted a part under a lease, and the parts that are held at one time never exceed it.

/** Bytes per second. */
export type Share = {
  /** What it could use. */
  readonly wanted: number
  /** What its lease holds. */
  readonly granted: number
}

/** Parts of `limit`: who wants little gets that, the others the same each; what nobody wants is spread, for a burst. */
function fair(limit: number, wanted: readonly number[]): number[] {
  const parts = wanted.map(() => 0)
  let left = limit
  const order = wanted.map((want, place) => ({ want, place })).toSorted((a, b) => a.want - b.want)
  for (const [i, { want, place }] of order.entries()) {
    parts[place] = Math.min(want, left / (order.length - i))
    left -= parts[place] ?? 0
  }
  return parts.map((part) => part + left / parts.length)
}

/**
 * What a mover that wants so much may have until its lease ends. Less than its part where others still hold more than
 * theirs, which they give back when they renew.
 */
export function grantOf(limit: number, wanted: number, others: readonly Share[]): number {
  const [part = 0] = fair(limit, [wanted, ...others.map((other) => other.wanted)])
  const held = others.reduce((sum, { granted }) => sum + granted, 0)
  return Math.max(0, Math.min(part, limit - held))
}
