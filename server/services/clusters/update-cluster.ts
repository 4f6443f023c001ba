import { type ClusterRecord, changeCluster } from '../../db/catalogue/clusters.ts'
import { storagesOfClusters } from '../../db/catalogue/storage-deployments.ts'
import { markBuckets } from '../../db/queue/dirty-buckets.ts'
import type { Label } from '../../domain/fleet/cluster.ts'
import { type Actor, requireOwnZones, requireZones } from '../shared/authorize.ts'
import { beingDeleted, change, requireVersion } from '../shared/change.ts'
import { checkZones } from '../shared/check-input.ts'
import type { ServiceDeps } from '../shared/deps.ts'
import { clusterToChange } from '../shared/find.ts'
import { checkLabels } from './create-cluster.ts'

export type UpdateCluster = {
  readonly cluster: string
  readonly zones?: readonly string[] | null | undefined
  readonly labels?: readonly Label[] | null | undefined
  readonly expectedVersion?: number | null | undefined
}

/** What is left out stays as it was. */
export async function updateCluster(deps: ServiceDeps, actor: Actor, input: UpdateCluster): Promise<ClusterRecord> {
  return change(deps, actor, 'clusterUpdate', async (tx) => {
    const cluster = await clusterToChange(tx, actor, input.cluster)
    requireVersion(input.expectedVersion, cluster.version, `The cluster ${cluster.name}`)
    if (cluster.state === 'deleting') throw beingDeleted(`The cluster ${cluster.name}`, ['cluster'])
    const zones = input.zones ? checkZones(input.zones, ['zones']) : cluster.zones
    const labels = input.labels ?? cluster.labels
    checkLabels(labels)
    requireOwnZones(actor, cluster.zones, zones)
    requireZones(actor, zones, `the cluster ${cluster.name} so that it lies outside them`)

    const taken = cluster.zones.filter((zone) => !zones.includes(zone))
    const given = zones.filter((zone) => !cluster.zones.includes(zone))
    const changed = await changeCluster(tx, cluster, { zones, labels })
    if (taken.length + given.length > 0) {
      const stores = await storagesOfClusters(tx, [cluster.id])
      // A bucket without a copy here is marked too: one may just be being decided.
      await markBuckets(
        tx,
        { kind: 'all', storesFirst: stores.map(({ id }) => id) },
        { intent: true, narrowing: taken.length > 0 },
      )
    }
    tx.changed('cluster', [cluster.id])
    return { result: changed, subject: cluster.name, detail: { zones, labels } }
  })
}
