// The model between the catalogue and Envoy: what the routing decision says, before any Envoy resource exists.
import { sameContent } from '../canonical-json.ts'
import type { CalledDeployment } from '../fleet/call-form.ts'
import type { FaasAuth, FaasTls } from '../fleet/faas-auth.ts'
import { type LbPolicy, parseLbPolicy } from '../policy/lb-policy.ts'
import type { Retry } from './retry.ts'

/**
 * What one route table says. Tables are immutable and named by their content, so buckets that are served alike share one.
 * `clusters` is the placement class: sorted, unique names. Empty means that nobody can serve now (503).
 */
export type RouteTable = {
  readonly clusters: readonly string[]
  readonly lbPolicy: LbPolicy
  /** Only where clusters are asked in order (`asksInOrder`): the same clusters in that order. */
  readonly order?: readonly string[]
  /** Longest time a call may take, in milliseconds; 0 = no limit. */
  readonly timeoutMs: number
  /** Absent: what surely has not reached a function is tried again, as often as the number of clusters says. */
  readonly retry?: Retry
  /** Sorted ids of those who may call; absent: anybody. */
  readonly callers?: readonly string[]
}

/** Sets of clusters: calls go to the first that has a deployment which is well. One, but where there is an order one per cluster. */
export const askedInTurn = ({ clusters, order = [] }: RouteTable): readonly (readonly string[])[] =>
  order.length === 0 ? [clusters] : order.map((cluster) => [cluster])

/** What `x-fado-decision` says before the number of tries. */
export const decisionName = (tableId: string, { lbPolicy }: RouteTable): string => `${tableId};${lbPolicy}`

/**
 * The table that a decision names: it is given as an `x-fado-decision` has it, alone or with the header's name, or as its first
 * part. undefined: it is none.
 */
export const decidedTable = (text: string): string | undefined =>
  /^\s*(?:x-fado-decision\s*:)?\s*"?([\w-]{16})"?\s*(?:;.*)?$/is.exec(text)?.[1]

/** As it is stored: what it says may be of another version. */
export type RouteTableContent = Omit<RouteTable, 'lbPolicy'> & { readonly lbPolicy: string }

/** Whether two tables say the same; null is no table. */
export const sameTable = (a: RouteTable | null, b: RouteTable | null): boolean => sameContent(a, b)

/** A table as it was stored; null where this version does not know what it says. */
export function parseTable(content: RouteTableContent): RouteTable | null {
  const lbPolicy = parseLbPolicy(content.lbPolicy)
  return lbPolicy === undefined ? null : { ...content, lbPolicy }
}

/** Where the calls of one bucket go. `table: null` withdraws the bucket: calls get 404. */
export type BucketRoute = {
  readonly bucket: string
  /** From one sequence over all buckets; a larger number is a later decision. */
  readonly number: number
  readonly table: RouteTable | null
}

/** A function deployment as the proxy needs it. */
export type FaasEndpoint = CalledDeployment & {
  readonly id: string
  /** Name of its cluster; `x-fado-served-by` shows it. */
  readonly cluster: string
  /** The IP addresses of the url's host that calls go to; none while it does not resolve. */
  readonly addresses: readonly string[]
  /** 1 to 128; calls are spread over the deployments of the eligible clusters in proportion. */
  readonly weight: number
  /** `returning`: it was down, and takes calls only of classes where no other does. */
  readonly health: 'healthy' | 'returning' | 'unhealthy'
  /** Those that it has, as somebody said; absent or empty: nobody did. */
  readonly functions?: readonly string[]
  /** Where nobody did: those that its platform lists; absent or null: it does not. */
  readonly listed?: readonly string[] | null
  /** Absent or null: calls need no proof. */
  readonly auth?: FaasAuth | null
  /** Of an https url; absent: the authorities of the machine are trusted, and no certificate is shown. */
  readonly tls?: FaasTls
  readonly secrets?: DeploymentSecrets
}

/** What proves to a platform that calls are FaDO's. What is not there yet keeps calls away. Never logged or shown. */
export type DeploymentSecrets = {
  /** Another one when they change, and tells nothing of them. */
  readonly version: string
  /** Of AWS; `sessionToken` goes with keys that were lent for a time. */
  readonly secretKey?: string
  readonly sessionToken?: string
  /** What goes into the header. */
  readonly header?: string
  /** Instead of it, by function: of Google, whose ID tokens are each for one address. */
  readonly headers?: Readonly<Record<string, string>>
  /** PEM: the key of the client certificate. */
  readonly clientKey?: string
}
