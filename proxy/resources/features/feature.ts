import type { Target } from '../target.ts'
import type { WireObject } from '../wire.ts'

/** Something that a deployment asks of the Envoy cluster which it is in, and that those which need it not must not pay for. */
export type Feature = {
  readonly needs: (target: Target) => boolean
  /** What the feature's filters are told of a deployment: metadata `fado` of its endpoint. */
  readonly told?: (target: Target) => Readonly<Record<string, string>>
  /** Other metadata of an endpoint that needs it, by namespace. */
  readonly metadata?: WireObject
  /** Run on every try after its host was chosen, on tries to all deployments of the Envoy cluster. */
  readonly filters?: readonly WireObject[]
  /** Other fields of the Envoy cluster. `trustedCa`: certificates in PEM that https deployments are checked against. */
  readonly fields?: (trustedCa: string) => WireObject
}
