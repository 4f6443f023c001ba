// Lets bytes pass at a rate that may change at any time; who waits goes in the order of asking.

type Waiting = { readonly bytes: number; readonly go: () => void }

export type TokenBucket = {
  /** Bytes per second from now on; 0: nothing passes. */
  setRate(rate: number): void
  /** Resolves when so many bytes may pass. Rejects with the signal's reason. */
  take(bytes: number, signal?: AbortSignal): Promise<void>
  /** What passed, and whether somebody had to wait, since this was asked last. */
  used(): { readonly bytes: number; readonly waited: boolean }
}

/** So many seconds of the rate may pass at once after a rest. */
const burst = 0.2

export function createTokenBucket(): TokenBucket {
  const waiting: Waiting[] = []
  let rate = 0
  /** Below 0: somebody has taken a large piece, which the next one waits for. */
  let tokens = 0
  let filledAt = performance.now()
  let timer: NodeJS.Timeout | undefined
  let passed = 0
  let waited = false

  function fill(): void {
    const now = performance.now()
    tokens = Math.min(rate * burst, tokens + (rate * (now - filledAt)) / 1000)
    filledAt = now
  }
  function pump(): void {
    clearTimeout(timer)
    fill()
    for (let next = waiting[0]; next !== undefined && rate > 0 && tokens >= 0; next = waiting[0]) {
      waiting.shift()
      tokens -= next.bytes
      passed += next.bytes
      next.go()
    }
    if (waiting.length === 0) return
    waited = true
    if (rate > 0) timer = setTimeout(pump, Math.max(1, (-tokens / rate) * 1000))
  }
  return {
    setRate(next) {
      fill()
      rate = next
      pump()
    },
    take(bytes, signal) {
      return new Promise((resolve, reject) => {
        signal?.throwIfAborted()
        const one: Waiting = {
          bytes,
          go() {
            signal?.removeEventListener('abort', leave)
            resolve()
          },
        }
        const leave = () => {
          const place = waiting.indexOf(one)
          if (place >= 0) waiting.splice(place, 1)
          reject(signal?.reason instanceof Error ? signal.reason : new Error('aborted'))
        }
        signal?.addEventListener('abort', leave, { once: true })
        waiting.push(one)
        pump()
      })
    },
    used() {
      const use = { bytes: passed, waited: waited || waiting.length > 0 }
      passed = 0
      waited = false
      return use
    },
  }
}
