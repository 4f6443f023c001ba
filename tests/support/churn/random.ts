// Chance that can be repeated: the same seed makes the same decisions. Each actor draws from a stream of its own, so that
// how the actors interleave changes nothing of what each of them does.
import { createHash, randomInt } from 'node:crypto'

export type Random = {
  /** Below 1, from 0. */
  next(): number
  /** A whole number from `from`, below `to`. */
  between(from: number, to: number): number
  chance(probability: number): boolean
  pick<T>(list: readonly [T, ...(readonly T[])]): T
  bytes(size: number): Buffer
  /** A stream of its own, the same one for the same name. */
  fork(name: string): Random
}

/** FADO_SEED where it is set, to replay a run. */
export const seedFor = (given: string | undefined): number => (given ? Number(given) : randomInt(2 ** 31))

export function createRandom(seed: number | string): Random {
  let state = createHash('sha256').update(String(seed)).digest().readUInt32LE()
  /** mulberry32: small, and good enough for choices. */
  function next(): number {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const between = (from: number, to: number) => from + Math.floor(next() * (to - from))
  return {
    next,
    between,
    chance: (probability) => next() < probability,
    pick: (list) => list[between(0, list.length)] ?? list[0],
    bytes(size) {
      const bytes = Buffer.alloc(size, createHash('sha256').update(String(next())).digest())
      for (let at = 0; at + 4 <= size; at += 4096) bytes.writeUInt32LE(at, at) // no two stretches are equal
      return bytes
    },
    fork: (name) => createRandom(`${seed}/${name}`),
  }
}
