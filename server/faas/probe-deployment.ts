// Whether the functions of a cluster can be called: one request to the platform's own path, at each address of its host. A host
// is healthy over one that answers; calls go to those that do.
import { isIPv4 } from 'node:net'
import type { Takes } from '../domain/fleet/call-kind.ts'
import { mostTelling, type ProbeTrouble } from '../domain/fleet/health-cause.ts'
import { type FaasKind, platforms } from '../domain/fleet/platform.ts'
import { anyTarget, type ForbiddenTarget } from '../forbidden-target.ts'
import { addressesOfHost } from '../host-addresses.ts'
import { hostOf, portOf } from '../host-and-port.ts'
import { isRefused, isSilence, networkFailure } from '../network-failure.ts'
import { type AskHealth, askGrpc, askPlainly, grpcHealthPath, type ProbeProof } from './ask-health.ts'

export type ProbeTarget = ProbeProof & {
  readonly kind: FaasKind
  /** Default: plain calls. */
  readonly takes?: Takes
  readonly url: string
  /** Null: the kind's own, or that of gRPC where it takes nothing else. */
  readonly probePath: string | null
  /** The addresses that calls go to, of those that the host's name has; none before the first probe. */
  readonly addresses: readonly string[]
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
/** For a name to become addresses, where some are known: the rest is left to ask those. */
const resolveMs = 400
/** Of one host so many are asked, and called. */
const mostAddresses = 8

const isGrpcAlone = (takes: Takes | undefined) => takes === 'grpc'

/** The address of the probe: the base path of the deployment comes first. */
function probeUrl({ url: base, kind, takes, probePath }: ProbeTarget): URL {
  const url = new URL(base)
  const own = isGrpcAlone(takes) ? grpcHealthPath : platforms[kind].probePath
  url.pathname = `${url.pathname.replace(/\/+$/, '')}${probePath ?? own}`
  return url
}

const askOf = ({ takes }: ProbeTarget): AskHealth => (isGrpcAlone(takes) ? askGrpc : askPlainly)

const forbidden = (detail: string): ProbeTrouble => ({
  cause: 'UNREACHABLE',
  detail: `Calls may not go there: ${detail}`,
  away: false,
})
const failing = (detail: string): ProbeTrouble => ({ cause: 'FAILING', detail, away: false })

type Found = { readonly trouble: ProbeTrouble | null; readonly lacksPath: boolean }
const amiss = (trouble: ProbeTrouble): Found => ({ trouble, lacksPath: false })

/** What is amiss at one address. A network may have handed it on, say from the functions of hpc to those of edge. */
async function lookAt(
  url: URL,
  address: string,
  target: ProbeTarget,
  signal: AbortSignal,
  isAnother: (cluster: string) => boolean,
): Promise<Found> {
  try {
    const { broken, lacksPath, cluster } = await askOf(target)(url, address, target, signal)
    if (broken !== null) return amiss(failing(broken))
    return cluster !== undefined && isAnother(cluster)
      ? amiss(failing(`What answers belongs to the cluster ${cluster}`))
      : { trouble: null, lacksPath }
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

const resolveByName: Resolve = async (host) => (await addressesOfHost(host)).map(({ address }) => address)

/** Never rejects. */
export async function probeDeployment(
  target: ProbeTarget,
  { signal, resolve = resolveByName, isAnother = () => false, forbiddenTarget = anyTarget }: ProbeOptions = {},
): Promise<ProbeResult> {
  const ended = AbortSignal.any([AbortSignal.timeout(probeMs), ...(signal ? [signal] : [])])
  try {
    const url = probeUrl(target)
    const port = portOf(url)
    const found = await presentAddresses(target, hostOf(url), resolve, ended)
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

/** A name server that is silent says nothing of the functions: those addresses are asked that were good last. */
async function presentAddresses(
  { addresses: known }: ProbeTarget,
  host: string,
  resolve: Resolve,
  ended: AbortSignal,
): Promise<readonly string[]> {
  if (known.length === 0) return addressesOf(host, resolve, ended)
  const limited = AbortSignal.any([ended, AbortSignal.timeout(resolveMs)])
  return addressesOf(host, resolve, limited).catch((error: unknown) => {
    if (!isSilence(error)) throw error
    return known
  })
}

async function addressesOf(host: string, resolve: Resolve, signal: AbortSignal): Promise<string[]> {
  const { promise, reject } = Promise.withResolvers<never>()
  const stop = () => reject(signal.reason as Error)
  signal.addEventListener('abort', stop, { once: true })
  if (signal.aborted) stop()
  try {
    const found = await Promise.race([resolve(host), promise])
    if (found.length === 0) throw Object.assign(new Error('its host has no address'), { code: 'ENOTFOUND' })
    return [...new Set(found)]
  } finally {
    signal.removeEventListener('abort', stop)
  }
}
