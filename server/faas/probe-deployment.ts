// Whether the functions of a cluster can be called: one request to the platform's own path, at each address of its host. A host
// is healthy over one that answers; calls go to those that do.
import { lookup } from 'node:dns/promises'
import http from 'node:http'
import https from 'node:https'
import { isIPv4 } from 'node:net'
import { clusterHeader } from '../domain/fleet/cluster-header.ts'
import type { FaasTls } from '../domain/fleet/faas-auth.ts'
import { mostTelling, type ProbeTrouble } from '../domain/fleet/health-cause.ts'
import { type FaasKind, platforms } from '../domain/fleet/platform.ts'
import { anyTarget, type ForbiddenTarget } from '../forbidden-target.ts'
import { isRefused, isSilence, networkFailure } from '../network-failure.ts'
import { portOf } from '../url-port.ts'
import { tlsOptions } from './trust.ts'

export type ProbeTarget = {
  readonly kind: FaasKind
  readonly url: string
  /** Null: the kind's own. */
  readonly probePath: string | null
  /** The addresses that calls go to, of those that the host's name has; none before the first probe. */
  readonly addresses: readonly string[]
  readonly tls?: FaasTls
  /** PEM: the key of the client certificate, where it has one. */
  readonly clientKey?: string | undefined
}
export type ProbeOptions = {
  readonly signal?: AbortSignal
  /** How names become addresses; default: as the machine does. */
  readonly resolve?: Resolve
  /** Where calls may not go; default: nowhere is forbidden. */
  readonly forbiddenTarget?: ForbiddenTarget
  /** Whether the cluster that a platform tells as its own is another one of the fleet; default: none is. */
  readonly isAnother?: (cluster: string) => boolean
}
export type ProbeResult = {
  /** Null when all is well. */
  readonly trouble: ProbeTrouble | null
  /** The addresses that calls should go to from now on, sorted; none when the host has none. */
  readonly addresses: readonly string[]
  /** It is well, and has nothing at the path of the probe. */
  readonly lacksPath?: boolean
}

const probeMs = 1_000
/** From here on a status says that the platform itself is broken. */
const firstBroken = 500
const notFound = 404
/** Of one host so many are asked, and called. */
const mostAddresses = 8

/** The address of the probe: the base path of the deployment comes first. */
function probeUrl({ url: base, kind, probePath }: ProbeTarget): URL {
  const url = new URL(base)
  url.pathname = `${url.pathname.replace(/\/+$/, '')}${probePath ?? platforms[kind].probePath}`
  return url
}

type Answer = {
  readonly status: number
  /** The cluster that the platform belongs to, where it says so. */
  readonly cluster: string | undefined
}

/** The answer without its body, which is not waited for. A connection of its own, so that a dead one is noticed. */
function ask(url: URL, address: string, { tls, clientKey }: ProbeTarget, signal: AbortSignal): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>()
  const options: http.RequestOptions = {
    agent: false,
    signal,
    method: 'GET',
    headers: { 'user-agent': 'fado-health' },
    lookup: (_host, options, done) => {
      const family = address.includes(':') ? 6 : 4
      if (options.all) done(null, [{ address, family }])
      else done(null, address, family)
    },
  }
  const request =
    url.protocol === 'https:'
      ? https.request(url, { ...options, ...tlsOptions(tls, clientKey) })
      : http.request(url, options)
  request.on('response', (response) => {
    const cluster = response.headers[clusterHeader]
    resolve({ status: response.statusCode ?? 0, cluster: typeof cluster === 'string' ? cluster : undefined })
    response.destroy()
  })
  request.on('error', reject)
  request.end()
  return promise
}

const forbidden = (detail: string): ProbeTrouble => ({
  cause: 'UNREACHABLE',
  detail: `Calls may not go there: ${detail}`,
  away: false,
})
const failing = (detail: string): ProbeTrouble => ({ cause: 'FAILING', detail, away: false })

type Found = { readonly trouble: ProbeTrouble | null; readonly lacksPath: boolean }
const amiss = (trouble: ProbeTrouble): Found => ({ trouble, lacksPath: false })

