// What deployments ask of the Envoy clusters that they are in. A new feature is a file here and an entry.
import type { Target } from '../target.ts'
import type { Feature } from './feature.ts'
import { rewrite } from './rewrite.ts'
import { tls } from './tls.ts'

/** In the order in which their filters run. */
const features = { rewrite, tls } as const satisfies Readonly<Record<string, Feature>>

export type FeatureName = keyof typeof features
/** Each at most once, in the order of `features`. */
export type FeatureSet = readonly FeatureName[]

const names = Object.keys(features) as FeatureName[]

export const featuresOf = (target: Target): FeatureSet => names.filter((name) => features[name].needs(target))

/** All that one or the other of these asks for. */
export function unionOf(sets: Iterable<FeatureSet>): FeatureSet {
  const asked = new Set([...sets].flat())
  return names.filter((name) => asked.has(name))
}

export const inSet = (set: FeatureSet): readonly Feature[] => set.map((name) => features[name])

export const hasAll = (set: FeatureSet, needed: FeatureSet): boolean => needed.every((name) => set.includes(name))

/** E.g. `rewrite+tls`; `plain` is the empty set. */
export const nameOfSet = (set: FeatureSet): string => (set.length === 0 ? 'plain' : set.join('+'))

/** undefined: no name of a set. */
export function parseSet(name: string): FeatureSet | undefined {
  const given = name === 'plain' ? [] : name.split('+')
  const set = names.filter((one) => given.includes(one))
  return nameOfSet(set) === name ? set : undefined
}
