import Link from 'next/link'
import type { BucketPartsFragment } from '../../../graphql/generated/operations.ts'
import { PauseButton, PauseNote } from '../replication/pause-button.tsx'

/** Whether changes go to the replicas, and the switch for it. */
export function Copying({ bucket: { name, pause } }: { readonly bucket: BucketPartsFragment }) {
  return (
    <section className="order-4" aria-labelledby="h-copying">
      <header>
        <h2 id="h-copying">Copying</h2>
        <Link href="/replication">What waits</Link>
      </header>
      <p className="mb-2 text-ink-2">
        {pause === null ? (
          'Not paused: changes go to every replica as its link lets them.'
        ) : (
          <>
            <PauseNote pause={pause} />. Replicas get nothing, and calls leave one when what it lacks is older than
            max_staleness.
          </>
        )}
      </p>
      <PauseButton className="btn" scope={{ bucket: name }} paused={pause !== null} of={`the copying of ${name}`} />
    </section>
  )
}
