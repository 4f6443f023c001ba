// Values of policies between JSON and people.
import { count, list, plural } from './format.ts'

/** Policies whose value is a duration in seconds. */
const durations = new Set(['max_staleness', 'full_compare', 'drain_delay', 'invocation_timeout', 'max_unverified'])

export function policyText(name: string, value: unknown): string {
  if (value === null || value === undefined) return 'none'
  if (Array.isArray(value)) return value.length > 0 ? value.join(', ') : name === 'zones' ? 'all' : 'none'
  if (durations.has(name) && typeof value === 'number') {
    if (name === 'invocation_timeout' && value === 0) return 'no limit'
    // Fractions of a second are not rounded away.
    return `${Number.isInteger(value) ? count(value) : value}\u00a0s`
  }
  if (isBrake(value)) return `${count(value.objects)} objects or ${value.percent}\u00a0%`
  if (typeof value === 'number') return count(value)
  return typeof value === 'string' ? value : JSON.stringify(value)
}

export type Brake = { readonly objects: number; readonly percent: number }
export const isBrake = (value: unknown): value is Brake =>
  typeof value === 'object' && value !== null && 'objects' in value && 'percent' in value

/** How a value is edited. What is not known here is edited as JSON. */
export type Editor =
  | { readonly kind: 'names'; readonly of: 'zones' | 'stores' | 'origins'; readonly canBeNone: boolean }
  | { readonly kind: 'number'; readonly unit: string; readonly whole: boolean }
  | { readonly kind: 'choice'; readonly options: readonly string[] }
  | { readonly kind: 'brake' }
  | { readonly kind: 'text' }
  | { readonly kind: 'json' }

export function editorOf(name: string): Editor {
  switch (name) {
    case 'zones':
      return { kind: 'names', of: 'zones', canBeNone: false }
    case 'replica_locations':
      return { kind: 'names', of: 'stores', canBeNone: true }
    case 'cors_origins':
      return { kind: 'names', of: 'origins', canBeNone: false }
    case 'target_replica_count':
      return { kind: 'number', unit: 'copies besides the master', whole: true }
    case 'max_staleness':
    case 'full_compare':
    case 'drain_delay':
    case 'invocation_timeout':
      return { kind: 'number', unit: 'seconds', whole: false }
    case 'lb_policy':
      return { kind: 'choice', options: ['round_robin', 'least_request', 'random'] }
    case 'delete_brake':
      return { kind: 'brake' }
    case 'lb_match_header':
      return { kind: 'text' }
    default:
      return { kind: 'json' }
  }
}

/** What is said before a count is set that no fleet of this size can hold; null when there is room. */
export function roomWords(name: string, value: unknown, otherStores: number): string | null {
  if (name !== 'target_replica_count' || typeof value !== 'number' || value <= otherStores) return null
  const has = otherStores === 1 ? 'other cluster has' : 'other clusters have'
  return `${otherStores === 0 ? 'No' : `Only ${count(otherStores)}`} ${has} a store: ${otherStores === 0 ? 'no copy has a place yet' : `more than ${plural(otherStores, 'copy', 'copies')} will wait for a place`}.`
}

export const scopeWords = (scopes: readonly string[]): string => list(scopes.map((scope) => scope.toLowerCase()))
