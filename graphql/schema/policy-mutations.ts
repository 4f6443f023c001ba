import type { PolicyInForce } from '../../server/services/policies/read-policies.ts'
import { builder } from './builder.ts'
import { PolicyValue } from './policy.ts'
import { refusals } from './user-error.ts'

export const PolicyValueInput = builder.inputType('PolicyValueInput', {
  fields: (t) => ({ name: t.string({ required: true }), value: t.field({ type: 'JSON', required: true }) }),
})

const PolicyScopeInput = builder.inputType('PolicyScopeInput', {
  isOneOf: true,
  fields: (t) => ({ global: t.boolean(), cluster: t.string(), bucket: t.string() }),
})

const planHash = 'Refused with CONFLICT when it is not that of a plan for the present state.'
const expectedVersion =
  'Refused with CONFLICT when the bucket, or for the global scope the fleet, is at another version.'

const PolicySetInput = builder.inputType('PolicySetInput', {
  fields: (t) => ({
    scope: t.field({ type: PolicyScopeInput, required: true }),
    name: t.string({ required: true }),
    value: t.field({ type: 'JSON', required: true }),
    planHash: t.string({ description: planHash }),
    expectedVersion: t.int({ description: expectedVersion }),
  }),
})
const PolicyUnsetInput = builder.inputType('PolicyUnsetInput', {
  fields: (t) => ({
    scope: t.field({ type: PolicyScopeInput, required: true }),
    name: t.string({ required: true }),
    planHash: t.string({ description: planHash }),
    expectedVersion: t.int({ description: expectedVersion }),
  }),
})

const policyPayload = (name: string) =>
  builder.objectRef<{ readonly policy: PolicyInForce }>(name).implement({
    fields: (t) => ({ policy: t.field({ type: PolicyValue, resolve: (payload) => payload.policy }) }),
  })
const PolicySetPayload = policyPayload('PolicySetPayload')
const PolicyUnsetPayload = policyPayload('PolicyUnsetPayload')

builder.mutationFields((t) => ({
  policySet: t.field({
    type: PolicySetPayload,
    errors: refusals,
    args: { input: t.arg({ type: PolicySetInput, required: true }) },
    resolve: async (_root, { input }, { services, actor }) => ({ policy: await services.setPolicy(actor, input) }),
  }),
  policyUnset: t.field({
    type: PolicyUnsetPayload,
    errors: refusals,
    description: 'Answers with the value that is in force now.',
    args: { input: t.arg({ type: PolicyUnsetInput, required: true }) },
    resolve: async (_root, { input }, { services, actor }) => ({ policy: await services.unsetPolicy(actor, input) }),
  }),
}))
