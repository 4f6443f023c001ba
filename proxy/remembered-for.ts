/**
 * Whether `key` is good, as `look` found within the last `ms` milliseconds; only what is good is remembered. `now`: milliseconds
 * that never go back.
 */
export function rememberedFor<K extends string | undefined>(
  ms: number,
  look: (key: K) => Promise<boolean>,
  now: () => number = () => performance.now(),
): (key: K) => Promise<boolean> {
  const goodUntil = new Map<K, number>()
  return async (key) => {
    if ((goodUntil.get(key) ?? Number.NEGATIVE_INFINITY) > now()) return true
    const good = await look(key)
    for (const [known, until] of goodUntil) if (until <= now()) goodUntil.delete(known)
    if (good) goodUntil.set(key, now() + ms)
    return good
  }
}
