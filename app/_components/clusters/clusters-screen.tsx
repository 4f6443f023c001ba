'use client'
import { plural } from '../../_lib/format.ts'
import { clusterMark } from '../../_lib/health.ts'
import { ClusterTable } from '../fleet/cluster-table.tsx'
import { Problem } from '../shared/problem.tsx'
import { SkeletonTable } from '../shared/skeleton.tsx'
import { useFleet } from '../shared/use-fleet.ts'
import { useOverlayParam } from '../shared/use-overlay-param.ts'
import { Screen } from '../shell/screen.tsx'
import { AddCluster } from './add-cluster.tsx'

export function ClustersScreen() {
  const { clusters, error, retry } = useFleet()
  const [adding, setAdding] = useOverlayParam('add')
  const add = (
    <button type="button" className="btn primary" onClick={() => setAdding(true)}>
      Add a cluster
    </button>
  )
  return (
    <Screen title="Clusters" actions={add}>
      {clusters ? (
        clusters.length > 0 ? (
          <>
            <p className="sentence mb-6">{healthSentence(clusters.map((cluster) => clusterMark(cluster).tone))}</p>
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

function healthSentence(tones: readonly string[]): string {
  const down = tones.filter((tone) => tone === 'bad').length
  const ill = tones.filter((tone) => tone === 'warn').length
  if (down + ill === 0)
    return tones.length === 1 ? 'The one cluster is well.' : `All ${tones.length} clusters are well.`
  const parts = [
    down > 0 ? `${plural(down, 'cluster')} cannot be reached` : '',
    ill > 0 ? `${plural(ill, 'cluster')} ${ill === 1 ? 'is' : 'are'} degraded` : '',
  ]
  return `Of ${plural(tones.length, 'cluster')}, ${parts.filter((part) => part !== '').join(', ')}.`
}
