/**
 * Returns what has `work` done when what it did last is too old. Calls meanwhile share it. It lasts `freshMs`, or `factor`
 * times as long as it took if that is longer. One that fails, or is not done within `patienceMs`, is told to `onFailure`; what
 * is returned never throws.
 */
export function sparingly(options: {
  readonly work: () => Promise<void>
  readonly onFailure: (error: unknown) => void
  readonly freshMs: number
  readonly factor: number
  readonly patienceMs: number
  /** Milliseconds by a clock that is never set. */
  readonly now?: () => number
}): () => Promise<void> {
  const { work, onFailure, freshMs, factor, patienceMs, now = () => performance.now() } = options
  let freshUntil = Number.NEGATIVE_INFINITY
  let running: Promise<void> | undefined

  async function run(): Promise<void> {
    const begunAt = now()
    try {
      await work()
    } catch (error) {
      onFailure(error)
    } finally {
      running = undefined
      freshUntil = now() + Math.max(freshMs, factor * (now() - begunAt))
    }
  }
  return async () => {
    if (running === undefined && now() < freshUntil) return
    running ??= run()
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<'late'>((resolve) => {
      timer = setTimeout(resolve, patienceMs, 'late')
    })
    if ((await Promise.race([running, late])) === 'late')
      onFailure(new Error(`no answer within ${patienceMs / 1000} s`))
    clearTimeout(timer)
  }
}
