// Values of policies between JSON and people, by what the server says of each policy.
import type { NumberPartsFragment, PolicyDefinitionsQuery } from '../../graphql/generated/operations.ts'
import { durationWords } from '../../server/domain/duration-words.ts'
import { count, list, plural } from './format.ts'

export type PolicyDefinition = PolicyDefinitionsQuery['policies'][number]
export type ValueKind = PolicyDefinition['values']

/** Thousands are grouped; fractions, as of a second, are not rounded away. */
const figure = (value: number): string => (Number.isInteger(value) ? count(value) : String(value))

function numberText({ unit }: NumberPartsFragment, value: number): string {
  switch (unit) {
    case 'SECONDS':
      return durationWords(value, '\u00a0')
    case 'PERCENT':
      return `${figure(value)}\u00a0%`
    case 'OBJECTS':
      return plural(value, 'object')
    case 'CALLS':
      return plural(value, 'call')
    case 'BYTES_PER_SECOND':
      return `${count(value)}\u00a0B/s`
    case 'REPLICAS':
    case 'COST':
    case 'RANK':
    case 'TRIES':
      return figure(value)
  }
}

/** What stands beside a field for such a number. */
export const unitWords: Readonly<Record<NumberPartsFragment['unit'], string>> = {
  SECONDS: 'seconds',
  PERCENT: '%',
  OBJECTS: 'objects',
  CALLS: 'calls at once',
  TRIES: 'the first try included',
  REPLICAS: 'copies besides the master',
  BYTES_PER_SECOND: 'bytes per second',
  COST: 'for a GB',
  RANK: 'higher first',
}

/** The parts of a value of several numbers, those that it lacks as 0. */
export const partsOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? { ...value } : {}

const isSame = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b)

/** A value as people say it; as it is while its definition is not known yet. */
export function policyText(definition: Pick<PolicyDefinition, 'values' | 'word'> | undefined, value: unknown): string {
  const { values, word } = definition ?? {}
  if (word && isSame(word.value, value)) return word.word
  if (Array.isArray(value)) return value.join(', ') || 'none'
  if (values?.__typename === 'PolicyNumber' && typeof value === 'number') return numberText(values, value)
  if (values?.__typename === 'PolicyNumbers') {
    const parts = partsOf(value)
    return values.parts.map(({ name, number }) => numberText(number, Number(parts[name] ?? 0))).join(' or ')
  }
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** What is said before a count is set that no fleet of this size can hold; null when there is room. */
export function roomWords(replicas: number, otherStores: number): string | null {
  if (replicas <= otherStores) return null
  const has = otherStores === 1 ? 'other cluster has' : 'other clusters have'
  return `${otherStores === 0 ? 'No' : `Only ${count(otherStores)}`} ${has} a store: ${otherStores === 0 ? 'no copy has a place yet' : `more than ${plural(otherStores, 'copy', 'copies')} will wait for a place`}.`
}

/** Whether the value of such a policy says how many replicas there shall be. */
export const countsReplicas = (values: ValueKind): boolean =>
  values.__typename === 'PolicyNumber' && values.unit === 'REPLICAS'

export const scopeWords = (scopes: readonly string[]): string => list(scopes.map((scope) => scope.toLowerCase()))
