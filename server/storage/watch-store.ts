// Asks a store whether it is there, always over the same connection: when that connection is gone, the store may have
// restarted, though it answers again.
import { Client } from 'undici'
import { networkFailure } from '../network-failure.ts'
import { trustedContext } from './trusted-context.ts'

export type StoreAnswer = {
  readonly ok: boolean
  /** Why not, for people; null when it is well. */
  readonly detail: string | null
  /** The connection of the last answer was gone, or this is the first. */
  readonly interrupted: boolean
}
export type StoreWatch = {
  /** Never throws. */
  ask(signal: AbortSignal): Promise<StoreAnswer>
  close(): Promise<void>
}

/** For the whole answer. Below the probe interval of 2 s, so that a silent store misses three probes within 6 s. */
const timeoutMs = 1_000

/** Unsigned: a store that is well refuses it (403), which is answer enough; 5xx is not. */
export function watchStore(endpoint: string): StoreWatch {
  const url = new URL(endpoint)
  const tls = url.protocol === 'https:' ? { secureContext: trustedContext() } : {}
  // Its own time limits are not used: they count in steps of half a second.
  const client = new Client(url.origin, { connect: tls, keepAliveTimeout: 60_000, pipelining: 1 })
  let connections = 0
  let known = 0
  client.on('connect', () => {
    connections++
  })
  return {
    async ask(signal) {
      try {
        const limited = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)])
        const { statusCode, body } = await client.request({ method: 'GET', path: '/', signal: limited })
        await body.dump({ limit: 65_536, signal: limited })
        const interrupted = connections !== known
        if (statusCode >= 500) return { ok: false, detail: `It answers ${statusCode}`, interrupted: false }
        known = connections
        return { ok: true, detail: null, interrupted }
      } catch (error) {
        return { ok: false, detail: `It cannot be reached: ${networkFailure(error, timeoutMs)}`, interrupted: false }
      }
    },
    close: () => client.destroy(),
  }
}