/**
 * What is amiss at one address. Any answer below 500 is healthy: a platform may want credentials for the path. But a network
 * may have handed the address on, say from the functions of hpc to those of edge.
 */
async function lookAt(
  url: URL,
  address: string,
  target: ProbeTarget,
  signal: AbortSignal,
  isAnother: (cluster: string) => boolean,
): Promise<Found> {
  try {
    const { status, cluster } = await ask(url, address, target, signal)
    if (status >= firstBroken) return amiss(failing(`It answers ${status}`))
    return cluster !== undefined && isAnother(cluster)
      ? amiss(failing(`What answers belongs to the cluster ${cluster}`))
      : { trouble: null, lacksPath: status === notFound }
  } catch (error) {
    return amiss(unreached(error))
  }
}

const unreached = (error: unknown): ProbeTrouble => ({
  cause: isSilence(error) ? 'SILENT' : 'UNREACHABLE',
  detail: `It cannot be reached: ${networkFailure(error, probeMs)}`,
  away: isRefused(error),
})

/** All addresses of a host, in any order. */
type Resolve = (host: string) => Promise<readonly string[]>

const resolveByName: Resolve = async (host) => (await lookup(host, { all: true })).map(({ address }) => address)

/** Never rejects. */
export async function probeDeployment(
  target: ProbeTarget,
  { signal, resolve = resolveByName, isAnother = () => false, forbiddenTarget = anyTarget }: ProbeOptions = {},
): Promise<ProbeResult> {
  const ended = AbortSignal.any([AbortSignal.timeout(probeMs), ...(signal ? [signal] : [])])
  try {
    const url = probeUrl(target)
    const port = portOf(url)
    const found = await addressesOf(url.hostname, resolve, ended)
    const allowed = found.filter((address) => forbiddenTarget(address, port) === undefined)
    const [only = ''] = found
    if (allowed.length === 0) return { trouble: forbidden(`${only} is ${forbiddenTarget(only, port)}`), addresses: [] }
    const asked = await Promise.all(
      usedFirst(allowed, target.addresses).map(async (address) => ({
        address,
        ...(await lookAt(url, address, target, ended, isAnother)),
      })),
    )
    const well = asked.filter(({ trouble }) => trouble === null)
    if (well.length > 0) {
      const addresses = ofOneFamily(well.map(({ address }) => address))
      return { trouble: null, addresses, ...(well.every(({ lacksPath }) => lacksPath) ? { lacksPath: true } : {}) }
    }
    const used = allowed.filter((address) => target.addresses.includes(address))
    return {
      trouble: mostTelling(asked.flatMap(({ trouble }) => trouble ?? [])),
      addresses: used.length > 0 ? used.toSorted() : ofOneFamily(asked.map(({ address }) => address)),
    }
  } catch (error) {
    return { trouble: unreached(error), addresses: [] }
  }
}

/** Those in use first, so that calls stay where they go: of many addresses a name tells others, in another order, each time. */
function usedFirst(addresses: readonly string[], used: readonly string[]): string[] {
  const isUsed = (address: string) => used.includes(address)
  const sorted = addresses.toSorted()
  return [...sorted.filter(isUsed), ...sorted.filter((address) => !isUsed(address))].slice(0, mostAddresses)
}

/** Sorted. A server that has an IPv4 and an IPv6 address is one: its calls are counted, and its share given, by address. */
function ofOneFamily(addresses: readonly string[]): string[] {
  const ofVersion4 = addresses.filter(isIPv4)
  return (ofVersion4.length > 0 ? ofVersion4 : addresses).toSorted()
}

async function addressesOf(hostname: string, resolve: Resolve, signal: AbortSignal): Promise<string[]> {
  const bare = hostname.replace(/^\[(.*)\]$/, '$1')
  const { promise, reject } = Promise.withResolvers<never>()
  const stop = () => reject(signal.reason as Error)
  signal.addEventListener('abort', stop, { once: true })
  if (signal.aborted) stop()
  try {
    const found = await Promise.race([resolve(bare), promise])
    if (found.length === 0) throw Object.assign(new Error('its host has no address'), { code: 'ENOTFOUND' })
    return [...new Set(found)]
  } finally {
    signal.removeEventListener('abort', stop)
  }
}
