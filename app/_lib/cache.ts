// The normalised cache: which types have no identity, and what else to look at after a mutation or an event.
import { type Cache, cacheExchange, type UpdateResolver, type UpdatesConfig } from '@urql/exchange-graphcache'
import { introspection } from '../../graphql/generated/introspection.ts'
import type { ChangeKind } from '../../graphql/generated/operations.ts'
import type { ActiveQueries } from './active-queries.ts'

type ObjectType = {
  readonly kind: string
  readonly name: string
  readonly fields: readonly { readonly name: string }[]
}
const isObject = (type: { readonly kind: string }): type is ObjectType => type.kind === 'OBJECT'

/** Types that are part of what holds them: every object type without an id. */
export const keylessTypes: readonly string[] = (introspection.__schema.types ?? [])
  .filter(isObject)
  .filter((type) => !type.fields.some((field) => field.name === 'id'))
  .map((type) => type.name)

/** Types whose id names something that several of them share: a decision's that of its route table. */
const shared = ['Decision']

type Queries = Pick<ActiveQueries, 'refetch' | 'refetchAll'>

export const createCache = (queries: Queries) =>
  cacheExchange({
    schema: introspection,
    keys: Object.fromEntries([...keylessTypes, ...shared].map((type) => [type, () => null])),
    updates: updates(queries),
  })

type Result = { readonly result?: { readonly __typename?: string } }
const succeeded = ({ result }: Result) => result?.__typename?.endsWith('Payload') === true

/** What to look at after each kind of hint. A store or functions are read with their cluster. */
const touched: Readonly<Record<Exclude<ChangeKind, 'EVERYTHING'>, readonly string[]>> = {
  BUCKET: ['bucket', 'buckets', 'callers', 'explainRequest', 'explainDecision'],
  CLUSTER: ['clusters', 'explainRequest'],
  STORAGE_DEPLOYMENT: ['clusters', 'links', 'healthChanges', 'explainRequest'],
  FAAS_DEPLOYMENT: ['clusters', 'bucket', 'buckets', 'healthChanges', 'explainRequest'],
  API_TOKEN: ['tokens'],
  CALLER: ['callers', 'bucket', 'buckets', 'explainRequest'],
  PROXY: ['proxies'],
}

type ChangeEvent = { readonly changes?: { readonly kind: ChangeKind } }
type Entity = { readonly __typename: string; readonly id: string }
type ReplicaEvent = { readonly replicationProgress?: { readonly replica: Entity & { readonly bucket: Entity } } }
type ProxyEvent = { readonly proxyStatus?: { readonly proxy: Entity } }

function updates({ refetch, refetchAll }: Queries): UpdatesConfig {
  const after =
    (...fields: readonly string[]): UpdateResolver =>
    (result) => {
      if (succeeded(result as Result)) refetch(...fields)
    }
  return {
    Mutation: {
      clusterCreate: after('clusters'),
      clusterUpdate: after('buckets', 'bucket'),
      clusterDelete: after('clusters'),
      faasDeploymentAdd: after('clusters'),
      faasDeploymentUpdate: after('clusters'),
      faasDeploymentRemove: after('clusters'),
      storageDeploymentAdd: after('clusters'),
      storageDeploymentUpdate: after('clusters'),
      storageDeploymentRemove: after('clusters'),
      bucketCreate: after('buckets', 'bucket'),
      bucketAdopt: after('buckets', 'bucket', 'storageDeployment'),
      replicaRelease: after('buckets', 'bucket'),
      bucketDelete: after('buckets', 'bucket'),
      policySet: after('buckets', 'bucket', 'globalPolicies', 'callers', 'links'),
      policyUnset: after('buckets', 'bucket', 'globalPolicies', 'callers', 'links'),
      uploadComplete: after('bucket'),
      objectDelete: after('bucket'),
      tokenCreate: after('tokens'),
      tokenRevoke: after('tokens'),
      callerCreate: after('callers'),
      callerDelete: after('callers'),
      replicationPause: after('links', 'waitingReplicas', 'bucket'),
      replicationResume: after('links', 'waitingReplicas', 'bucket'),
      replicaResync: after('waitingReplicas'),
      proxyForget: after('proxies', 'buckets', 'bucket'),
    },
    Subscription: {
      changes: (event) => {
        const kind = (event as ChangeEvent).changes?.kind
        if (kind === 'EVERYTHING') refetchAll()
        else if (kind) refetch(...touched[kind])
      },
      replicationProgress: (event, _args, cache) => {
        const replica = (event as ReplicaEvent).replicationProgress?.replica
        if (replica) linkReplica(replica, cache)
      },
      // A route that is on its way is one more that its proxies have to agree to.
      routesChanged: () => refetch('proxies', 'explainRequest', 'explainDecision'),
      proxyStatus: (event, _args, cache) => {
        const proxy = (event as ProxyEvent).proxyStatus?.proxy
        if (proxy) linkProxy(proxy, cache)
      },
    },
  }
}

/** A copy that is new appears with its first event. */
function linkReplica(
  { bucket, ...replica }: NonNullable<ReplicaEvent['replicationProgress']>['replica'],
  cache: Cache,
) {
  const key = cache.keyOfEntity(replica)
  const row = { __typename: bucket.__typename, id: bucket.id }
  const present: unknown = cache.resolve(row, 'replicas')
  if (key && Array.isArray(present) && !present.includes(key)) {
    cache.link(row, 'replicas', [...present, key] as string[])
  }
}

function linkProxy(proxy: Entity, cache: Cache) {
  const key = cache.keyOfEntity(proxy)
  const present: unknown = cache.resolve('Query', 'proxies')
  if (key && Array.isArray(present) && !present.includes(key)) {
    cache.link('Query', 'proxies', [...present, key] as string[])
  }
}
