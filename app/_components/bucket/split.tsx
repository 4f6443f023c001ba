import type { RoutePartsFragment } from '../../../graphql/generated/operations.ts'

/** The upstreams as parts of a bar, by weight; hollow while it is not yet what the proxies do. */
export function Split({ route }: { readonly route: RoutePartsFragment }) {
  const said = route.upstreams.map(({ cluster, weight }) => `${cluster.name} ${weight}`).join(', ')
  return (
    <div className={route.state === 'SERVING' ? 'split' : 'split waiting'} role="img" aria-label={`Weights: ${said}`}>
      {route.upstreams.map(({ cluster, weight }) => (
        <span key={cluster.id} style={{ flex: weight }}>
          {cluster.name}
        </span>
      ))}
    </div>
  )
}
