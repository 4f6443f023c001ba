// Values of policies: set, or taken away so that the value of the wider scope is in force again.
import { bumpFleet, type PolicyOwner, setPolicyValue, unsetPolicyValue } from '../../db/catalogue/policy-values.ts'
import type { Sql, Tx } from '../../db/core/pool.ts'
import { bucketPolicyValues, clusterPolicyValues, globalPolicyValues } from '../../db/policies/policy-values.ts'
import { type BucketSet, markBuckets } from '../../db/queue/dirty-buckets.ts'
import { sweepWithin } from '../../db/queue/sweeps.ts'
import { FadoError } from '../../domain/errors.ts'
import { type PolicyName, policyDefinitions } from '../../domain/policy/definitions.ts'
import { effectivePolicy, type SetValues } from '../../domain/policy/effective.ts'
import { sweepsWithin } from '../../domain/replica/plan-sweep.ts'
import type { Actor } from '../shared/authorize.ts'
import { change, requireVersion } from '../shared/change.ts'
import type { ServiceDeps } from '../shared/deps.ts'
import { checkPolicyName, parsePolicy } from './policy-input.ts'
import { type NamedOwner, type ScopeInput, takeOwner } from './policy-owner.ts'
import type { PolicyInForce } from './read-policies.ts'

export type UnsetPolicy = {
  readonly scope: ScopeInput
  readonly name: string
  readonly planHash?: string | null | undefined
  readonly expectedVersion?: number | null | undefined
}
export type SetPolicy = UnsetPolicy & { readonly value?: unknown }

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

async function inForce(sql: Sql, { owner, subject }: NamedOwner, name: PolicyName): Promise<PolicyInForce> {
  const global = await globalPolicyValues(sql)
  const { value, source } = effectivePolicy(name, { global, ...(await ownValues(sql, owner)) })
  return { name, value, source, sourceName: source === owner.scope && source !== 'global' ? subject : null }
}

/**
 * What only the fleet has, e.g. the match header, is a setting of the proxies, what clusters have binds movers, which look by
 * themselves; all else is decided bucket by bucket.
 */
async function tell(tx: Tx, owner: PolicyOwner, name: PolicyName): Promise<void> {
  const { scopes, narrows } = policyDefinitions[name]
  if (owner.scope === 'cluster') tx.changed('cluster', [owner.id])
  if (scopes.includes('cluster')) return
  // Of callers proxies know, besides the tables, whether the fleet's policy names some.
  if (!scopes.includes('bucket') || name === 'callers') tx.wake('endpoints')
  if (!scopes.includes('bucket')) return
  const touched: BucketSet = owner.scope === 'bucket' ? { kind: 'ids', ids: [owner.id] } : { kind: 'all' }
  await markBuckets(tx, touched, { intent: true, narrowing: narrows })
  if (owner.scope === 'bucket') tx.changed('bucket', [owner.id])
}

/** Counts a change of the fleet's own policies. Who decides routes waits for the fleet's row, so it is taken last. */
async function countGlobal(tx: Tx, owner: PolicyOwner, expectedVersion: UnsetPolicy['expectedVersion']): Promise<void> {
  if (owner.scope === 'global') requireVersion(expectedVersion, (await bumpFleet(tx)) - 1, 'The fleet')
}

/** What is looked at rarely may be due long after a new value would have it. */
async function hurrySweeps(tx: Tx, owner: PolicyOwner, policy: PolicyInForce): Promise<void> {
  const limit = sweepsWithin(policy)
  if (limit !== null) await sweepWithin(tx, owner.scope === 'bucket' ? [owner.id] : null, limit)
}

export async function setPolicy(deps: ServiceDeps, actor: Actor, input: SetPolicy): Promise<PolicyInForce> {
  refusePlanHash(input.planHash)
  return change(deps, actor, 'policySet', async (tx) => {
    const name = checkPolicyName(input.name, ['name'])
    const named = await takeOwner(tx, actor, { ...input, name })
    const { owner, subject } = named
    const { value } = await parsePolicy(tx, owner.scope, { name, value: input.value }, [])
    await setPolicyValue(tx, owner, name, value)
    const result = await inForce(tx, named, name)
    await hurrySweeps(tx, owner, result)
    await tell(tx, owner, name)
    await countGlobal(tx, owner, input.expectedVersion)
    return { result, subject, detail: { scope: owner.scope, name, value } }
  })
}

/** Returns the value that is in force from now on. */
export async function unsetPolicy(deps: ServiceDeps, actor: Actor, input: UnsetPolicy): Promise<PolicyInForce> {
  refusePlanHash(input.planHash)
  return change(deps, actor, 'policyUnset', async (tx) => {
    const name = checkPolicyName(input.name, ['name'])
    const named = await takeOwner(tx, actor, { ...input, name })
    const { owner, subject } = named
    const was = await unsetPolicyValue(tx, owner, name)
    const result = await inForce(tx, named, name)
    await hurrySweeps(tx, owner, result)
    if (was) await tell(tx, owner, name)
    await countGlobal(tx, owner, input.expectedVersion)
    return { result, subject, detail: { scope: owner.scope, name } }
  })
}
