import type { ClusterPartsFragment } from '../../../graphql/generated/operations.ts'
import type { LiveReplica } from '../../_lib/attention-item.ts'
import { zonesOf } from '../../_lib/fleet-parts.ts'
import { bytes, count, duration, rate } from '../../_lib/format.ts'
import { speedOf } from '../../_lib/moving.ts'

type Props = {
  readonly clusters: readonly ClusterPartsFragment[]
  readonly buckets: number
  /** Copies that are not in sync, and those of them that get something now. */
  readonly busy: readonly LiveReplica[]
  readonly moving: readonly LiveReplica[]
}

/** The fleet in a line of numbers. */
export function Totals({ clusters, buckets, busy, moving }: Props) {
  const usage = clusters.flatMap((cluster) => cluster.storageDeployments.flatMap((store) => store.usage ?? []))
  const objects = usage.reduce((sum, one) => sum + one.objects, 0)
  const stored = usage.reduce((sum, one) => sum + one.bytes, 0)
  const speed = speedOf(moving)
  const oldest = Math.max(0, ...busy.map((replica) => replica.lag.oldestSeconds))
  const zones = zonesOf(clusters).length
  const facts: readonly (readonly [string, string])[] = [
    [count(clusters.length), clusters.length === 1 ? 'cluster' : 'clusters'],
    [count(zones), zones === 1 ? 'zone' : 'zones'],
    [count(buckets), buckets === 1 ? 'bucket' : 'buckets'],
    ...(usage.length === 0
      ? []
      : ([
          [count(objects), 'objects, copies counted'],
          [bytes(stored), 'stored'],
        ] as const)),
    ...(speed > 0 ? ([[rate(speed), 'replicating']] as const) : []),
    oldest > 0 ? [duration(oldest), 'oldest change not yet everywhere'] : ['no', 'known change missing anywhere'],
  ]
  return (
    <dl className="totals">
      {facts.map(([value, what]) => (
        <div key={what}>
          <dt>{what}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}
