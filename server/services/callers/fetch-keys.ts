// The keys of an issuer, from the address at which it shows them. Envoys never ask there: all of them get what FaDO saw.
import { lookup } from 'node:dns/promises'
import { publicKeys } from '../../domain/callers/public-keys.ts'
import { FadoError } from '../../domain/errors.ts'
import { networkFailure } from '../../network-failure.ts'
import type { ServiceDeps } from '../shared/deps.ts'

const timeoutMs = 10_000
const mostBytes = 1_000_000

/** A JWK set with public keys only. Throws VALIDATION_FAILED, with what is wrong at the address. */
export async function fetchKeys(
  { forbiddenTarget }: Pick<ServiceDeps, 'forbiddenTarget'>,
  url: string,
): Promise<string> {
  const refuse = (why: string, cause?: unknown) =>
    new FadoError('VALIDATION_FAILED', `No keys at ${url}: ${why}`, { cause })
  const text = await get(url, forbiddenTarget).catch((error: unknown) => {
    throw error instanceof Answer ? refuse(error.message) : refuse(networkFailure(rootOf(error), timeoutMs), error)
  })
  const found = publicKeys(text)
  if ('refused' in found) throw refuse(`what is there ${found.refused}`)
  return found.keys
}

/** What the other side says, or where it is, is wrong. */
class Answer extends Error {}

/** `fetch` wraps what went wrong. */
const rootOf = (error: unknown): unknown => (error instanceof TypeError && error.cause ? error.cause : error)

async function get(text: string, forbiddenTarget: ServiceDeps['forbiddenTarget']): Promise<string> {
  const url = new URL(text)
  const port = Number(url.port) || (url.protocol === 'https:' ? 443 : 80)
  for (const { address } of await lookup(url.hostname.replace(/^\[|\]$/g, ''), { all: true })) {
    const why = forbiddenTarget(address, port)
    if (why !== undefined) throw new Answer(`it is ${why}`)
  }
  const response = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(timeoutMs) })
  if (!response.ok) throw new Answer(`it answers ${response.status}`)
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength
    if (bytes > mostBytes) throw new Answer(`it answers more than ${mostBytes} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
