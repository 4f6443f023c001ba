// The ways to spread calls, as the API names them.
import type { LbPolicy } from '../../graphql/generated/operations.ts'
import { asksInOrder, parseLbPolicy } from '../../server/domain/policy/lb-policy.ts'

/** The API's name for what the policy is set to. */
export const lbPolicyNamed = (value: string): LbPolicy => value.toUpperCase() as LbPolicy

/** Clusters are asked one after the other. One that a later FaDO has is taken to ask all. */
export function isInOrder(policy: LbPolicy): boolean {
  const known = parseLbPolicy(policy.toLowerCase())
  return known !== undefined && asksInOrder(known)
}
