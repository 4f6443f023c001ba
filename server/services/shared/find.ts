// The things that input names, locked until the transaction ends, within the bounds of the token.
import { type BucketRecord, bucketByName, lockBucket, masterZones } from '../../db/catalogue/buckets.ts'
import { type ClusterRecord, lockCluster, lockClusterById } from '../../db/catalogue/clusters.ts'
import { lockStorage, type StorageRecord } from '../../db/catalogue/storage-deployments.ts'
import type { Sql, Tx } from '../../db/core/pool.ts'
import { type Actor, requireZones } from './authorize.ts'
import { beingDeleted, notFound } from './change.ts'

export async function clusterToChange(tx: Tx, actor: Actor, name: string): Promise<ClusterRecord> {
  const cluster = await lockCluster(tx, name)
  if (cluster === undefined) throw notFound('cluster', name, ['cluster'])
  requireZones(actor, cluster.zones, `the cluster ${name}`)
  return cluster
}

/** The cluster of a deployment or store that is changed. */
export async function clusterOf(tx: Tx, actor: Actor, clusterId: string): Promise<ClusterRecord> {
  const cluster = await lockClusterById(tx, clusterId)
  if (cluster === undefined) throw new Error('a deployment has no cluster')
  requireZones(actor, cluster.zones, `the cluster ${cluster.name}`)
  return cluster
}

/** First the cluster, then the store is locked: always in this order. */
export async function storageToChange(
  tx: Tx,
  actor: Actor,
  clusterId: string,
  name: string,
): Promise<{ cluster: ClusterRecord; storage: StorageRecord }> {
  const cluster = await clusterOf(tx, actor, clusterId)
  const storage = await lockStorage(tx, name)
  if (storage === undefined) throw notFound('storage deployment', name, ['name'])
  return { cluster, storage }
}

async function withinBounds(
  sql: Sql,
  actor: Actor,
  name: string,
  path: readonly string[],
  bucket: BucketRecord | undefined,
): Promise<BucketRecord> {
  if (bucket === undefined) throw notFound('bucket', name, path)
  requireZones(actor, await masterZones(sql, bucket.id), `the bucket ${name}`)
  return bucket
}

const inBucket: readonly string[] = ['bucket']

export const bucketToChange = async (tx: Tx, actor: Actor, name: string, path = inBucket): Promise<BucketRecord> =>
  withinBounds(tx, actor, name, path, await lockBucket(tx, name))

export async function activeBucketToChange(tx: Tx, actor: Actor, name: string, path = inBucket): Promise<BucketRecord> {
  return active(await bucketToChange(tx, actor, name, path), path)
}

/** Not locked: for who changes its objects at the store, which takes longer than a lock may be held. */
export async function activeBucket(sql: Sql, actor: Actor, name: string, path = inBucket): Promise<BucketRecord> {
  return active(await withinBounds(sql, actor, name, path, await bucketByName(sql, name)), path)
}

function active(bucket: BucketRecord, path: readonly string[]): BucketRecord {
  if (bucket.state === 'deleting') throw beingDeleted(`The bucket ${bucket.name}`, path)
  return bucket
}
