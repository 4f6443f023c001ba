/**
 * Milliseconds to wait after the `attempts`-th failure in a row (from 0): doubling, with up to half of it taken off by
 * `random` (0 to 1), so that keys that failed together do not come back together.
 */
export function backoffMs(attempts: number, first: number, most: number, random: number): number {
  const whole = Math.min(most, first * 2 ** Math.min(attempts, 30))
  return whole * (1 - random / 2)
}
