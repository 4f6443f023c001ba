// Whose value of a policy is changed: what it belongs to is found, locked and asked whether it may be changed.
import { bumpBucket } from '../../db/catalogue/buckets.ts'
import { changeCluster, lockCluster } from '../../db/catalogue/clusters.ts'
import type { PolicyOwner } from '../../db/catalogue/policy-values.ts'
import type { CatalogueTx } from '../../db/core/client.ts'
import type { PolicyName } from '../../domain/policy/definitions.ts'
import { type Actor, requireNoBounds, requireZones } from '../shared/authorize.ts'
import { beingDeleted, notFound, requireVersion } from '../shared/change.ts'
import { invalid } from '../shared/check-input.ts'
import { activeBucketToChange } from '../shared/find.ts'
import { checkPolicyScope } from './policy-input.ts'

export type ScopeInput = {
  readonly global?: boolean | null | undefined
  readonly cluster?: string | null | undefined
  readonly bucket?: string | null | undefined
}

export type NamedOwner = {
  readonly owner: PolicyOwner
  /** As people name it. */
  readonly subject: string
}

type WhoseValue = {
  readonly scope: ScopeInput
  readonly name: PolicyName
  readonly expectedVersion?: number | null | undefined
}

/** Counts the change in the version of the bucket or cluster; whoever changes the fleet's own values counts that last. */
export async function takeOwner(tx: CatalogueTx, actor: Actor, whose: WhoseValue): Promise<NamedOwner> {
  const { bucket, cluster, global } = whose.scope
  if (bucket) return takeBucket(tx, actor, bucket, whose)
  if (cluster) return takeCluster(tx, actor, cluster, whose)
  if (global !== true) throw invalid('The scope must be { global: true }, or name a cluster or a bucket', ['scope'])
  requireNoBounds(actor, 'what holds for all buckets')
  checkPolicyScope(whose.name, 'global', ['scope'])
  return { owner: { scope: 'global' }, subject: 'global' }
}

async function takeBucket(
  tx: CatalogueTx,
  actor: Actor,
  bucketName: string,
  { name, expectedVersion }: WhoseValue,
): Promise<NamedOwner> {
  const bucket = await activeBucketToChange(tx, actor, bucketName, ['scope', 'bucket'])
  requireVersion(expectedVersion, bucket.version, `The bucket ${bucket.name}`)
  checkPolicyScope(name, 'bucket', ['scope'])
  await bumpBucket(tx, bucket.id)
  return { owner: { scope: 'bucket', id: bucket.id }, subject: bucket.name }
}

async function takeCluster(
  tx: CatalogueTx,
  actor: Actor,
  clusterName: string,
  { name, expectedVersion }: WhoseValue,
): Promise<NamedOwner> {
  const cluster = await lockCluster(tx, clusterName)
  if (cluster === undefined) throw notFound('cluster', clusterName, ['scope', 'cluster'])
  requireZones(actor, cluster.zones, `the cluster ${cluster.name}`)
  requireVersion(expectedVersion, cluster.version, `The cluster ${cluster.name}`)
  if (cluster.state === 'deleting') throw beingDeleted(`The cluster ${cluster.name}`, ['scope', 'cluster'])
  checkPolicyScope(name, 'cluster', ['scope'])
  await changeCluster(tx, cluster, {})
  return { owner: { scope: 'cluster', id: cluster.id }, subject: cluster.name }
}
