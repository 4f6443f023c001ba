// What values a policy takes, so that a client can offer and show them without knowing the policy.
import type { PolicyValueKind as Kind, Named, NumberKind, Unit } from '../../server/domain/policy/value-kind.ts'
import { builder } from './builder.ts'

type Of<K extends Kind['kind']> = Extract<Kind, { readonly kind: K }>

const units: Readonly<Record<Unit, { value: Unit; description?: string }>> = {
  seconds: { value: 'seconds' },
  replicas: { value: 'replicas', description: 'Copies besides the master.' },
  objects: { value: 'objects' },
  percent: { value: 'percent' },
  bytes_per_second: { value: 'bytes_per_second' },
  cost: { value: 'cost', description: 'Of a GB, in whatever money.' },
  calls: { value: 'calls', description: 'Under way at once.' },
  tries: { value: 'tries', description: 'Of one call, the first included.' },
  rank: { value: 'rank', description: 'A place in an order, higher ones first.' },
}
const upper = <V>(values: Readonly<Record<string, V>>): Readonly<Record<string, V>> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name.toUpperCase(), value]))

const PolicyUnit = builder.enumType('PolicyUnit', { values: upper(units) })

const PolicyChoice = builder.objectRef<Of<'choice'>>('PolicyChoice').implement({
  description: 'One of these.',
  fields: (t) => ({ options: t.stringList({ resolve: ({ options }) => [...options] }) }),
})

const PolicyNumber = builder.objectRef<NumberKind>('PolicyNumber').implement({
  description: 'A number from least to most, both included.',
  fields: (t) => ({
    unit: t.field({ type: PolicyUnit, resolve: ({ unit }) => unit }),
    least: t.exposeFloat('least'),
    most: t.exposeFloat('most'),
    whole: t.exposeBoolean('whole'),
  }),
})

const PolicyPart = builder.objectRef<{ readonly name: string; readonly number: NumberKind }>('PolicyPart').implement({
  fields: (t) => ({
    name: t.exposeString('name'),
    number: t.field({ type: PolicyNumber, resolve: ({ number }) => number }),
  }),
})
const PolicyNumbers = builder.objectRef<Of<'numbers'>>('PolicyNumbers').implement({
  description: 'An object with a number of each name.',
  fields: (t) => ({
    parts: t.field({
      type: [PolicyPart],
      resolve: ({ parts }) => Object.entries(parts).map(([name, number]) => ({ name, number })),
    }),
  }),
})

const named: Readonly<Record<Named, { value: Named; description?: string }>> = {
  zone: { value: 'zone' },
  store: { value: 'store', description: 'Storage deployments.' },
  caller: { value: 'caller', description: 'Who may call.' },
  origin: { value: 'origin', description: 'Scheme, host and port, such as https://app.example.' },
}
const PolicyNamed = builder.enumType('PolicyNamed', { values: upper(named) })

const PolicyNames = builder.objectRef<Of<'names'>>('PolicyNames').implement({
  description: 'A list of names.',
  fields: (t) => ({
    of: t.field({ type: PolicyNamed, resolve: (kind) => kind.of }),
    mostNames: t.exposeInt('most'),
  }),
})

const PolicyHeader = builder.objectRef<Of<'header'>>('PolicyHeader').implement({
  description: 'The name of a request header.',
  fields: (t) => ({ mostCharacters: t.exposeInt('most') }),
})

const PolicyWindow = builder.objectRef<Of<'window'>>('PolicyWindow').implement({
  description: 'Times of the week and their zone, such as 22:00-06:00 Europe/Berlin.',
  fields: (t) => ({ longestWindow: t.exposeInt('most', { description: 'In characters.' }) }),
})

const types = {
  choice: PolicyChoice,
  number: PolicyNumber,
  numbers: PolicyNumbers,
  names: PolicyNames,
  header: PolicyHeader,
  window: PolicyWindow,
} as const satisfies Readonly<Record<Kind['kind'], unknown>>

export const PolicyValueKind = builder.unionType('PolicyValueKind', {
  types: Object.values(types),
  resolveType: ({ kind }) => types[kind],
})
