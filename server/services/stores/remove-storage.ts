import { changeCluster } from '../../db/catalogue/clusters.ts'
import { sealedStorage, startRemoval } from '../../db/catalogue/storage-deployments.ts'
import { markBuckets } from '../../db/queue/dirty-buckets.ts'
import { refuseMasters } from '../clusters/delete-cluster.ts'
import type { Actor } from '../shared/authorize.ts'
import { change, notFound, requireVersion } from '../shared/change.ts'
import type { ServiceDeps } from '../shared/deps.ts'
import { storageToChange } from '../shared/find.ts'

export type RemoveStorage = {
  readonly name: string
  readonly force: boolean
  readonly expectedVersion?: number | null | undefined
}

/** Replicas there are evicted first. `force` forgets a store that cannot be reached. Returns its id. */
export async function removeStorage(deps: ServiceDeps, actor: Actor, input: RemoveStorage): Promise<string> {
  const { name, force, expectedVersion } = input
  const stored = await sealedStorage(deps.pool, name)
  return change(deps, actor, 'storageDeploymentRemove', async (tx) => {
    if (stored === undefined) throw notFound('storage deployment', name, ['name'])
    const { cluster, storage } = await storageToChange(tx, actor, stored.clusterId, name)
    const known = `The storage deployment ${name}`
    if (storage.state !== 'deleting') requireVersion(expectedVersion, storage.version, known)
    await refuseMasters(tx, [storage.id], known, ['name'])
    if (storage.state !== 'deleting') await changeCluster(tx, cluster)
    await startRemoval(tx, [storage.id], force)
    // All: a copy that is just being decided is in no table yet.
    await markBuckets(tx, { kind: 'all', storesFirst: [storage.id] }, { intent: true, narrowing: true })
    tx.changed('storage', [storage.id])
    return { result: storage.id, subject: name, detail: { force } }
  })
}
