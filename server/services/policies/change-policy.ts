// Values of policies: set, or taken away so that the value of the wider scope is in force again.
import { bumpBucket } from '../../db/catalogue/buckets.ts'
import { changeCluster, lockCluster } from '../../db/catalogue/clusters.ts'
import { bumpFleet, type PolicyOwner, setPolicyValue, unsetPolicyValue } from '../../db/catalogue/policy-values.ts'
import type { CatalogueTx } from '../../db/core/client.ts'
import type { Sql, Tx } from '../../db/core/pool.ts'
import { bucketPolicyValues, clusterPolicyValues, globalPolicyValues } from '../../db/policies/policy-values.ts'
import { type BucketSet, markBuckets } from '../../db/queue/dirty-buckets.ts'
import { sweepWithin } from '../../db/queue/sweeps.ts'
import { FadoError } from '../../domain/errors.ts'
import { type PolicyName, policyDefinitions } from '../../domain/policy/definitions.ts'
import { effectivePolicy, type SetValues } from '../../domain/policy/effective.ts'
import { sweepsWithin } from '../../domain/replica/plan-sweep.ts'
import { type Actor, requireNoBounds, requireZones } from '../shared/authorize.ts'
import { beingDeleted, change, notFound, requireVersion } from '../shared/change.ts'
import { invalid } from '../shared/check-input.ts'
import type { ServiceDeps } from '../shared/deps.ts'
import { activeBucketToChange } from '../shared/find.ts'
import { checkPolicyName, checkPolicyScope, parsePolicy } from './policy-input.ts'
import type { PolicyInForce } from './read-policies.ts'

export type ScopeInput = {
  readonly global?: boolean | null | undefined
  readonly cluster?: string | null | undefined
  readonly bucket?: string | null | undefined
}
export type UnsetPolicy = {
  readonly scope: ScopeInput
  readonly name: string
  readonly planHash?: string | null | undefined
  readonly expectedVersion?: number | null | undefined
}
export type SetPolicy = UnsetPolicy & { readonly value?: unknown }

/** Whose value is changed, and which buckets that touches. */
type Target = {
  readonly owner: PolicyOwner
  /** As people name it. */
  readonly subject: string
  readonly touched: BucketSet
}

/** Locks what the value belongs to, and counts the change in its version; the fleet's is counted last. */
async function target(tx: CatalogueTx, actor: Actor, name: PolicyName, input: UnsetPolicy): Promise<Target> {
  const { scope, expectedVersion } = input
  if (scope.bucket) {
    const bucket = await activeBucketToChange(tx, actor, scope.bucket, ['scope', 'bucket'])
    requireVersion(expectedVersion, bucket.version, `The bucket ${bucket.name}`)
    checkPolicyScope(name, 'bucket', ['scope'])
    await bumpBucket(tx, bucket.id)
    const touched: BucketSet = { kind: 'ids', ids: [bucket.id] }
    return { owner: { scope: 'bucket', id: bucket.id }, subject: bucket.name, touched }
  }
  if (scope.cluster) {
    const cluster = await lockCluster(tx, scope.cluster)
    if (cluster === undefined) throw notFound('cluster', scope.cluster, ['scope', 'cluster'])
    requireZones(actor, cluster.zones, `the cluster ${cluster.name}`)
    requireVersion(expectedVersion, cluster.version, `The cluster ${cluster.name}`)
    if (cluster.state === 'deleting') throw beingDeleted(`The cluster ${cluster.name}`, ['scope', 'cluster'])
    checkPolicyScope(name, 'cluster', ['scope'])
    await changeCluster(tx, cluster, {})
    return { owner: { scope: 'cluster', id: cluster.id }, subject: cluster.name, touched: { kind: 'ids', ids: [] } }
  }
  if (scope.global !== true)
    throw invalid('The scope must be { global: true }, or name a cluster or a bucket', ['scope'])
  requireNoBounds(actor, 'what holds for all buckets')
  checkPolicyScope(name, 'global', ['scope'])
  return { owner: { scope: 'global' }, subject: 'global', touched: { kind: 'all' } }
}

