'use client'
import { useQuery } from 'urql'
import { BucketConformanceDocument, type ConformancePartsFragment } from '../../../graphql/generated/operations.ts'
import { conformanceSentence, onTimeWords } from '../../_lib/conformance.ts'
import { useEvery } from '../../_lib/use-every.ts'
import { Problem } from '../shared/problem.tsx'
import { ProgressBar } from '../shared/progress-bar.tsx'
import { Said } from '../shared/said.tsx'
import { useNow } from '../shell/use-now.ts'

/** What arrives is no event of its own. */
const everyMs = 5_000

/** How late changes came to each replica this month; nothing while there are none. */
export function Conformance({ bucket, className }: { readonly bucket: string; readonly className?: string }) {
  const [{ data, error }, again] = useQuery({ query: BucketConformanceDocument, variables: { name: bucket } })
  const look = () => again({ requestPolicy: 'network-only' })
  useEvery(everyMs, true, () => {
    if (!document.hidden) look()
  })
  const now = useNow()
  const shown = (data?.bucket?.replicas ?? []).flatMap(({ id, storageDeployment, conformance: [month] }) =>
    month === undefined ? [] : [{ id, store: storageDeployment.name, month }],
  )
  if (!data && error) return <Problem error={error} what="What came on time" onRetry={look} />
  if (shown.length === 0) return null
  return (
    <section className={className} aria-labelledby="h-on-time">
      <header>
        <h2 id="h-on-time">On time</h2>
        <span className="dim">first copies do not count</span>
      </header>
      <ul className="grid gap-3">
        {shown.map(({ id, store, month }) => (
          <li key={id}>
            <span className="mono">{store}</span>
            <OnTime store={store} month={month} />
            <p className="text-ink-2">
              <Said parts={conformanceSentence(month, now)} />
            </p>
          </li>
        ))}
      </ul>
    </section>
  )
}

const OnTime = ({ store, month }: { readonly store: string; readonly month: ConformancePartsFragment }) => (
  <span className="my-1 grid grid-cols-[1fr_auto] items-center gap-2">
    <ProgressBar share={month.onTime} label={`changes that came to ${store} on time`} />
    <span className="dim">{onTimeWords(month)}</span>
  </span>
)
