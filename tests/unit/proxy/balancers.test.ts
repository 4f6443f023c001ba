import { expect, test } from 'vitest'
import { balancers } from '../../../proxy/resources/balancers/balancers.ts'
import {
  asksInOrder,
  lbPolicies,
  lbPoliciesThatStartSlowly,
  lbPolicyDefinitions,
} from '../../../server/domain/policy/lb-policy.ts'

test('a cluster starts slowly by the policies by which Envoy starts a deployment slowly, unless clusters are asked in order', () => {
  const startsDeployments = lbPolicies.filter((policy) =>
    JSON.stringify(balancers[policy].policy({ slow_start_config: {} })).includes('slow_start_config'),
  )
  expect(startsDeployments.filter((policy) => !asksInOrder(policy))).toEqual(
    lbPolicies.filter((policy) => lbPoliciesThatStartSlowly.includes(policy)),
  )
})

test('where clusters are asked in order, calls to one are spread as by the policy that a single cluster has', () => {
  const ordered = lbPolicies.filter(asksInOrder)
  expect(ordered).not.toEqual([])
  for (const policy of ordered) {
    const { within } = lbPolicyDefinitions[policy]
    expect(balancers[policy].policy({})).toEqual(balancers[within].policy({}))
    expect(asksInOrder(within)).toBe(false)
  }
})
