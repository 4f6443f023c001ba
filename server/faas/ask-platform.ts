// One request of FaDO's own to a function platform, with the proof that its calls carry.
import http from 'node:http'
import https from 'node:https'
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
export type PlatformAnswer = { readonly status: number; readonly text: string }
/** GET below the url of the deployment, `query` without its question mark. Rejects where no whole answer comes. */
export type Ask = (path: string, query?: string) => Promise<PlatformAnswer>

const timeoutMs = 5_000
/** Of an answer: more is no list of functions. */
const mostBytes = 5_000_000

export function askPlatform({ url: base, auth, tls, credentials }: AskedPlatform, signal: AbortSignal): Ask {
  return async (path, query = '') => {
    const url = new URL(base)
    url.pathname = url.pathname.replace(/\/+$/, '') + path
    url.search = query
    const proof = auth === null ? {} : await proofOf(auth).headers(auth, credentials, url)
    const headers = { host: url.host, accept: 'application/json', ...proof }
    const options = {
      agent: false as const,
      headers,
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    }
    const { promise, resolve, reject } = Promise.withResolvers<http.IncomingMessage>()
    const request =
      url.protocol === 'https:'
        ? https.get(url, { ...options, ...tlsOptions(tls, credentials.clientKey) }, resolve)
        : http.get(url, options, resolve)
    request.on('error', reject)
    const response = await promise
    const chunks: Buffer[] = []
    let size = 0
    for await (const chunk of response as AsyncIterable<Buffer>) {
      size += chunk.length
      if (size > mostBytes) throw new Error(`the answer is larger than ${mostBytes} bytes`)
      chunks.push(chunk)
    }
    return { status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }
  }
}
