/** Slows down who tries tokens: after some failures an address has to wait. */
export type SignInLimit = {
  /** Seconds to wait; 0 = go on. */
  wait(address: string): number
  failed(address: string): void
}

const windowMs = 60_000
const allowed = 10
const mostAddresses = 10_000

export function createSignInLimit(now: () => number = () => performance.now()): SignInLimit {
  const failures = new Map<string, { count: number; readonly since: number }>()
  const current = (address: string) => {
    const entry = failures.get(address)
    return entry !== undefined && now() - entry.since < windowMs ? entry : undefined
  }
  return {
    wait(address) {
      const entry = current(address)
      if (entry === undefined || entry.count < allowed) return 0
      return Math.ceil((entry.since + windowMs - now()) / 1000)
    },
    failed(address) {
      const entry = current(address)
      if (entry !== undefined) entry.count++
      else {
        if (failures.size >= mostAddresses) failures.clear()
        failures.set(address, { count: 1, since: now() })
      }
    },
  }
}
