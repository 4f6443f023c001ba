// What deployments ask of the Envoy clusters that they are in. A new feature is a file here and an entry.
import type { Target } from '../target.ts'
import { event } from './event.ts'
import type { Feature } from './feature.ts'
import { identity } from './identity.ts'
import { rewrite } from './rewrite.ts'
import { sharedAddress } from './shared-address.ts'
import { tls } from './tls.ts'

/** In the order in which their filters run: what is signed must not change any more. */
const features = { rewrite, event, identity, tls, shared: sharedAddress } as const satisfies Readonly<
  Record<string, Feature>
>
const entries: readonly (readonly [string, Feature])[] = Object.entries(features)

/** What is asked for, e.g. `rewrite` or `identity:Ab12`: each once, in the order of `features`, then of the names. */
export type FeatureSet = readonly string[]

const place = (asked: string) => entries.findIndex(([name]) => name === asked.split(':', 1)[0])
const inOrder = (set: Iterable<string>): FeatureSet =>
  [...new Set(set)].sort((a, b) => place(a) - place(b) || (a < b ? -1 : 1))

export const featuresOf = (target: Target): FeatureSet =>
  entries.flatMap(([name, { asks }]) => {
    const asked = asks(target)
    return asked === undefined ? [] : [asked === '' ? name : `${name}:${asked}`]
  })

/** All that one or the other of these asks for. */
export const unionOf = (sets: Iterable<FeatureSet>): FeatureSet => inOrder([...sets].flat())

/** Each feature of which something is asked. */
export const inSet = (set: FeatureSet): readonly Feature[] =>
  entries.filter((_, i) => set.some((asked) => place(asked) === i)).map(([, feature]) => feature)

export const hasAll = (set: FeatureSet, needed: FeatureSet): boolean => needed.every((asked) => set.includes(asked))

/** E.g. `rewrite+tls`; `plain` is the empty set. */
export const nameOfSet = (set: FeatureSet): string => (set.length === 0 ? 'plain' : set.join('+'))

/** undefined: no name of a set. */
export function parseSet(name: string): FeatureSet | undefined {
  const set = inOrder(name === 'plain' ? [] : name.split('+'))
  return nameOfSet(set) === name && set.every((asked) => place(asked) >= 0) ? set : undefined
}
