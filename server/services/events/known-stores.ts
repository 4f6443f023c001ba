// Which names in `/api/notify/NAME` are stores. Asked for each post, so what is known is kept a while.
const freshMs = 5_000

/** While the database is away every name passes: what it told is marked later, or for no bucket. */
export function createKnownStores(ask: (name: string) => Promise<boolean>): (name: string) => Promise<boolean> {
  const known = new Map<string, number>()
  return async (name) => {
    if (performance.now() - (known.get(name) ?? Number.NEGATIVE_INFINITY) < freshMs) return true
    const is = await ask(name).catch(() => true)
    if (is) known.set(name, performance.now())
    else known.delete(name)
    return is
  }
}
