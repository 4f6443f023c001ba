import type { LiveCallsSubscription } from '../../../graphql/generated/operations.ts'
import { percent } from '../../_lib/format.ts'

type Taken = LiveCallsSubscription['invocationStats']['clusters'][number]

/** Which part of the calls each cluster took in the last minute. */
export function CallSplit({ clusters }: { readonly clusters: readonly Taken[] }) {
  const sum = clusters.reduce((all, { callsPerSecond }) => all + callsPerSecond, 0)
  if (sum === 0) return null
  const byName = clusters.toSorted((a, b) => (a.cluster.name < b.cluster.name ? -1 : 1))
  const shares = byName.map(({ cluster, callsPerSecond }) => ({ cluster, share: callsPerSecond / sum }))
  const said = shares.map(({ cluster, share }) => `${cluster.name} ${percent(share)}`).join(', ')
  return (
    <div className="split" role="img" aria-label={`Calls taken: ${said}`}>
      {shares.map(({ cluster, share }) => (
        <span key={cluster.id} style={{ flex: share }}>
          {cluster.name}
        </span>
      ))}
    </div>
  )
}
