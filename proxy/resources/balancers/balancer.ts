import type { LbPolicy, OrderedLbPolicy } from '../../../server/domain/policy/lb-policy.ts'
import { extension, type WireObject } from '../wire.ts'

/** What a load-balancing policy is in Envoy. */
export type Balancer = UnorderedBalancer | OrderedBalancer

type Spreading = {
  /** Chooses among the deployments of a placement class. `slowStart`: fields by which what comes anew gets less at first. */
  readonly policy: (slowStart: WireObject) => WireObject
  /** Of a hash policy: what of a call is hashed (Envoy's HashPolicy). Calls that are alike in it go to one deployment. */
  readonly hashPolicy?: WireObject
  /** How often a deployment is drawn for another try until it is one that was not tried yet; default 200. */
  readonly drawsPerTry?: number
}

export type UnorderedBalancer = Spreading & { readonly inOrder?: never }

export type OrderedBalancer = Spreading & {
  /**
   * The clusters of a table are asked in its order, each as a placement class of its own. All tries of a call stay in one
   * while Envoy takes a deployment of it to be well; so many in a row that found no connection end that at once.
   */
  readonly inOrder: { readonly failures: number }
}

export type Balancers = {
  readonly [P in LbPolicy]: P extends OrderedLbPolicy ? OrderedBalancer : UnorderedBalancer
}

/** An extension of Envoy that chooses hosts. `message`: e.g. `RoundRobin`. */
export const hostChoice = (name: string, message: string, fields: WireObject = {}): WireObject => ({
  policies: [
    {
      typed_extension_config: extension(
        `envoy.load_balancing_policies.${name}`,
        `envoy.extensions.load_balancing_policies.${name}.v3.${message}`,
        fields,
      ),
    },
  ],
})
