// A NACK refuses a whole response and seldom says which resource of it was wrong. The names of a refused response are sent
// again in halves until one stands alone: that one is set aside with Envoy's text, all others get through. E.g. of a, b, c, d
// with b wrong: a+b is refused, a passes, b is refused alone; c+d passes.

export type Refused = { readonly version: string; readonly error: string }

export type Quarantine = ReturnType<typeof createQuarantine>

export function createQuarantine() {
  const refused = new Map<string, Refused>()
  const batches: string[][] = []
  return {
    /** `versions`: what the refused response said of each name; '' where it took the name back. */
    nack(versions: ReadonlyMap<string, string>, error: string): readonly string[] {
      const names = [...versions.keys()]
      const [only] = names
      if (names.length === 1 && only !== undefined) {
        refused.set(only, { version: versions.get(only) ?? '', error })
        return [only]
      }
      const half = Math.ceil(names.length / 2)
      if (names.length > 0) batches.push(names.slice(half), names.slice(0, half))
      return []
    },
    /** The next names that must be sent apart from all others; undefined when none. */
    nextBatch: () => batches.pop(),
    /** Why just this version was refused; undefined: it was not. */
    refusal(name: string, version: string): Refused | undefined {
      const found = refused.get(name)
      return found?.version === version ? found : undefined
    },
    /** Another try, because its content changed, or what it depends on outside may have. */
    release: (name: string) => refused.delete(name),
    refused: refused as ReadonlyMap<string, Refused>,
  }
}
