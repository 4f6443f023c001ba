// How many calls each Envoy has, by what it tells of them.

export type Paces = ReturnType<typeof createPaces>

export function createPaces(now: () => number) {
  let calls = new Map<string, number>()
  let since = now()
  return {
    /** Of an Envoy that is connected here: others could be any number. */
    add: (nodeId: string, more: number) => void calls.set(nodeId, (calls.get(nodeId) ?? 0) + more),
    /** Calls a second of a node since this was asked last. */
    take(): (nodeId: string) => number {
      const [counted, seconds] = [calls, (now() - since) / 1000]
      calls = new Map()
      since = now()
      return (nodeId) => (counted.get(nodeId) ?? 0) / seconds
    },
  }
}
