import { expect, test } from 'vitest'
import { balancers } from '../../../proxy/resources/balancers/balancers.ts'
import { lbPolicies, lbPoliciesThatStartSlowly } from '../../../server/domain/policy/lb-policy.ts'

test('a cluster starts slowly by the policies by which Envoy starts a deployment slowly, unless clusters are asked in order', () => {
  const startsDeployments = lbPolicies.filter((policy) =>
    JSON.stringify(balancers[policy].policy({ slow_start_config: {} })).includes('slow_start_config'),
  )
  expect(startsDeployments.filter((policy) => !balancers[policy].inOrder)).toEqual(
    lbPolicies.filter((policy) => lbPoliciesThatStartSlowly.includes(policy)),
  )
})
