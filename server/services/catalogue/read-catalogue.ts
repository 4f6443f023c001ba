// What readers ask for. Children are loaded for many parents at once: each function takes all keys and answers in their order.
import { type TokenRecord, tokensByIds } from '../../db/catalogue/api-tokens.ts'
import { type BucketFilter, countBuckets, listBuckets } from '../../db/catalogue/bucket-list.ts'
import { type BucketRecord, bucketByName, bucketsByIds } from '../../db/catalogue/buckets.ts'
import { callersByIds, namingOfCallers } from '../../db/catalogue/callers.ts'
import {
  type ClusterRecord,
  clusterByName,
  clustersByIds,
  countClusters,
  listClusters,
} from '../../db/catalogue/clusters.ts'
import { type FaasRecord, faasByIds, faasOfClusters, type HealthRecord } from '../../db/catalogue/faas-deployments.ts'
import { listSeenObjects, type ObjectSeen } from '../../db/catalogue/object-page.ts'
import { replicasByIds, replicasOfBuckets } from '../../db/catalogue/replicas.ts'
import {
  type StorageRecord,
  storageByName,
  storagesByIds,
  storagesOfClusters,
} from '../../db/catalogue/storage-deployments.ts'
import { heldOnStorages, type StorageHeld } from '../../db/catalogue/storage-held.ts'
import { type StorageUsage, usageOfStorages } from '../../db/catalogue/storage-usage.ts'
import { troublesOfStorages } from '../../db/catalogue/store-troubles.ts'
import type { Sql } from '../../db/core/pool.ts'
import { eventsOfBuckets, eventsToShow } from '../../db/queue/bucket-events.ts'
import { FadoError } from '../../domain/errors.ts'
import type { StoreEventFacts } from '../../domain/fleet/say-events.ts'
import { reasonOf } from '../../domain/trouble/say-trouble.ts'
import { readRoutes } from '../routes/read-routes.ts'
import type { Actor } from '../shared/authorize.ts'
import { requireRole } from '../shared/authorize.ts'
import type { ServiceDeps } from '../shared/deps.ts'
import { type PageInput, readPage } from '../shared/paging.ts'
import { type Cause, viewReplica } from './replica-view.ts'

export type { BucketFilter } from '../../db/catalogue/bucket-list.ts'
export type { RouteState } from '../../db/catalogue/route-states.ts'
export type ClusterView = ClusterRecord
export type FaasView = FaasRecord
export type HealthView = HealthRecord
export type StorageView = StorageRecord
export type UsageView = StorageUsage
export type HeldView = StorageHeld
export type StoreEventsView = StoreEventFacts & Pick<StorageRecord, 'snsTopics'>
export type BucketView = BucketRecord
export type ObjectView = ObjectSeen
export type TokenView = TokenRecord

type Keys = readonly string[]

const inOrder = <T>(keys: Keys, rows: readonly T[], key: (row: T) => string): (T | null)[] => {
  const found = new Map(rows.map((row) => [key(row), row]))
  return keys.map((one) => found.get(one) ?? null)
}
/** As `inOrder`, for a bucket's own parts: who lacks one was deleted after it was read, and that is nobody's fault. */
const ofBuckets = <T extends { readonly bucketId: string }>(bucketIds: Keys, rows: readonly T[]): (T | FadoError)[] =>
  inOrder(bucketIds, rows, (row) => row.bucketId).map(
    (row) => row ?? new FadoError('CONFLICT', 'A bucket was deleted while it was read. Read again'),
  )
const grouped = <T>(keys: Keys, rows: readonly T[], key: (row: T) => string): T[][] => {
  const groups = Map.groupBy(rows, key)
  return keys.map((one) => groups.get(one) ?? [])
}
const idOf = (row: { readonly id: string }): string => row.id

export function createReads({ pool }: Pick<ServiceDeps, 'pool'>) {
  const sql: Sql = pool
  return {
    clusters: async (ids: Keys) => inOrder(ids, await clustersByIds(sql, ids), idOf),
    clusterPage: (page: PageInput) =>
      readPage(
        'clusters',
        page,
        (after, limit) => listClusters(sql, after, limit),
        (cluster) => cluster.name,
      ),
    clusterByName: async (name: string) => (await clusterByName(sql, name)) ?? null,
    clusterCount: () => countClusters(sql),
    faas: async (ids: Keys) => inOrder(ids, await faasByIds(sql, ids), idOf),
    faasOfClusters: async (ids: Keys) => grouped(ids, await faasOfClusters(sql, ids), (row) => row.clusterId),
    storages: async (ids: Keys) => inOrder(ids, await storagesByIds(sql, ids), idOf),
    storagesOfClusters: async (ids: Keys) => grouped(ids, await storagesOfClusters(sql, ids), (row) => row.clusterId),
    storageByName: async (name: string) => (await storageByName(sql, name)) ?? null,
    usages: async (ids: Keys) => inOrder(ids, await usageOfStorages(sql, ids), (row) => row.storageId),
    held: async (ids: Keys) => inOrder(ids, await heldOnStorages(sql, ids), (row) => row.storageId),
    storeTroubles: async (ids: Keys): Promise<Cause[][]> => {
      const all = grouped(ids, await troublesOfStorages(sql, ids), (row) => row.storageId)
      return all.map((rows) => rows.map(({ since, ...row }) => ({ ...reasonOf({ kind: 'store', ...row }), since })))
    },
    storeEvents: async (stores: readonly StorageView[]): Promise<StoreEventsView[]> => {
      const ids = stores.map(idOf)
      const buckets = grouped(ids, await eventsToShow(sql, ids), (row) => row.storageId)
      return stores.map(({ name, events, snsTopics, capabilities }, i) => ({
        ...{ store: name, setting: events, snsTopics, buckets: buckets[i] ?? [] },
        offered: capabilities.includes('webhook-events'),
      }))
    },
    eventsOfBuckets: async (ids: Keys) => ofBuckets(ids, await eventsOfBuckets(sql, ids)),
    buckets: async (ids: Keys) => inOrder(ids, await bucketsByIds(sql, ids), idOf),
    bucketByName: async (name: string) => (await bucketByName(sql, name)) ?? null,
    bucketPage: (filter: BucketFilter, page: PageInput) =>
      readPage(
        'buckets',
        page,
        (after, limit) => listBuckets(sql, filter, after, limit),
        (bucket) => bucket.name,
      ),
    bucketCount: (filter: BucketFilter) => countBuckets(sql, filter),
    routes: async (bucketIds: Keys) => ofBuckets(bucketIds, await readRoutes(sql, bucketIds)),
    replicas: async (ids: Keys) => inOrder(ids, (await replicasByIds(sql, ids)).map(viewReplica), idOf),
    replicasOfBuckets: async (bucketIds: Keys) =>
      grouped(bucketIds, (await replicasOfBuckets(sql, bucketIds)).map(viewReplica), (row) => row.bucketId),
    objectPage: (bucketId: string, prefix: string, page: PageInput) =>
      readPage(
        `objects ${bucketId}`,
        page,
        (after, limit) => listSeenObjects(sql, bucketId, { prefix, after, limit }),
        (object) => object.key,
      ),
    callers: async (ids: Keys) => inOrder(ids, await callersByIds(sql, ids), idOf),
    namingOfCallers: (names: Keys) => namingOfCallers(sql, names),
    tokens: async (ids: Keys, actor: Actor) => {
      requireRole(actor, 'ADMIN')
      return inOrder(ids, await tokensByIds(sql, ids), idOf)
    },
  }
}
