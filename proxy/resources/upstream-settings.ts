// What operators set of all function deployments alike, as far as Envoy's clusters have it.

export type UpstreamSettings = {
  /** How long a deployment that comes anew gets less than its share, in milliseconds; 0: it gets all of it at once. */
  readonly slowStartMs: number
  /** How many calls one deployment is given at once by an Envoy; more wait. Null: any number. */
  readonly callsAtOnce: number | null
}

export const noSettings: UpstreamSettings = { slowStartMs: 0, callsAtOnce: null }

/** E.g. `slow=30000+most=50`; '' where nothing is set. */
export const nameOfSettings = ({ slowStartMs, callsAtOnce }: UpstreamSettings): string =>
  [slowStartMs > 0 ? `slow=${slowStartMs}` : '', callsAtOnce === null ? '' : `most=${callsAtOnce}`]
    .filter((part) => part !== '')
    .join('+')
