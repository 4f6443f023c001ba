import { bucketPolicyValues, globalPolicyValues } from '../../db/catalogue/policy-values.ts'
import {
  effectivePolicy,
  type PolicyName,
  type PolicyScope,
  policyDefinitions,
  policyNames,
} from '../../domain/policy/policy.ts'
import type { ServiceDeps } from '../shared/deps.ts'

export type PolicyInForce = {
  readonly name: PolicyName
  readonly value: unknown
  readonly source: 'default' | PolicyScope
  /** Of the cluster or bucket that has the value. */
  readonly sourceName: string | null
}
export type PolicyInfo = {
  readonly name: PolicyName
  readonly description: string
  readonly type: string
  readonly scopes: readonly PolicyScope[]
  readonly default: unknown
}

export function describePolicies(): PolicyInfo[] {
  return policyNames.map((name) => {
    const { description, type, scopes, default: value } = policyDefinitions[name]
    return { name, description, type, scopes, default: value }
  })
}

/** Every policy as the fleet as a whole has it: what holds where no bucket says otherwise. */
export async function policiesOfFleet({ pool }: Pick<ServiceDeps, 'pool'>): Promise<PolicyInForce[]> {
  const global = await globalPolicyValues(pool)
  return policyNames.map((name) => ({ ...effectivePolicy(name, { global }), sourceName: null }))
}

const ofBuckets = policyNames.filter((name) => policyDefinitions[name].scopes.includes('bucket'))

/** For each bucket every policy that buckets have, in the same order. */
export async function policiesOfBuckets(
  { pool }: Pick<ServiceDeps, 'pool'>,
  buckets: readonly { readonly id: string; readonly name: string }[],
): Promise<PolicyInForce[][]> {
  const global = await globalPolicyValues(pool)
  const own = await bucketPolicyValues(
    pool,
    buckets.map((bucket) => bucket.id),
  )
  return buckets.map(({ id, name: bucket }) =>
    ofBuckets.map((name) => {
      const { value, source } = effectivePolicy(name, { global, bucket: own.get(id) ?? {} })
      return { name, value, source, sourceName: source === 'bucket' ? bucket : null }
    }),
  )
}
