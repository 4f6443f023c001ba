/** Collects what is worth doing for many at once. */
export type Batched<T> = {
  /** Waits for the work when this one makes a batch full. */
  add(one: T): Promise<void>
  /** Does what is left. */
  flush(): Promise<void>
}

const enough = 500

export function batched<T>(work: (batch: readonly T[]) => Promise<void>): Batched<T> {
  let waiting: T[] = []
  async function flush(): Promise<void> {
    const batch = waiting
    waiting = []
    if (batch.length > 0) await work(batch)
  }
  return {
    async add(one) {
      waiting.push(one)
      if (waiting.length >= enough) await flush()
    },
    flush,
  }
}
