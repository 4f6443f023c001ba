/**
 * How a bucket stands in an address: `path` is https://host/bucket/key, `virtual-hosted` https://bucket.host/key.
 * `auto` is virtual-hosted at AWS, which wants it so, and path elsewhere, for few stores have a name for each bucket.
 */
export type Addressing = 'auto' | 'path' | 'virtual-hosted'

/** How a store is reached, but for its keys. */
export type StoreAccess = {
  readonly endpoint: string
  /** How browsers reach it; null: as FaDO does. */
  readonly publicEndpoint: string | null
  /** Null: what the endpoint's name says, else us-east-1. */
  readonly region: string | null
  readonly addressing: Addressing
  /** PEM of authorities that are trusted beside the machine's. */
  readonly caCertificates: string | null
  /** Takes any certificate. */
  readonly skipTlsVerify: boolean
}
