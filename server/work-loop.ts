// Runs a step again and again: at once while there is work, else when it is woken or the next work is due.

export type WorkLoop = { wake(): void; stop(): Promise<void> }

/**
 * `step` returns the seconds until it should run again: 0 = at once, undefined = when woken. It is never run twice at the
 * same time. One that throws is run again after `retryMs`.
 */
export function startWorkLoop(options: {
  step: (signal: AbortSignal) => Promise<number | undefined>
  onError: (error: unknown) => void
  retryMs?: number
  /** Runs at least this often though nobody wakes it. */
  idleMs?: number
}): WorkLoop {
  const { step, onError, retryMs = 500, idleMs = 5_000 } = options
  const stopping = new AbortController()
  let woken = true
  let wakeUp: () => void = () => {}

  const pause = (ms: number) =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, Math.min(ms, idleMs))
      wakeUp = () => {
        clearTimeout(timer)
        resolve()
      }
    })

  async function run() {
    while (!stopping.signal.aborted) {
      woken = false
      let wait = 0
      try {
        const seconds = await step(stopping.signal)
        wait = seconds === undefined ? idleMs : seconds * 1000
      } catch (error) {
        if (stopping.signal.aborted) return
        onError(error)
        wait = retryMs
      }
      if (wait > 0 && !woken && !stopping.signal.aborted) await pause(wait)
    }
  }
  const running = run()

  return {
    wake() {
      woken = true
      wakeUp()
    },
    async stop() {
      stopping.abort()
      wakeUp()
      await running
    },
  }
}
