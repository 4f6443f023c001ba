import type { RoutePartsFragment } from '../../../graphql/generated/operations.ts'
import type { Share } from '../../_lib/shares.ts'

type Props = { readonly state: RoutePartsFragment['state']; readonly shares: readonly Share[] }

/** Who takes calls, as parts of a bar by weight: the master dark, replicas as their dots. Hollow while it is not yet what the proxies do. */
export function Split({ state, shares }: Props) {
  const taking = shares.filter(({ weight, waits }) => weight > 0 && !waits)
  if (taking.length === 0) return null
  const said = taking.map(({ cluster, weight }) => `${cluster.name} ${weight}`).join(', ')
  return (
    <div className={state === 'SERVING' ? 'split' : 'split waiting'} role="img" aria-label={`Weights: ${said}`}>
      {taking.map(({ cluster, isMaster, weight }) => (
        <span key={cluster.id} className={isMaster ? 'master' : ''} style={{ flex: weight }}>
          {cluster.name}
        </span>
      ))}
    </div>
  )
}