/** FaDO makes no plans yet, so a hash can be none of its own: e.g. one of a later version, or of another installation. */
function refusePlanHash(planHash: string | null | undefined): void {
  if (planHash !== undefined && planHash !== null)
    throw new FadoError('CONFLICT', 'This plan is not that of the present state: leave the hash out', {
      path: ['planHash'],
    })
}

async function ownValues(sql: Sql, owner: PolicyOwner): Promise<SetValues> {
  if (owner.scope === 'global') return {}
  const read = owner.scope === 'bucket' ? bucketPolicyValues : clusterPolicyValues
  return { [owner.scope]: (await read(sql, [owner.id])).get(owner.id) ?? {} }
}

async function inForce(sql: Sql, { owner, subject }: Target, name: PolicyName): Promise<PolicyInForce> {
  const global = await globalPolicyValues(sql)
  const { value, source } = effectivePolicy(name, { global, ...(await ownValues(sql, owner)) })
  return { name, value, source, sourceName: source === owner.scope && source !== 'global' ? subject : null }
}

/**
 * What only the fleet has, e.g. the match header, is a setting of the proxies, what clusters have binds movers, which look by
 * themselves; all else is decided bucket by bucket.
 */
async function tell(tx: Tx, { owner, touched }: Target, name: PolicyName): Promise<void> {
  const { scopes } = policyDefinitions[name]
  if (owner.scope === 'cluster') tx.changed('cluster', [owner.id])
  if (scopes.includes('cluster')) return
  // Of callers proxies know, besides the tables, whether the fleet's policy names some.
  if (!scopes.includes('bucket') || name === 'callers') tx.wake('endpoints')
  if (!scopes.includes('bucket')) return
  await markBuckets(tx, touched, { intent: true, narrowing: policyDefinitions[name].narrows })
  if (owner.scope === 'bucket') tx.changed('bucket', [owner.id])
}

/** Counts a change of the fleet's own policies. Who decides routes waits for the fleet's row, so it is taken last. */
async function countGlobal(tx: Tx, { owner }: Target, expectedVersion: UnsetPolicy['expectedVersion']): Promise<void> {
  if (owner.scope === 'global') requireVersion(expectedVersion, (await bumpFleet(tx)) - 1, 'The fleet')
}

/** What is looked at rarely may be due long after a new value would have it. */
async function hurrySweeps(tx: Tx, { owner }: Target, policy: PolicyInForce): Promise<void> {
  const limit = sweepsWithin(policy)
  if (limit !== null) await sweepWithin(tx, owner.scope === 'bucket' ? [owner.id] : null, limit)
}

export async function setPolicy(deps: ServiceDeps, actor: Actor, input: SetPolicy): Promise<PolicyInForce> {
  refusePlanHash(input.planHash)
  return change(deps, actor, 'policySet', async (tx) => {
    const name = checkPolicyName(input.name, ['name'])
    const found = await target(tx, actor, name, input)
    const { value } = await parsePolicy(tx, found.owner.scope, { name, value: input.value }, [])
    await setPolicyValue(tx, found.owner, name, value)
    const result = await inForce(tx, found, name)
    await hurrySweeps(tx, found, result)
    await tell(tx, found, name)
    await countGlobal(tx, found, input.expectedVersion)
    return { result, subject: found.subject, detail: { scope: found.owner.scope, name, value } }
  })
}

/** Returns the value that is in force from now on. */
export async function unsetPolicy(deps: ServiceDeps, actor: Actor, input: UnsetPolicy): Promise<PolicyInForce> {
  refusePlanHash(input.planHash)
  return change(deps, actor, 'policyUnset', async (tx) => {
    const name = checkPolicyName(input.name, ['name'])
    const found = await target(tx, actor, name, input)
    const was = await unsetPolicyValue(tx, found.owner, name)
    const result = await inForce(tx, found, name)
    await hurrySweeps(tx, found, result)
    if (was) await tell(tx, found, name)
    await countGlobal(tx, found, input.expectedVersion)
    return { result, subject: found.subject, detail: { scope: found.owner.scope, name } }
  })
}
