'use client'
import { clustersSentence } from '../../_lib/cluster-words.ts'
import { ClusterTable } from '../fleet/cluster-table.tsx'
import { ActButton } from '../shared/act-button.tsx'
import { Problem } from '../shared/problem.tsx'
import { Said } from '../shared/said.tsx'
import { SkeletonTable } from '../shared/skeleton.tsx'
import { useFleet } from '../shared/use-fleet.ts'
import { useOverlayParam } from '../shared/use-overlay-param.ts'
import { Screen } from '../shell/screen.tsx'
import { AddCluster } from './add-cluster.tsx'

export function ClustersScreen() {
  const { clusters, error, retry } = useFleet()
  const [adding, setAdding] = useOverlayParam('add')
  const add = (
    <ActButton className="btn primary" onClick={() => setAdding(true)}>
      Add a cluster
    </ActButton>
  )
  return (
    <Screen title="Clusters" actions={clusters?.length === 0 ? undefined : add}>
      {clusters ? (
        clusters.length > 0 ? (
          <>
            <p className="sentence mb-6">
              <Said parts={clustersSentence(clusters)} />
            </p>
            <ClusterTable clusters={clusters} />
          </>
        ) : (
          <div className="blank">
            <p className="sentence">No cluster yet.</p>
            <p className="text-ink-2">
              A cluster has a store for the data and a platform for the functions that use it.
            </p>
            <div>{add}</div>
          </div>
        )
      ) : error ? (
        <Problem error={error} what="The clusters" onRetry={retry} />
      ) : (
        <SkeletonTable columns={['Cluster', 'Zones', 'Functions', 'Store', 'Objects', 'Stored']} />
      )}
      {adding && <AddCluster known={clusters ?? []} onClose={() => setAdding(false)} />}
    </Screen>
  )
}
