/**
 * Whether `key` is good, as `look` found within the last `ms` milliseconds; only what is good is remembered. `now`: milliseconds
 * that never go back.
 */
export function rememberedFor(ms: number, now: () => number = () => performance.now()) {
  const goodUntil = new Map<string, number>()
  return async (key: string, look: () => Promise<boolean>): Promise<boolean> => {
    if ((goodUntil.get(key) ?? Number.NEGATIVE_INFINITY) > now()) return true
    const good = await look()
    for (const [known, until] of goodUntil) if (until <= now()) goodUntil.delete(known)
    if (good) goodUntil.set(key, now() + ms)
    return good
  }
}
