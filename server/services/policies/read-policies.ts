import { bucketPolicyValues, clusterPolicyValues, globalPolicyValues } from '../../db/policies/policy-values.ts'
import {
  bucketPolicyNames,
  clusterPolicyNames,
  type PolicyName,
  type PolicyScope,
  policyDefinitions,
  policyNames,
} from '../../domain/policy/definitions.ts'
import { effectivePolicy, type SetValues } from '../../domain/policy/effective.ts'
import { type PolicyValueKind, typeWords, type ValueWord } from '../../domain/policy/value-kind.ts'
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
  /** What values look like, for people. */
  readonly type: string
  readonly kind: PolicyValueKind
  readonly word: ValueWord | null
  readonly scopes: readonly PolicyScope[]
  readonly default: unknown
}

export function describePolicies(): PolicyInfo[] {
  return policyNames.map((name) => {
    const { description, values, word, scopes, default: value } = policyDefinitions[name]
    const type = typeWords(values.kind, word)
    return { name, description, type, kind: values.kind, word, scopes, default: value }
  })
}

/** Every policy as the fleet as a whole has it: what holds where no bucket says otherwise. */
export async function policiesOfFleet({ pool }: Pick<ServiceDeps, 'pool'>): Promise<PolicyInForce[]> {
  const global = await globalPolicyValues(pool)
  return policyNames.map((name) => ({ ...effectivePolicy(name, { global }), sourceName: null }))
}

type Owned = { readonly id: string; readonly name: string }

/** For each bucket every policy that buckets have, in the same order. */
export async function policiesOfBuckets(
  { pool }: Pick<ServiceDeps, 'pool'>,
  buckets: readonly Owned[],
): Promise<PolicyInForce[][]> {
  const global = await globalPolicyValues(pool)
  const own = await bucketPolicyValues(
    pool,
    buckets.map((bucket) => bucket.id),
  )
  return buckets.map(({ id, name: sourceName }) =>
    bucketPolicyNames.map((name) => inForce(name, { global, bucket: own.get(id) ?? {} }, sourceName)),
  )
}

/** The same for clusters. */
export async function policiesOfClusters(
  { pool }: Pick<ServiceDeps, 'pool'>,
  clusters: readonly Owned[],
): Promise<PolicyInForce[][]> {
  const global = await globalPolicyValues(pool)
  const own = await clusterPolicyValues(
    pool,
    clusters.map((cluster) => cluster.id),
  )
  return clusters.map(({ id, name: sourceName }) =>
    clusterPolicyNames.map((name) => inForce(name, { global, cluster: own.get(id) ?? {} }, sourceName)),
  )
}

function inForce(name: PolicyName, set: SetValues, ownerName: string): PolicyInForce {
  const { value, source } = effectivePolicy(name, set)
  return { name, value, source, sourceName: source === 'bucket' || source === 'cluster' ? ownerName : null }
}
