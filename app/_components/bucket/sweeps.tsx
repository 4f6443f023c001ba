'use client'
import { useQuery } from 'urql'
import { BucketSweepsDocument } from '../../../graphql/generated/operations.ts'
import { requestWords, turnWords } from '../../_lib/sweeps.ts'
import { useEvery } from '../../_lib/use-every.ts'
import { Problem } from '../shared/problem.tsx'
import { useNow } from '../shell/use-now.ts'

/** That a copy was looked at is no event of its own where it was found right. */
const everyMs = 30_000

/** How often the master and each copy are compared as a whole, and why so often; nothing while none is. */
export function Sweeps({ bucket, className }: { readonly bucket: string; readonly className?: string }) {
  const [{ data, error }, again] = useQuery({ query: BucketSweepsDocument, variables: { name: bucket } })
  const look = () => again({ requestPolicy: 'network-only' })
  useEvery(everyMs, true, () => {
    if (!document.hidden) look()
  })
  const now = useNow()
  const sweeps = data?.bucket?.sweeps ?? []
  if (!data && error) return <Problem error={error} what="How often it is compared" onRetry={look} />
  if (sweeps.length === 0) return null
  return (
    <section className={className} aria-labelledby="h-sweeps">
      <header>
        <h2 id="h-sweeps">Compared as a whole</h2>
        <span className="dim">{requestWords(sweeps)}</span>
      </header>
      <ul className="grid gap-3">
        {sweeps.map((sweep) => (
          <li key={sweep.storageDeployment.id}>
            <span className="mono">{sweep.storageDeployment.name}</span>{' '}
            {sweep.isMaster && <span className="dim">master</span>} {turnWords(sweep, now)}
            <p className="text-ink-2">{sweep.reason.message}.</p>
          </li>
        ))}
      </ul>
    </section>
  )
}
