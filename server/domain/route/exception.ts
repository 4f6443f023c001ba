/** A bucket that `ackedThrough` of an Envoy's stream has passed although its change is not ACKed. */
export type RouteException = {
  readonly bucket: string
  /** Its latest route change. */
  readonly number: number
  readonly state: 'behind' | 'nacked'
  /** What Envoy said. */
  readonly error?: string
}
