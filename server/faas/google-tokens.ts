// The ID tokens of Google that somebody wants: held while they are good, and traded for anew before they end.
import type { MayAsk } from '../ask-once.ts'
import type { Log } from '../log.ts'
import { parseServiceAccount } from './service-account.ts'
import { tradeForToken } from './trade-for-token.ts'

/** `audience`: the address of what is called. */
type Wanted = { readonly serviceAccount: string; readonly audience: string }
type Held = {
  token: string | undefined
  /** By `now`. */
  expiresAt: number
  /** A new one is asked for when less than this is left of it. */
  freshMs: number
  /** No new one is asked for before, by `steady`. */
  askAgainAt: number
  asking: boolean
  failures: number
  trouble: string | null
  /** When somebody wanted it last, by `steady`. */
  wantedAt: number
}

export type PresentToken = {
  /** undefined: there is none yet, or none that is good. */
  readonly token: string | undefined
  /** Why there is none; null: nothing is wrong. */
  readonly trouble: string | null
}

export type GoogleTokens = {
  /** What there is of it now. One that is missing or grows old is asked for, and `onNew` called when it is there. */
  want(wanted: Wanted): PresentToken
  /** Resolves when all that are being asked for now have been answered, or refused. */
  answered(): Promise<void>
  stop(): void
}

/** A new one is asked for when less than this is left of it, or than half of what it lasted when it came. */
const freshMs = 15 * 60_000
/** No call may leave with one that ends on its way. */
const leastMs = 60_000
const [firstRetryMs, lastRetryMs] = [1_000, 60_000]
/** What nobody wants is forgotten. */
const unwantedMs = 10 * 60_000

export function createGoogleTokens(deps: {
  mayAsk: MayAsk
  log: Log
  onNew: () => void
  /** Milliseconds since 1970: what is signed has its time in it. */
  now?: () => number
  /** Milliseconds by a clock that is never set. */
  steady?: () => number
}): GoogleTokens {
  const { mayAsk, log, onNew, now = Date.now, steady = () => performance.now() } = deps
  const held = new Map<string, Held>()
  const asked = new Set<Promise<void>>()
  const stopped = new AbortController()

  function find({ serviceAccount, audience }: Wanted): Held {
    const name = JSON.stringify([serviceAccount, audience])
    const known = held.get(name)
    if (known) {
      known.wantedAt = steady()
      return known
    }
    for (const [other, one] of held) if (steady() - one.wantedAt > unwantedMs) held.delete(other)
    const one: Held = {
      ...{ token: undefined, expiresAt: 0, freshMs, askAgainAt: steady(), asking: false },
      ...{ failures: 0, trouble: null, wantedAt: steady() },
    }
    held.set(name, one)
    return one
  }

  async function ask(one: Held, { serviceAccount, audience }: Wanted): Promise<void> {
    one.asking = true
    try {
      const account = parseServiceAccount(serviceAccount)
      if (account === undefined) throw new Error('the key of the service account cannot be read')
      const { token, expiresAt } = await tradeForToken(mayAsk, { account, audience }, now(), stopped.signal)
      const lastsMs = expiresAt - now()
      if (lastsMs <= leastMs) throw new Error("the token ends before it can be used: is this machine's clock right?")
      Object.assign(one, { token, expiresAt, freshMs: Math.min(freshMs, lastsMs / 2), failures: 0, trouble: null })
      onNew()
    } catch (error) {
      if (stopped.signal.aborted) return
      one.failures++
      one.askAgainAt = steady() + Math.min(lastRetryMs, firstRetryMs * 2 ** (one.failures - 1))
      const trouble = error instanceof Error ? error.message : String(error)
      if (trouble !== one.trouble) log.warn({ audience, trouble }, 'Google gives no token')
      one.trouble = trouble
    } finally {
      one.asking = false
    }
  }

  function note(asking: Promise<void>): void {
    asked.add(asking)
    void asking.then(() => asked.delete(asking))
  }

  return {
    want(wanted) {
      const one = find(wanted)
      const left = one.expiresAt - now()
      if (left < one.freshMs && !one.asking && steady() >= one.askAgainAt) note(ask(one, wanted))
      return { token: left > leastMs ? one.token : undefined, trouble: one.trouble }
    },
    answered: () => Promise.all(asked).then(() => undefined),
    stop: () => stopped.abort(),
  }
}
