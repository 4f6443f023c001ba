// What happens, as it happens: first the present state, then each change.
import type { BucketView } from '../../server/services/catalogue/read-catalogue.ts'
import type { ReplicaView } from '../../server/services/catalogue/replica-view.ts'
import type { ProxyView } from '../../server/services/routes/read-proxies.ts'
import type { RouteView } from '../../server/services/routes/read-routes.ts'
import { follow } from '../follow.ts'
import { bucketNamed } from './bucket-named.ts'
import { Bucket, Route } from './bucket-refs.ts'
import { builder } from './builder.ts'
import { ProxyNode } from './proxy.ts'
import { Replica } from './replica.ts'

type At<T> = T & { readonly at: Date }

const ReplicationProgressEvent = builder.objectRef<At<{ replica: ReplicaView }>>('ReplicationProgressEvent').implement({
  fields: (t) => ({
    at: t.field({ type: 'DateTime', resolve: (event) => event.at }),
    replica: t.field({ type: Replica, resolve: (event) => event.replica }),
  }),
})
const RouteChange = builder.objectRef<At<{ bucket: BucketView; route: RouteView }>>('RouteChange').implement({
  fields: (t) => ({
    at: t.field({ type: 'DateTime', resolve: (event) => event.at }),
    bucket: t.field({ type: Bucket, resolve: (event) => event.bucket }),
    route: t.field({ type: Route, resolve: (event) => event.route }),
  }),
})
const ProxyStatusEvent = builder.objectRef<At<{ proxy: ProxyView }>>('ProxyStatusEvent').implement({
  fields: (t) => ({
    at: t.field({ type: 'DateTime', resolve: (event) => event.at }),
    proxy: t.field({ type: ProxyNode, resolve: (event) => event.proxy }),
  }),
})

type Loader<T> = { loadMany(keys: readonly string[]): Promise<readonly (T | Error | null)[]> }

/** What is still there, in the order of the ids. */
async function loadPresent<T>(loader: Loader<T>, ids: readonly string[]): Promise<T[]> {
  const found: T[] = []
  for (const one of await loader.loadMany(ids)) {
    if (one instanceof Error) throw one
    if (one !== null) found.push(one)
  }
  return found
}

const now = () => new Date()

/** Tells whether a route looks other than when it was last sent. */
function createChanged(): (route: RouteView) => boolean {
  const sent = new Map<string, string>()
  return (route) => {
    const look = JSON.stringify([
      route.state,
      route.overridden,
      route.lbPolicy,
      route.upstreams,
      route.callers,
      route.waitsFor,
    ])
    if (sent.get(route.bucketId) === look) return false
    sent.set(route.bucketId, look)
    return true
  }
}

builder.subscriptionFields((t) => ({
  replicationProgress: t.field({
    type: ReplicationProgressEvent,
    description: 'Of one bucket, or of all. At most 4 events a second per replica, the last one always.',
    args: { bucket: t.arg.string() },
    subscribe: async (_root, { bucket }, context) =>
      follow(context, 'replica', (await bucketNamed(bucket, context))?.id, async (ids, shared) =>
        (await loadPresent(Replica.getDataloader(shared), ids)).map((replica) => ({ at: now(), replica })),
      ),
    resolve: (event) => event,
  }),
  routesChanged: t.field({
    type: RouteChange,
    description: 'Each route as it changes, and again when every Envoy has ACKed it.',
    args: { bucket: t.arg.string() },
    subscribe: async (_root, { bucket }, context) => {
      const changed = createChanged()
      return follow(context, 'route', (await bucketNamed(bucket, context))?.id, async (ids, shared) => {
        const routes = (await loadPresent(Route.getDataloader(shared), ids)).filter(changed)
        const buckets = await Bucket.getDataloader(shared).loadMany(routes.map((route) => route.bucketId))
        return routes.flatMap((route, i) => {
          const of = buckets[i]
          return of && !(of instanceof Error) ? [{ at: now(), bucket: of, route }] : []
        })
      })
    },
    resolve: (event) => event,
  }),
  proxyStatus: t.field({
    type: ProxyStatusEvent,
    subscribe: (_root, _args, context) =>
      follow(context, 'proxy', undefined, async (ids, shared) =>
        (await loadPresent(ProxyNode.getDataloader(shared), ids)).map((proxy) => ({ at: now(), proxy })),
      ),
    resolve: (event) => event,
  }),
}))
