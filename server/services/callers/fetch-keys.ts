// The keys of an issuer, from the address at which it shows them. Envoys never ask there: all of them get what FaDO saw.
import { lookup } from 'node:dns'
import http from 'node:http'
import https from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import { publicKeys } from '../../domain/callers/public-keys.ts'
import { FadoError } from '../../domain/errors.ts'
import { hostOf, portOf } from '../../host-and-port.ts'
import { networkFailure } from '../../network-failure.ts'
import type { ServiceDeps } from '../shared/deps.ts'

const timeoutMs = 10_000
const mostBytes = 1_000_000

type Deps = Pick<ServiceDeps, 'forbiddenTarget'> & {
  /** How names become addresses; default: as the machine does. */
  readonly resolve?: typeof lookup
}

/** A JWK set with public keys only. Throws VALIDATION_FAILED, with what is wrong at the address. */
export async function fetchKeys(deps: Deps, url: string): Promise<string> {
  const refuse = (why: string, cause?: unknown) =>
    new FadoError('VALIDATION_FAILED', `No keys at ${url}: ${why}`, { cause })
  const text = await get(new URL(url), deps).catch((error: unknown) => {
    throw error instanceof Answer ? refuse(error.message) : refuse(networkFailure(error, timeoutMs), error)
  })
  const found = publicKeys(text)
  if ('refused' in found) throw refuse(`what is there ${found.refused}`)
  return found.keys
}

/** What the other side says, or where it is, is wrong. */
class Answer extends Error {}

async function get(url: URL, { forbiddenTarget, resolve = lookup }: Deps): Promise<string> {
  const port = portOf(url)
  const wrong = (address: string): Answer | undefined => {
    const why = forbiddenTarget(address, port)
    return why === undefined ? undefined : new Answer(`it is ${why}`)
  }
  const host = hostOf(url)
  const found = isIP(host) ? wrong(host) : undefined
  if (found) throw found
  const response = await answerOf(url, judged(resolve, wrong))
  try {
    // One that leads elsewhere is not followed.
    if (response.statusCode !== 200) throw new Answer(`it answers ${response.statusCode}`)
    return await bodyOf(response)
  } finally {
    response.destroy()
  }
}

/** A connection of its own. */
function answerOf(url: URL, lookup: LookupFunction): Promise<http.IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<http.IncomingMessage>()
  const options = { agent: false, lookup, signal: AbortSignal.timeout(timeoutMs) }
  const { get } = url.protocol === 'https:' ? https : http
  get(url, options, resolve).on('error', reject)
  return promise
}

/** What is connected to is what was judged: a name that is asked for twice may have another address then. */
function judged(resolve: typeof lookup, wrong: (address: string) => Answer | undefined): LookupFunction {
  return (host, options, done) =>
    resolve(host, { ...options, all: true }, (failure, found = []) => {
      const [first] = found
      const error = failure ?? found.map(({ address }) => wrong(address)).find((one) => one !== undefined) ?? null
      if (error !== null || first === undefined) done(error, '')
      else if (options.all) done(null, found)
      else done(null, first.address, first.family)
    })
}

async function bodyOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of body) {
    bytes += chunk.byteLength
    if (bytes > mostBytes) throw new Answer(`it answers more than ${mostBytes} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
