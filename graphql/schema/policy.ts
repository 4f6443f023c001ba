import type { PolicyScope } from '../../server/domain/policy/definitions.ts'
import type { ValueWord } from '../../server/domain/policy/value-kind.ts'
import type { PolicyInForce, PolicyInfo } from '../../server/services/policies/read-policies.ts'
import { builder } from './builder.ts'
import { PolicyValueKind } from './policy-value-kind.ts'

const PolicySourceKind = builder.enumType('PolicySourceKind', {
  values: {
    DEFAULT: { value: 'default' },
    GLOBAL: { value: 'global' },
    CLUSTER: { value: 'cluster' },
    BUCKET: { value: 'bucket' },
  } as const,
})

const PolicyScopeKind = builder.enumType('PolicyScopeKind', {
  values: { GLOBAL: { value: 'global' }, CLUSTER: { value: 'cluster' }, BUCKET: { value: 'bucket' } } as const,
})

const PolicySource = builder.objectRef<PolicyInForce>('PolicySource').implement({
  description: 'Where a value comes from.',
  fields: (t) => ({
    kind: t.field({ type: PolicySourceKind, resolve: (policy) => policy.source }),
    name: t.string({
      nullable: true,
      description: 'Of the cluster or bucket that has it.',
      resolve: (policy) => policy.sourceName,
    }),
  }),
})

export const PolicyValue = builder.objectRef<PolicyInForce>('PolicyValue').implement({
  description: 'The value in force: bucket before global before default.',
  fields: (t) => ({
    name: t.exposeString('name'),
    value: t.field({ type: 'JSON', nullable: true, resolve: (policy) => policy.value }),
    source: t.field({ type: PolicySource, resolve: (policy) => policy }),
  }),
})

const PolicyWord = builder.objectRef<ValueWord>('PolicyWord').implement({
  fields: (t) => ({
    word: t.exposeString('word'),
    value: t.field({ type: 'JSON', nullable: true, resolve: ({ value }) => value }),
  }),
})

const PolicyDefinition = builder.objectRef<PolicyInfo>('PolicyDefinition').implement({
  fields: (t) => ({
    name: t.exposeString('name'),
    description: t.exposeString('description'),
    type: t.exposeString('type', { description: 'What values look like, for people.' }),
    values: t.field({
      type: PolicyValueKind,
      description: 'What values there are, for those who offer them.',
      resolve: (policy) => policy.kind,
    }),
    word: t.field({
      type: PolicyWord,
      nullable: true,
      description:
        'A value that people say in a word: of zones the empty list is "all". The word is taken in its place.',
      resolve: (policy) => policy.word,
    }),
    scopes: t.field({
      type: [PolicyScopeKind],
      description: 'Where it may be set.',
      resolve: (policy): PolicyScope[] => [...policy.scopes],
    }),
    default: t.field({ type: 'JSON', nullable: true, resolve: (policy) => policy.default }),
  }),
})

builder.queryField('policies', (t) =>
  t.field({
    type: [PolicyDefinition],
    description: 'Every policy there is.',
    resolve: (_root, _args, { services }) => services.describePolicies(),
  }),
)

builder.queryField('globalPolicies', (t) =>
  t.field({
    type: [PolicyValue],
    description: "What holds where no bucket says otherwise: the fleet's own value, or the default.",
    resolve: (_root, _args, { services }) => services.policiesOfFleet(),
  }),
)
