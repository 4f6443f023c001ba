// The normalised cache: which types have no identity, and which rows appear or go with a mutation or an event.
import { type Cache, cacheExchange, type UpdateResolver, type UpdatesConfig } from '@urql/exchange-graphcache'
import { introspection } from '../../graphql/generated/introspection.ts'

type ObjectType = { readonly kind: string; readonly name: string; readonly fields: readonly { readonly name: string }[] }
const isObject = (type: { readonly kind: string }): type is ObjectType => type.kind === 'OBJECT'

/** Types that are part of what holds them: every object type without an id. */
export const keylessTypes: readonly string[] = (introspection.__schema.types ?? [])
  .filter(isObject)
  .filter((type) => !type.fields.some((field) => field.name === 'id'))
  .map((type) => type.name)

export const createCache = () =>
  cacheExchange({
    schema: introspection,
    keys: Object.fromEntries(keylessTypes.map((type) => [type, () => null])),
    updates: updates(),
  })

/** Every page of a list, whatever its filter, is asked for again. */
function forget(cache: Cache, ...fields: readonly string[]) {
  for (const field of cache.inspectFields('Query')) {
    if (fields.includes(field.fieldName)) cache.invalidate('Query', field.fieldName, field.arguments ?? undefined)
  }
}

type Result = { readonly result?: { readonly __typename?: string } }
const succeeded = ({ result }: Result) => result?.__typename?.endsWith('Payload') === true

const forgets =
  (...fields: readonly string[]): UpdateResolver =>
  (result, _args, cache) => {
    if (succeeded(result as Result)) forget(cache, ...fields)
  }

/** What the last event said of each bucket, so that lists are asked for again only when one of them would read otherwise. */
function updates(): UpdatesConfig {
  const last = new Map<string, string>()
  return {
    Mutation: {
      clusterCreate: forgets('clusters'),
      clusterUpdate: forgets('buckets', 'bucket'),
      clusterDelete: forgets('clusters'),
      faasDeploymentAdd: forgets('clusters'),
      faasDeploymentRemove: forgets('clusters'),
      storageDeploymentAdd: forgets('clusters'),
      storageDeploymentRemove: forgets('clusters'),
      bucketCreate: forgets('buckets', 'bucket'),
      bucketDelete: forgets('buckets', 'bucket'),
      policySet: forgets('buckets', 'bucket', 'policies'),
      policyUnset: forgets('buckets', 'bucket', 'policies'),
      tokenCreate: forgets('tokens'),
      tokenRevoke: forgets('tokens'),
    },
    Subscription: {
      routesChanged: (event, _args, cache) => {
        const bucket = (event as RouteEvent).routesChanged?.bucket
        if (bucket) noticeBucket(bucket, last, cache)
      },
      replicationProgress: (event, _args, cache) => {
        const replica = (event as ReplicaEvent).replicationProgress?.replica
        if (replica) linkReplica(replica, cache)
      },
      proxyStatus: (event, _args, cache) => {
        const proxy = (event as ProxyEvent).proxyStatus?.proxy
        if (proxy) linkProxy(proxy, cache)
      },
    },
  }
}

type Entity = { readonly __typename: string; readonly id: string }
type RouteEvent = {
  readonly routesChanged?: {
    readonly bucket: Entity & {
      readonly placement: { readonly condition: string }
      readonly route: {
        readonly state: string
        readonly upstreams: readonly { readonly cluster: { readonly name: string } }[]
      }
    }
  }
}
type ReplicaEvent = { readonly replicationProgress?: { readonly replica: Entity & { readonly bucket: Entity } } }
type ProxyEvent = { readonly proxyStatus?: { readonly proxy: Entity } }

/**
 * Lists are filtered by route and placement, and clusters' health is behind both: when one of them changed, or a bucket
 * is new, lists and clusters are asked for again. The first word of a known bucket is the present state, not a change.
 */
function noticeBucket(
  bucket: NonNullable<RouteEvent['routesChanged']>['bucket'],
  last: Map<string, string>,
  cache: Cache,
) {
  const clusters = bucket.route.upstreams.map((upstream) => upstream.cluster.name)
  const said = [bucket.placement.condition, bucket.route.state, ...clusters].join(' ')
  const before = last.get(bucket.id)
  last.set(bucket.id, said)
  // An event does not select `version`: it is there only when a list or a page has loaded the bucket.
  const known = cache.resolve({ __typename: bucket.__typename, id: bucket.id }, 'version') !== undefined
  if (before === undefined ? !known : before !== said) forget(cache, 'buckets', 'clusters')
}

function linkReplica(
  { bucket, ...replica }: NonNullable<ReplicaEvent['replicationProgress']>['replica'],
  cache: Cache,
) {
  const key = cache.keyOfEntity(replica)
  const row = { __typename: bucket.__typename, id: bucket.id }
  const present: unknown = cache.resolve(row, 'replicas')
  if (key && Array.isArray(present) && !present.includes(key))
    cache.link(row, 'replicas', [...present, key] as string[])
}

function linkProxy(proxy: Entity, cache: Cache) {
  const key = cache.keyOfEntity(proxy)
  const present: unknown = cache.resolve('Query', 'proxies')
  if (key && Array.isArray(present) && !present.includes(key))
    cache.link('Query', 'proxies', [...present, key] as string[])
  // A deployment that fell ill or recovered reaches the proxies as a change of endpoints.
  forget(cache, 'clusters')
}
