// What `fado get routes` shows.
import { CliProxiesDocument, type CliProxiesQuery } from '../../graphql/generated/operations.ts'
import { nobodyMayCall } from '../domain/explain/say-decision.ts'
import type { Api } from './api.ts'
import { type Bucket, list, readBuckets } from './get-buckets.ts'
import { hintLines } from './hint-lines.ts'
import type { Column } from './output.ts'

/** `waits`: what its route waits for, in words. */
type Route = Bucket & { readonly waits: string | null }
type Proxy = CliProxiesQuery['proxies'][number]

export const waits = ({ waitsFor }: Bucket['route']) =>
  waitsFor.length === 0 ? null : waitsFor.map(({ reason }) => reason.message).join('; ')

/** A route that no proxy holds up is PENDING until it is decided, and as long as no proxy is connected, whatever they agreed to. */
function undecidedOrAlone(proxies: readonly Proxy[]): string {
  if (proxies.some(({ goneSince }) => goneSince === null)) return 'its decision'
  const gone = proxies.map(({ nodeId, goneSince }) => `; ${nodeId} is gone since ${goneSince}`)
  return `a proxy: none is connected${gone.join('')}`
}

export async function loadRoutes(api: Api): Promise<Route[]> {
  const buckets = await readBuckets(api)
  const isUntold = ({ route }: Bucket) => route.state === 'PENDING' && route.waitsFor.length === 0
  if (!buckets.some(isUntold)) return buckets.map((bucket) => ({ ...bucket, waits: waits(bucket.route) }))
  const { proxies } = await api.run(CliProxiesDocument, {})
  return buckets.map((bucket) => ({
    ...bucket,
    waits: isUntold(bucket) ? undecidedOrAlone(proxies) : waits(bucket.route),
  }))
}

const upstream = ({ cluster, weight, answers }: Bucket['route']['upstreams'][number]) =>
  `${cluster.name}${weight === 1 ? '' : ` x${weight}`}${answers ? '' : ' (does not answer)'}`

/** Who may call. */
const callersText = ({ route: { callers } }: Bucket): string =>
  callers === null ? 'all' : callers.length === 0 ? 'nobody' : list(callers)

/** A route may stand, and let in nobody. */
export const routeHints = (routes: readonly Bucket[]): string =>
  hintLines(
    routes
      .filter(({ route }) => route.callers?.length === 0)
      .map(({ name }) => ({ name, hints: [{ message: nobodyMayCall }] })),
  )

export const routeColumns: readonly Column<Route>[] = [
  { title: 'BUCKET', of: ({ name }) => name },
  { title: 'STATE', of: ({ route }) => route.state },
  { title: 'POLICY', of: ({ route }) => route.lbPolicy },
  { title: 'CLUSTERS', of: ({ route }) => list(route.upstreams.map(upstream)) },
  { title: 'CALLERS', of: callersText },
  { title: 'OVERRIDDEN', of: ({ route }) => (route.overridden ? 'yes' : 'no') },
  { title: 'WAITS FOR', of: (route) => route.waits },
]
