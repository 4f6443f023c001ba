// Which of the values that users set is in force.
import {
  type BucketPolicies,
  bucketPolicyNames,
  type Policies,
  type PolicyName,
  type PolicyScope,
  parsePolicyValue,
  policyDefinitions,
} from './definitions.ts'

/** Values that users set, by scope; what is absent is not set. They were parsed before they were stored. */
export type SetValues = { readonly [S in PolicyScope]?: Readonly<Record<string, unknown>> }
export type Effective<N extends PolicyName = PolicyName> = {
  readonly name: N
  readonly value: Policies[N]
  readonly source: 'default' | PolicyScope
}

/** The value in force and where it comes from: bucket (or cluster) before global before default. */
export function effectivePolicy<N extends PolicyName>(name: N, set: SetValues): Effective<N> {
  const { scopes, default: value } = policyDefinitions[name]
  for (const scope of ['bucket', 'cluster', 'global'] as const) {
    const values = set[scope]
    if (values === undefined || !Object.hasOwn(values, name) || !scopes.includes(scope)) continue
    const parsed = parsePolicyValue(name, values[name])
    if (parsed.ok) return { name, value: parsed.value, source: scope }
  }
  return { name, value, source: 'default' }
}

/** Whose the values in force are; a policy that nobody has set is absent. */
export type BucketPolicySources = Readonly<Partial<Record<keyof BucketPolicies, PolicyScope>>>

export const bucketPolicySources = (set: SetValues): BucketPolicySources =>
  Object.fromEntries(
    bucketPolicyNames.flatMap((name) => {
      const { source } = effectivePolicy(name, set)
      return source === 'default' ? [] : [[name, source]]
    }),
  )

export const bucketPolicies = (set: SetValues): BucketPolicies =>
  Object.fromEntries(bucketPolicyNames.map((name) => [name, effectivePolicy(name, set).value])) as BucketPolicies
