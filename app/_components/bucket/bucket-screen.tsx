'use client'
import Link from 'next/link'
import { useState } from 'react'
import { useQuery } from 'urql'
import { BucketDetailDocument, type ClusterPartsFragment } from '../../../graphql/generated/operations.ts'
import { agedBucket } from '../../_lib/aged.ts'
import { allows, isDeleting } from '../../_lib/cells.ts'
import { bytes, count } from '../../_lib/format.ts'
import { masterStop } from '../../_lib/master.ts'
import type { MayBeRegressed } from '../../_lib/regressed.ts'
import { bucketSentence } from '../../_lib/words.ts'
import { Calls } from '../calls/calls.tsx'
import { Runs } from '../replication/runs.tsx'
import { ActButton } from '../shared/act-button.tsx'
import { Ago } from '../shared/ago.tsx'
import { CopyButton } from '../shared/copy-button.tsx'
import { Live } from '../shared/live.tsx'
import { Problem } from '../shared/problem.tsx'
import { Said } from '../shared/said.tsx'
import { SkeletonSentence, SkeletonTable } from '../shared/skeleton.tsx'
import { useFleet } from '../shared/use-fleet.ts'
import { Screen } from '../shell/screen.tsx'
import { useNow } from '../shell/use-now.ts'
import { BucketPolicies } from './bucket-policies.tsx'
import { Conformance } from './conformance.tsx'
import { Copies } from './copies.tsx'
import { Copying } from './copying.tsx'
import { DeleteBucket } from './delete-bucket.tsx'
import { MasterNote } from './master-note.tsx'
import { NoSuchBucket } from './no-such-bucket.tsx'
import { Objects } from './objects/objects.tsx'
import { RouteOf } from './route-of.tsx'
import { SweepNote } from './sweep-note.tsx'
import { Sweeps } from './sweeps.tsx'
import { UseIt } from './use-it.tsx'

/** One bucket: the sentence, the copies, the objects, the policies, the route. */
export function BucketScreen({ name }: { readonly name: string }) {
  const fleet = useFleet()
  const [{ data, error, stale }, again] = useQuery({ query: BucketDetailDocument, variables: { name } })
  const title = (
    <>
      <Link href="/buckets">Buckets</Link>
      <span className="text-ink-3">/</span>
      <code>{name}</code>
      <CopyButton text={name} what="name" />
    </>
  )
  // That there was none is not kept from an earlier visit.
  const known = data?.bucket || (data && !stale)
  const failed = known && fleet.clusters ? undefined : (error ?? fleet.error)
  const retry = () => {
    fleet.retry()
    again({ requestPolicy: 'network-only' })
  }
  return (
    <Screen title={title}>
      {failed ? (
        <Problem error={failed} what="The bucket" onRetry={retry} />
      ) : !known || !fleet.clusters ? (
        <>
          <SkeletonSentence />
          <SkeletonTable columns={['Cluster', 'State', 'Lag', 'Serves', 'Compared']} rows={3} />
        </>
      ) : data.bucket ? (
        <BucketBody bucket={data.bucket} clusters={fleet.clusters} />
      ) : (
        <NoSuchBucket name={name} />
      )}
    </Screen>
  )
}

type BodyProps = {
  readonly bucket: MayBeRegressed
  readonly clusters: readonly ClusterPartsFragment[]
}

/** Why nothing may be written to it; null: it may. */
function closedOf(bucket: MayBeRegressed, clusters: readonly ClusterPartsFragment[]): string | null {
  const home = clusters.find(({ id }) => id === bucket.master.storageDeployment.cluster.id)
  if (home && !allows(bucket, home)) return 'The policy zones forbids more data on its master.'
  if (isDeleting(bucket)) return 'The bucket is being deleted.'
  const stop = masterStop(bucket)
  return stop === null ? null : `The master's bucket is ${stop}: nothing is written to it.`
}

function BucketBody({ bucket: read, clusters }: BodyProps) {
  const now = useNow()
  const bucket = agedBucket(read, now)
  const [deleting, setDeleting] = useState(false)
  const compared = bucket.replicas.flatMap((replica) => replica.lastVerifiedAt ?? []).sort()[0]
  return (
    <>
      <Live bucket={bucket.name} />
      <p className="sentence">
        <Said parts={bucketSentence(bucket, clusters, now)} />
      </p>
      <MasterNote bucket={bucket} />
      <SweepNote bucket={bucket} />
      <dl className="totals">
        {bucket.stats && (
          <>
            <div>
              <dt>{bucket.stats.objects === 1 ? 'object' : 'objects'}</dt>
              <dd>{count(bucket.stats.objects)}</dd>
            </div>
            <div>
              <dt>size</dt>
              <dd>{bytes(bucket.stats.bytes)}</dd>
            </div>
          </>
        )}
        <div>
          <dt>{bucket.replicas.length === 1 ? 'replica' : 'replicas'}</dt>
          <dd>{count(bucket.replicas.length)}</dd>
        </div>
        {compared !== undefined && (
          <div>
            <dt>lists of objects last compared</dt>
            <dd>
              <Ago time={compared} />
            </dd>
          </div>
        )}
      </dl>
      <div className="two-columns woven">
        <div>
          <Copies bucket={bucket} clusters={clusters} />
          <Objects bucket={bucket.name} total={bucket.stats?.objects ?? null} closed={closedOf(bucket, clusters)} />
          <BucketPolicies bucket={bucket} clusters={clusters} />
          <Runs bucket={bucket.name} className="order-5" />
        </div>
        <div>
          <RouteOf bucket={bucket} clusters={clusters} />
          <Calls bucket={bucket.name} className="order-2" />
          {!isDeleting(bucket) && masterStop(bucket) === null && <UseIt bucket={bucket} clusters={clusters} />}
          {!isDeleting(bucket) && <Copying bucket={bucket} />}
          <Conformance bucket={bucket.name} className="order-4" />
          {!isDeleting(bucket) && <Sweeps bucket={bucket.name} className="order-5" />}
          {!isDeleting(bucket) && (
            <section className="order-6" aria-labelledby="h-delete">
              <header>
                <h2 id="h-delete">Delete</h2>
              </header>
              <p className="mb-2 text-ink-2">The route goes first, then the replicas.</p>
              <ActButton className="btn" onClick={() => setDeleting(true)}>
                Delete the bucket
              </ActButton>
            </section>
          )}
        </div>
      </div>
      {deleting && <DeleteBucket bucket={bucket} onClose={() => setDeleting(false)} />}
    </>
  )
}
