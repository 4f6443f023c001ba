// A fleet as services, reconcilers and movers would have written it, rung by rung: a fleet has clusters, a cluster its store,
// a store buckets, a bucket replicas. Each rung has what most tests need; `more` is for what one test is about.
import { v7 } from 'uuid'
import type { Sql } from '../../../server/db/core/pool.ts'
import { type BucketSet, type Mark, markBuckets } from '../../../server/db/queue/dirty-buckets.ts'
import type { TaskKind } from '../../../server/domain/replica/replica-state.ts'
import { insert, type Rows, type Table } from './insert.ts'

type More<T extends Table> = Partial<Rows[T]>

export type TestFleet = ReturnType<typeof fleet>
export type TestCluster = { readonly id: string; readonly name: string; readonly store: TestStore }
export type TestStore = ReturnType<typeof storeRung>
export type TestBucket = ReturnType<typeof bucketRung>
export type TestReplica = ReturnType<typeof replicaRung>

const everywhere = '00000000-0000-0000-0000-000000000000'

export function fleet(sql: Sql) {
  return {
    /** With a healthy store of the same name that sends events, and healthy functions at these urls. */
    async cluster(
      name: string,
      {
        zones = [],
        urls = [],
        store = {},
      }: { zones?: string[]; urls?: string[]; store?: More<'storageDeployment'> } = {},
    ): Promise<TestCluster> {
      const [id, storageId] = [v7(), v7()]
      await insert(sql, 'cluster', { id, name, zones })
      await insert(sql, 'storageDeployment', {
        id: storageId,
        clusterId: id,
        name,
        endpoint: `http://${name}.invalid`,
        credentials: '',
        health: 'healthy',
        capabilities: ['webhook-events', 'conditional-writes'],
        ...store,
      })
      for (const url of urls) await functionsAt(sql, id, url)
      return { id, name, store: storeRung(sql, storageId) }
    },
    /** Functions of a cluster that nobody has probed yet. */
    functions: (cluster: { readonly id: string }, url: string) =>
      functionsAt(sql, cluster.id, url, { kind: 'HTTP', health: 'unknown', addresses: [] }),
    /** `bucketId` null: of the fleet. */
    policy: (bucketId: string | null, name: string, value: unknown): Promise<void> =>
      insert(
        sql,
        'policyValue',
        {
          scope: bucketId === null ? 'global' : 'bucket',
          scopeId: bucketId ?? everywhere,
          name,
          value: JSON.stringify(value),
        },
        ['scope', 'scopeId', 'name'],
      ),
    mark: (set: BucketSet, mark: Mark = {}) => markBuckets(sql, set, mark),
    /** What is there already. */
    storeOf: (id: string) => storeRung(sql, id),
    bucketOf: (id: string, name: string, master: { readonly id: string }) => bucketRung(sql, id, name, master),
    /** An Envoy whose stream is open. */
    async proxy(nodeId: string, { stream = {}, ...more }: More<'proxyNode'> & { stream?: More<'proxyStream'> } = {}) {
      const [id, streamId] = [v7(), v7()]
      await insert(sql, 'proxyNode', { id, nodeId, ...more })
      await insert(sql, 'proxyStream', { id: streamId, proxyNodeId: id, processId: v7(), ...stream })
      return {
        id,
        /** It has not ACKed this route, or has refused it. */
        exception: (bucketName: string, number: number, state: 'behind' | 'nacked', error: string | null = null) =>
          insert(sql, 'proxyException', { proxyNodeId: id, streamId, bucketName, number, state, error }),
      }
    },
  }
}

const functionsAt = (sql: Sql, clusterId: string, url: string, more: More<'faasDeployment'> = {}) =>
  insert(sql, 'faasDeployment', {
    id: v7(),
    clusterId,
    kind: 'OPENFAAS',
    url,
    health: 'healthy',
    addresses: ['127.0.0.1'],
    ...more,
  })

function storeRung(sql: Sql, id: string) {
  const store = {
    id,
    /** An active bucket whose master lies here. */
    async bucket(name: string, more: More<'bucket'> = {}): Promise<TestBucket> {
      const bucketId = v7()
      await insert(sql, 'bucket', {
        id: bucketId,
        name,
        state: 'active',
        masterStorageId: id,
        masterBucketName: name,
        ...more,
      })
      return bucketRung(sql, bucketId, name, store)
    },
    /** What some mover suffers of it. */
    trouble: (problem: string) => insert(sql, 'storeTrouble', { storageId: id, owner: v7(), problem }),
  }
  return store
}

function bucketRung(sql: Sql, id: string, name: string, master: { readonly id: string }) {
  const bucketId = id
  return {
    id,
    name,
    /** A complete copy that is wanted. */
    async replica(at: { readonly id: string }, more: More<'replica'> = {}): Promise<TestReplica> {
      const replicaId = v7()
      await insert(sql, 'replica', {
        id: replicaId,
        bucketId,
        storageId: at.id,
        bucketName: name,
        wanted: true,
        generation: 1,
        epoch: 1,
        observed: 'complete',
        ...more,
      })
      return replicaRung(sql, { id: replicaId, bucketId, storageId: at.id })
    },
    /** Due at once. `at` default: its master's store. */
    task: (kind: TaskKind, { at = master, ...more }: More<'replicaTask'> & { at?: { readonly id: string } } = {}) =>
      insert(sql, 'replicaTask', { bucketId, storageId: at.id, kind, ...more }),
    /** It waits to be decided. */
    dirty: (more: More<'dirtyBucket'> = {}) => insert(sql, 'dirtyBucket', { bucketId, ...more }),
    /** Calls go to these clusters; a route that was there is changed. */
    async route(number: number, clusters: string[]): Promise<void> {
      const tableId = `to ${clusters.join(' and ')}`
      await insert(sql, 'routeTable', { id: tableId, clusters, lbPolicy: 'random', timeoutMs: 0 }, ['id'])
      await insert(sql, 'route', { bucketId, bucketName: name, number, tableId }, ['bucketId'])
    },
    /** What is known of an object at its master. */
    record: (key: string, more: More<'objectRecord'> = {}) =>
      insert(sql, 'objectRecord', { bucketId, key, size: 1, etag: 'e', ...more }),
  }
}

function replicaRung(sql: Sql, row: { readonly id: string; readonly bucketId: string; readonly storageId: string }) {
  const { id, bucketId, storageId } = row
  return {
    id,
    /** FaDO wrote this object there. */
    object: (key: string, more: More<'replicaObject'> = {}) =>
      insert(sql, 'replicaObject', { replicaId: id, key, state: 'there', epoch: 1, ...more }),
    /** This key waits to be looked at. */
    waits: (key: string, more: More<'dirtyObject'> = {}) =>
      insert(sql, 'dirtyObject', { bucketId, storageId, key, ...more }, ['bucketId', 'storageId', 'key']),
    task: (kind: TaskKind, more: More<'replicaTask'> = {}) =>
      insert(sql, 'replicaTask', { bucketId, storageId, kind, ...more }),
  }
}

/** For columns of times. */
export const fromNow = (seconds: number): Date => new Date(Date.now() + seconds * 1000)
