/** What a bucket on a store keeps beside the objects that it lists. */
export type BucketVersioning = {
  /** `kept`: an overwrite or a delete keeps what was there; `suspended`: versions of before may be left. */
  readonly versions: 'none' | 'kept' | 'suspended'
  /** Single versions may be held for a time; only with versions. */
  readonly objectLock: boolean
  /** What every new version gets: it cannot go for so long. */
  readonly defaultRetention: { readonly mode: string; readonly days: number } | null
}
