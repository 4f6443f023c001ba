import Link from 'next/link'

/** Where buckets that a store has already are taken under FaDO's care. */
export const AdoptHint = () => (
  <p className="text-sm text-ink-3">
    A store has buckets already? Open its cluster in <Link href="/clusters">Clusters</Link>, then <em>Buckets</em>{' '}
    beside the store.
  </p>
)
