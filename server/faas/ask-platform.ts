// One request of FaDO's own to a function platform, with the proof that its calls carry.
import { type AnsweredOnce, askOnce, type MayAsk } from '../ask-once.ts'
import type { FaasAuth, FaasTls } from '../domain/fleet/faas-auth.ts'
import type { FaasCredentials } from './credentials.ts'
import { proofOf } from './proofs/proofs.ts'
import { tlsOptions } from './trust.ts'

export type AskedPlatform = {
  readonly url: string
  readonly auth: FaasAuth | null
  readonly tls: FaasTls
  readonly credentials: FaasCredentials
}
/** GET below the url of the deployment, `query` without its question mark. Rejects where no whole answer comes. */
export type Ask = (path: string, query?: string) => Promise<AnsweredOnce>

const timeoutMs = 5_000
/** Of an answer: more is no list of functions. */
const mostBytes = 5_000_000

export function askPlatform(
  mayAsk: MayAsk,
  { url: base, auth, tls, credentials }: AskedPlatform,
  signal: AbortSignal,
): Ask {
  return async (path, query = '') => {
    const url = new URL(base)
    url.pathname = url.pathname.replace(/\/+$/, '') + path
    url.search = query
    const proof = auth === null ? {} : await proofOf(auth).headers(auth, credentials, url)
    return askOnce(mayAsk, {
      url,
      headers: { host: url.host, accept: 'application/json', ...proof },
      tls: tlsOptions(tls, credentials.clientKey),
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
      mostBytes,
    })
  }
}
