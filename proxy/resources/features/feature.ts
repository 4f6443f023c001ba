import type { Place, Target } from '../target.ts'
import type { WireObject } from '../wire.ts'

/** Something that a deployment asks of the Envoy cluster which it is in, and that those which need it not must not pay for. */
export type Feature = {
  /** undefined: it asks for nothing. '': for what others ask for as well. Else the name of what it alone asks for, or few. */
  readonly asks: (target: Target) => string | undefined
  /** Metadata of an endpoint, a place of a deployment that asks, by namespace. */
  readonly metadata?: (target: Target, place: Place) => EndpointMetadata
  /** Run on every try after its host was chosen, on tries to all deployments of the Envoy cluster. */
  readonly filters?: (all: readonly Target[]) => readonly WireObject[]
  /** Other fields of the Envoy cluster. */
  readonly fields?: (all: readonly Target[], trustedCa: string) => WireObject
}

export type EndpointMetadata = Readonly<Record<string, WireObject>>

/** Each that asks, once by what it asks for, in the order of their names. */
export function asking<T extends Target>(all: readonly T[], { asks }: Pick<Feature, 'asks'>): readonly T[] {
  const found = new Map<string, T>()
  for (const target of all) {
    const asked = asks(target)
    if (asked !== undefined) found.set(asked, target)
  }
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, target]) => target)
}
