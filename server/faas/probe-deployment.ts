// Whether the functions of a cluster can be called: one request to the platform's own path.
import { lookup } from 'node:dns/promises'
import http from 'node:http'
import https from 'node:https'
import { networkFailure } from '../network-failure.ts'

export type ProbeTarget = {
  readonly kind: string
  readonly url: string
  /** Null: the kind's own. */
  readonly probePath: string | null
  /** The address it had at the last probe; null before the first. */
  readonly address: string | null
}
export type ProbeResult = {
  readonly health: 'healthy' | 'unhealthy'
  /** What was seen; null when all is well. */
  readonly detail: string | null
  /** The IP address that the host's name has now; null when it has none. */
  readonly address: string | null
}

const probeMs = 1_000
/** From here on a status says that the platform itself is broken. */
const firstBroken = 500

const pathOf = ({ kind, probePath }: ProbeTarget): string => probePath ?? (kind === 'OPENFAAS' ? '/healthz' : '/')

/** The address of the probe: the base path of the deployment comes first. */
function probeUrl(target: ProbeTarget): URL {
  const url = new URL(target.url)
  url.pathname = `${url.pathname.replace(/\/+$/, '')}${pathOf(target)}`
  return url
}

/** The status of the answer; its body is not waited for. A connection of its own, so that a dead one is noticed. */
function statusOf(url: URL, address: string, signal: AbortSignal): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  const module = url.protocol === 'https:' ? https : http
  const request = module.request(url, {
    agent: false,
    signal,
    method: 'GET',
    headers: { 'user-agent': 'fado-health' },
    lookup: (_host, options, done) => {
      const family = address.includes(':') ? 6 : 4
      if (options.all) done(null, [{ address, family }])
      else done(null, address, family)
    },
  })
  request.on('response', (response) => {
    resolve(response.statusCode ?? 0)
    response.destroy()
  })
  request.on('error', reject)
  request.end()
  return promise
}

/** Never rejects. Any answer below 500 is healthy: a platform may want credentials for the path. */
export async function probeDeployment(
  target: ProbeTarget,
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<ProbeResult> {
  const ended = AbortSignal.any([AbortSignal.timeout(probeMs), ...(signal ? [signal] : [])])
  let address: string | null = null
  try {
    const url = probeUrl(target)
    address = await resolveHost(url.hostname, target.address, ended)
    const status = await statusOf(url, address, ended)
    if (status < firstBroken) return { health: 'healthy', detail: null, address }
    return { health: 'unhealthy', detail: `It answers ${status}`, address }
  } catch (error) {
    return { health: 'unhealthy', detail: `It cannot be reached: ${networkFailure(error, probeMs)}`, address }
  }
}

/** A host of several addresses keeps the one it has: they come in another order each time. */
async function resolveHost(hostname: string, known: string | null, signal: AbortSignal): Promise<string> {
  const bare = hostname.replace(/^\[(.*)\]$/, '$1')
  const { promise, reject } = Promise.withResolvers<never>()
  const stop = () => reject(signal.reason as Error)
  signal.addEventListener('abort', stop, { once: true })
  try {
    const found = (await Promise.race([lookup(bare, { all: true }), promise])).map((one) => one.address)
    const address = found.find((one) => one === known) ?? found[0]
    if (address === undefined) throw Object.assign(new Error('its host has no address'), { code: 'ENOTFOUND' })
    return address
  } finally {
    signal.removeEventListener('abort', stop)
  }
}
