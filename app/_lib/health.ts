// How well clusters, stores and functions are, in a glyph and a word.
import type {
  ClusterPartsFragment,
  FunctionsPartsFragment,
  HealthPartsFragment,
  HealthStatus,
  StorePartsFragment,
} from '../../graphql/generated/operations.ts'
import { membersOf, notDown } from '../../server/domain/fleet/class-members.ts'
import { isInTrouble } from '../../server/domain/fleet/in-trouble.ts'
import { isReason } from '../../server/domain/reason.ts'
import type { Sign } from './cells.ts'
import { roughly } from './format.ts'

type KnownHealth = Pick<HealthPartsFragment, 'status' | 'cause' | 'detail'>
type KnownFunctions = Pick<FunctionsPartsFragment, 'weight'> & {
  readonly health: KnownHealth
  readonly hints: readonly { readonly code: string }[]
}
type KnownStore = Pick<StorePartsFragment, 'id' | 'name'> & {
  readonly health: KnownHealth
  readonly troubles: readonly unknown[]
}
/** What every screen with clusters knows of them. */
export type KnownCluster = Pick<ClusterPartsFragment, 'id' | 'name' | 'zones' | 'state'> & {
  readonly faasDeployments: readonly KnownFunctions[]
  readonly storageDeployments: readonly KnownStore[]
}

/** Silent, as most others are, and not held for down yet. */
export const isDoubted = (health: Pick<HealthPartsFragment, 'cause'>): boolean => health.cause === 'DOUBTED'
const doubted: Sign = { glyph: 'warn', tone: 'warn', word: 'silent' }

export const healthSign = (health: Pick<HealthPartsFragment, 'status' | 'cause'>): Sign =>
  isDoubted(health) ? doubted : statusSign(health.status)

export const storeSign = (store: Pick<KnownStore, 'health' | 'troubles'>): Sign =>
  isInTrouble(store) ? { glyph: 'warn', tone: 'warn', word: 'in trouble' } : healthSign(store.health)

function statusSign(status: HealthStatus): Sign {
  switch (status) {
    case 'HEALTHY':
      return { glyph: 'sync', tone: 'plain', word: 'healthy' }
    case 'DEGRADED':
      return { glyph: 'warn', tone: 'warn', word: 'coming back' }
    case 'UNHEALTHY':
      return { glyph: 'fail', tone: 'bad', word: 'down' }
    case 'UNKNOWN':
      return { glyph: 'unknown', tone: 'plain', word: 'not known yet' }
  }
}

/** Well again, and not yet for as long as `failback_after` asks. */
export const isComingBack = ({ health }: { readonly health: KnownHealth }): boolean =>
  health.status === 'DEGRADED' && !isDoubted(health)

/** Of what is coming back. */
export function backWords(backAt: string, now: Date): string {
  const left = (new Date(backAt).getTime() - now.getTime()) / 1000
  return `That is ${left < 2 ? 'any moment' : `in ${roughly(left)}`}, if it misses no probe until then.`
}

/** A cluster is as well as the worst of its parts, and not well without one of them. */
export function clusterSign(cluster: KnownCluster): Sign {
  if (cluster.state === 'DELETING') return { glyph: 'leave', tone: 'plain', word: 'being deleted' }
  const parts = [...cluster.storageDeployments, ...cluster.faasDeployments].map((part) => part.health)
  const all = parts.map((health) => health.status)
  const stores = cluster.storageDeployments.map((store) => store.health.status)
  if (stores.includes('UNHEALTHY')) return statusSign('UNHEALTHY')
  if (cluster.faasDeployments.length > 0 && healthyFunctions(cluster) === 0)
    return { glyph: 'warn', tone: 'warn', word: 'takes no calls' }
  const isTroubled = cluster.storageDeployments.some(isInTrouble) || refusing(cluster) > 0
  if (all.includes('UNHEALTHY') || isTroubled) return { glyph: 'warn', tone: 'warn', word: 'degraded' }
  if (parts.some(isDoubted)) return doubted
  if (all.includes('DEGRADED')) return statusSign('DEGRADED')
  if (all.length === 0) return { glyph: 'skip', tone: 'plain', word: 'empty' }
  if (stores.length === 0) return { glyph: 'skip', tone: 'plain', word: 'no store' }
  if (cluster.faasDeployments.length === 0) return { glyph: 'skip', tone: 'plain', word: 'no functions' }
  return statusSign(all.includes('UNKNOWN') ? 'UNKNOWN' : 'HEALTHY')
}

/** How many of its function deployments answer and refuse FaDO's key, so that calls there fail. */
export const refusing = ({ faasDeployments }: KnownCluster): number =>
  faasDeployments.filter(({ hints }) => hints.some((hint) => isReason(hint, 'PLATFORM_REFUSES'))).length

/** What is not probed yet is taken to answer. */
export const answers = (one: Pick<KnownFunctions, 'health'>): boolean => one.health.status !== 'UNHEALTHY'

const asEnvoysKnow = { UNKNOWN: 'healthy', HEALTHY: 'healthy', DEGRADED: 'returning', UNHEALTHY: 'unhealthy' } as const

/** Which of a route's deployments take its calls: what is coming back does only where no other can. */
export function takersOf<F extends Pick<KnownFunctions, 'health'>>(all: readonly F[]): readonly F[] {
  const known = all.map((one) => ({ one, health: asEnvoysKnow[one.health.status] }))
  return membersOf(notDown(known), () => []).map(({ one }) => one)
}

/** "2 of 3": how many of a cluster's function deployments answer. */
export const healthyFunctions = (cluster: KnownCluster): number => cluster.faasDeployments.filter(answers).length

/** Whether data can be put there and calls sent there now. */
export const takesDataAndCalls = (cluster: KnownCluster): boolean =>
  cluster.state === 'ACTIVE' &&
  healthyFunctions(cluster) > 0 &&
  cluster.storageDeployments.some((store) => store.health.status !== 'UNHEALTHY')

/** The ids of all stores that do not answer. */
export const downStores = (clusters: readonly KnownCluster[]): ReadonlySet<string> =>
  new Set(
    clusters.flatMap((cluster) =>
      cluster.storageDeployments.filter((store) => store.health.status === 'UNHEALTHY').map((store) => store.id),
    ),
  )

/** The ids of all stores in clusters without a function platform: their copies take no calls. */
export const uncalledStores = (clusters: readonly KnownCluster[]): ReadonlySet<string> =>
  new Set(
    clusters
      .filter(({ faasDeployments }) => faasDeployments.length === 0)
      .flatMap(({ storageDeployments }) => storageDeployments.map(({ id }) => id)),
  )
