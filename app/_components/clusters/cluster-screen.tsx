'use client'
import Link from 'next/link'
import type { ClusterPartsFragment } from '../../../graphql/generated/operations.ts'
import { listHref, parseListQuery } from '../../_lib/bucket-filter.ts'
import { clusterSentence } from '../../_lib/cluster-words.ts'
import { zonesOf } from '../../_lib/fleet-parts.ts'
import { Calls } from '../calls/calls.tsx'
import { CopyButton } from '../shared/copy-button.tsx'
import { Problem } from '../shared/problem.tsx'
import { Said } from '../shared/said.tsx'
import { SkeletonSentence, SkeletonTable } from '../shared/skeleton.tsx'
import { useFleet } from '../shared/use-fleet.ts'
import { Screen } from '../shell/screen.tsx'
import { ClusterPolicies } from './cluster-policies.tsx'
import { DeleteCluster } from './delete-cluster.tsx'
import { Functions } from './functions.tsx'
import { HealthHistory } from './health-history.tsx'
import { Stores } from './stores.tsx'
import { Zones } from './zones.tsx'

export function ClusterScreen({ name }: { readonly name: string }) {
  const { clusters, error, retry } = useFleet()
  const cluster = clusters?.find((one) => one.name === name)
  const title = (
    <>
      <Link href="/clusters">Clusters</Link>
      <span className="text-ink-3">/</span>
      <code>{name}</code>
      <CopyButton text={name} what="name" />
    </>
  )
  return (
    <Screen title={title}>
      {cluster && clusters ? (
        <ClusterBody cluster={cluster} zones={zonesOf(clusters)} />
      ) : clusters ? (
        <div className="blank">
          <p className="sentence">
            No cluster is called <code>{name}</code>.
          </p>
          <div>
            <Link className="btn" href="/clusters">
              All clusters
            </Link>
          </div>
        </div>
      ) : error ? (
        <Problem error={error} what="The cluster" onRetry={retry} />
      ) : (
        <>
          <SkeletonSentence />
          <SkeletonTable columns={['Store', 'Endpoint', 'State']} rows={2} />
        </>
      )}
    </Screen>
  )
}

function ClusterBody({
  cluster,
  zones,
}: {
  readonly cluster: ClusterPartsFragment
  readonly zones: readonly string[]
}) {
  return (
    <>
      <p className="sentence mb-6">
        <Said parts={clusterSentence(cluster)} />
      </p>
      <div className="two-columns">
        <div>
          <Stores cluster={cluster} />
          <Functions cluster={cluster} />
          <Calls clusterId={cluster.id} />
          <HealthHistory cluster={cluster.name} />
          {cluster.state !== 'DELETING' && <ClusterPolicies name={cluster.name} />}
        </div>
        <div>
          <Zones cluster={cluster} known={zones} />
          <section aria-labelledby="h-held">
            <header>
              <h2 id="h-held">Buckets</h2>
            </header>
            <p className="text-ink-2">
              <Link href={listHref(parseListQuery(new URLSearchParams()), { cluster: cluster.name })}>
                Buckets with a copy here
              </Link>
            </p>
          </section>
          {cluster.state !== 'DELETING' && <DeleteCluster cluster={cluster} />}
        </div>
      </div>
    </>
  )
}
