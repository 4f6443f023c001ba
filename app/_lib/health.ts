// How well clusters, stores and functions are, in a glyph and a word.
import type { ClusterPartsFragment, HealthStatus } from '../../graphql/generated/operations.ts'
import type { Mark } from './cells.ts'

export function healthMark(status: HealthStatus): Mark {
  switch (status) {
    case 'HEALTHY':
      return { glyph: 'sync', tone: 'plain', word: 'healthy' }
    case 'UNHEALTHY':
      return { glyph: 'fail', tone: 'bad', word: 'down' }
    case 'UNKNOWN':
      return { glyph: 'unknown', tone: 'plain', word: 'not known yet' }
  }
}

/** A cluster is as well as the worst of its parts. */
export function clusterMark(cluster: ClusterPartsFragment): Mark {
  if (cluster.state === 'DELETING') return { glyph: 'leave', tone: 'plain', word: 'being deleted' }
  const all = [...cluster.storageDeployments, ...cluster.faasDeployments].map((part) => part.health.status)
  const stores = cluster.storageDeployments.map((store) => store.health.status)
  if (stores.includes('UNHEALTHY')) return healthMark('UNHEALTHY')
  if (all.includes('UNHEALTHY')) return { glyph: 'warn', tone: 'warn', word: 'degraded' }
  if (all.length === 0) return { glyph: 'skip', tone: 'plain', word: 'empty' }
  return healthMark(all.includes('UNKNOWN') ? 'UNKNOWN' : 'HEALTHY')
}

/** "2 of 3": how many of a cluster's function deployments answer. */
export const healthyFunctions = (cluster: ClusterPartsFragment): number =>
  cluster.faasDeployments.filter((one) => one.health.status === 'HEALTHY' || one.health.status === 'UNKNOWN').length
