/** Gathers names and hands them over together: at once when it was quiet, else `intervalMs` after the last time. */
export type Throttle = {
  add(name: string): void
  /** Resolves when what runs has ended. */
  stop(): Promise<void>
}

/** Calls of `work` never overlap. When one fails its names are gathered again. */
export function createThrottle(
  intervalMs: number,
  work: (names: readonly string[]) => Promise<void>,
  onError: (error: unknown) => void,
): Throttle {
  const waiting = new Set<string>()
  let last = Number.NEGATIVE_INFINITY
  let timer: NodeJS.Timeout | undefined
  let running: Promise<void> | undefined
  let stopped = false

  const retryMs = Math.max(intervalMs, 250)

  async function run(): Promise<void> {
    const names = [...waiting]
    waiting.clear()
    last = performance.now()
    try {
      await work(names)
    } catch (error) {
      for (const name of names) waiting.add(name)
      last = performance.now() + retryMs - intervalMs
      onError(error)
    }
  }
  function schedule(): void {
    if (stopped || timer !== undefined || running !== undefined || waiting.size === 0) return
    const start = () => {
      timer = undefined
      running = run().finally(() => {
        running = undefined
        schedule()
      })
    }
    const wait = last + intervalMs - performance.now()
    if (wait > 0) timer = setTimeout(start, Math.ceil(wait))
    else start()
  }
  return {
    add(name) {
      waiting.add(name)
      schedule()
    },
    async stop() {
      stopped = true
      clearTimeout(timer)
      await running
    },
  }
}
