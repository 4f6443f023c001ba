// The things that input names, locked until the transaction ends, within the bounds of the token.
import { type BucketRecord, lockBucket, masterZones } from '../../db/catalogue/buckets.ts'
import { type ClusterRecord, lockCluster, lockClusterById } from '../../db/catalogue/clusters.ts'
import { lockStorage, type StorageRecord } from '../../db/catalogue/storage-deployments.ts'
import type { Sql } from '../../db/core/pool.ts'
import { type Actor, requireZones } from './authorize.ts'
import { beingDeleted, notFound } from './change.ts'

export async function clusterToChange(sql: Sql, actor: Actor, name: string): Promise<ClusterRecord> {
  const cluster = await lockCluster(sql, name)
  if (cluster === undefined) throw notFound('cluster', name, ['cluster'])
  requireZones(actor, cluster.zones, `the cluster ${name}`)
  return cluster
}

/** The cluster of a deployment or store that is changed. */
export async function clusterOf(sql: Sql, actor: Actor, clusterId: string): Promise<ClusterRecord> {
  const cluster = await lockClusterById(sql, clusterId)
  if (cluster === undefined) throw new Error('a deployment has no cluster')
  requireZones(actor, cluster.zones, `the cluster ${cluster.name}`)
  return cluster
}

/** First the cluster, then the store is locked: always in this order. */
export async function storageToChange(
  sql: Sql,
  actor: Actor,
  clusterId: string,
  name: string,
): Promise<{ cluster: ClusterRecord; storage: StorageRecord }> {
  const cluster = await clusterOf(sql, actor, clusterId)
  const storage = await lockStorage(sql, name)
  if (storage === undefined) throw notFound('storage deployment', name, ['name'])
  return { cluster, storage }
}

export async function bucketToChange(
  sql: Sql,
  actor: Actor,
  name: string,
  path: readonly string[] = ['bucket'],
): Promise<BucketRecord> {
  const bucket = await lockBucket(sql, name)
  if (bucket === undefined) throw notFound('bucket', name, path)
  requireZones(actor, await masterZones(sql, bucket.id), `the bucket ${name}`)
  return bucket
}

export async function activeBucketToChange(
  sql: Sql,
  actor: Actor,
  name: string,
  path: readonly string[] = ['bucket'],
): Promise<BucketRecord> {
  const bucket = await bucketToChange(sql, actor, name, path)
  if (bucket.state === 'deleting') throw beingDeleted(`The bucket ${name}`, path)
  return bucket
}
