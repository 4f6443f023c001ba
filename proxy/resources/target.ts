// What a deployment is to Envoy: where it is, and what it asks for.
import { isIP } from 'node:net'
import { contentId } from '../../server/content-id.ts'
import { type CallForm, callForm } from '../../server/domain/fleet/call-form.ts'
import type { FaasTls } from '../../server/domain/fleet/faas-auth.ts'
import type { FaasEndpoint } from '../../server/domain/route/routing-table.ts'
import { hostOf } from '../../server/host-and-port.ts'
import { type Identity, identityOf } from './identity.ts'

export type Target = {
  readonly port: number
  /**
   * For SNI and the certificate's name; '' for an IP address over plain http. Envoy compares certificates with names only:
   * https to an IP address is never trusted.
   */
  readonly hostname: string
  readonly form: CallForm
  /** null: plain http. */
  readonly tls: TargetTls | null
  /** null: calls need no proof. */
  readonly identity: Identity | null
  /** Where calls go; none while it has no address. */
  readonly places: readonly Place[]
  /** Another deployment, with a smaller id, has one of these places, too. */
  readonly isShared: boolean
}

/** `name`: address and port, such as `10.0.0.1:443` or `[fd00::1]:443`. */
export type Place = { readonly address: string; readonly name: string }

/** What Envoy calls a place that deployments share: one of its own for each. */
export const nameInside = (id: string, { name }: Place): string => `${id} ${name}`

export type TargetTls = FaasTls & {
  /** Names these settings; '': those of the machine. */
  readonly key: string
  /** PEM; null: no certificate is shown. */
  readonly clientKey: string | null
}

/** undefined: it has no url that calls can be sent to, or a secret is missing without which it would refuse them. */
export function targetOf(endpoint: FaasEndpoint): Target | undefined {
  const parsed = URL.parse(endpoint.url)
  if (!parsed || !['http:', 'https:'].includes(parsed.protocol) || parsed.hostname === '') return undefined
  const https = parsed.protocol === 'https:'
  const port = parsed.port === '' ? (https ? 443 : 80) : Number(parsed.port)
  const tls = https ? tlsOf(endpoint) : null
  const identity = identityOf(endpoint)
  if (port === 0 || tls === undefined || identity === undefined) return undefined
  const form = callForm(endpoint)
  const places = endpoint.addresses
    .filter(isAddress)
    .map((address) => ({ address, name: `${address.includes(':') ? `[${address}]` : address}:${port}` }))
  const named = https || form.host !== null
  return {
    port,
    hostname: named ? hostOf(parsed) : '',
    form,
    tls,
    identity,
    places,
    isShared: false,
  }
}

/** One that Envoy takes: it knows no zones of IPv6. */
const isAddress = (text: string): boolean => isIP(text) !== 0 && !text.includes('%')

/** By id, each deployment that calls can be sent to, in the order of their ids. */
export function targetsById(endpoints: readonly FaasEndpoint[]): ReadonlyMap<string, Target> {
  const targets = new Map<string, Target>()
  const taken = new Set<string>()
  for (const endpoint of endpoints.toSorted((a, b) => (a.id < b.id ? -1 : 1))) {
    const target = targetOf(endpoint)
    if (!target) continue
    targets.set(endpoint.id, { ...target, isShared: target.places.some(({ name }) => taken.has(name)) })
    for (const { name } of target.places) taken.add(name)
  }
  return targets
}

function tlsOf({ id, tls, secrets }: FaasEndpoint): TargetTls | undefined {
  const { caCertificates = null, skipVerify = false, clientCertificate = null } = tls ?? {}
  const clientKey = secrets?.clientKey ?? null
  if (clientCertificate !== null && clientKey === null) return undefined
  const own = caCertificates !== null || skipVerify || clientCertificate !== null
  // Certificates are not shared: a key belongs to its deployment.
  const key = own ? contentId([caCertificates, skipVerify, clientCertificate, clientCertificate && id]) : ''
  return { caCertificates, skipVerify, clientCertificate, clientKey: clientCertificate && clientKey, key }
}
