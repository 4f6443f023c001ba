import { changeCluster, deleteCluster as deleteRow } from '../../db/catalogue/clusters.ts'
import { lockStoragesOfCluster, mastersOn, startRemoval } from '../../db/catalogue/storage-deployments.ts'
import type { Sql } from '../../db/core/pool.ts'
import { markBuckets } from '../../db/queue/dirty-buckets.ts'
import { FadoError } from '../../domain/errors.ts'
import type { Actor } from '../shared/authorize.ts'
import { change, requireVersion } from '../shared/change.ts'
import type { ServiceDeps } from '../shared/deps.ts'
import { clusterToChange } from '../shared/find.ts'

export type DeleteCluster = {
  readonly cluster: string
  readonly force: boolean
  readonly expectedVersion?: number | null | undefined
}

const named = 3

/** Masters are never moved or lost by removing where they lie. */
export async function refuseMasters(
  sql: Sql,
  storageIds: readonly string[],
  what: string,
  path: readonly string[],
): Promise<void> {
  const masters = await mastersOn(sql, storageIds, named + 1)
  if (masters.length === 0) return
  const names = masters.slice(0, named).join(', ') + (masters.length > named ? ' and others' : '')
  throw new FadoError('IN_USE', `${what} holds the master of ${names}: delete these buckets first`, { path })
}

/**
 * Replicas there are evicted first, the cluster readable meanwhile; an empty one goes at once. Deleting again answers the
 * same. `force` forgets stores that cannot be reached.
 */
export async function deleteCluster(deps: ServiceDeps, actor: Actor, input: DeleteCluster): Promise<string> {
  return change(deps, actor, 'clusterDelete', async (tx) => {
    const cluster = await clusterToChange(tx, actor, input.cluster)
    if (cluster.state !== 'deleting')
      requireVersion(input.expectedVersion, cluster.version, `The cluster ${cluster.name}`)
    const stores = await lockStoragesOfCluster(tx, cluster.id)
    const ids = stores.map((store) => store.id)
    await refuseMasters(tx, ids, `The cluster ${cluster.name}`, ['cluster'])

    const empty = ids.length === 0
    if (empty) await deleteRow(tx, cluster.id)
    else {
      if (cluster.state !== 'deleting') await changeCluster(tx, cluster, { state: 'deleting' })
      await startRemoval(tx, ids, input.force)
    }
    // All: a copy that is just being decided is in no table yet, and a zone that was known may be unknown now.
    await markBuckets(tx, { kind: 'all', storesFirst: ids }, { intent: true, narrowing: !empty })
    tx.changed('cluster', [cluster.id])
    tx.wake('endpoints')
    tx.changed('storage', ids)
    return { result: cluster.id, subject: cluster.name, detail: { force: input.force } }
  })
}
