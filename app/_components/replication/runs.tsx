'use client'
import Link from 'next/link'
import { useState } from 'react'
import { useQuery } from 'urql'
import { ReplicationRunsDocument, type RunPartsFragment } from '../../../graphql/generated/operations.ts'
import { duration, plural } from '../../_lib/format.ts'
import { bucketHref } from '../../_lib/hrefs.ts'
import { figuresOf, outcomeOf, workOf } from '../../_lib/runs.ts'
import { reasonSentence } from '../../_lib/sentence.ts'
import { useEvery } from '../../_lib/use-every.ts'
import { Ago } from '../shared/ago.tsx'
import { Problem } from '../shared/problem.tsx'
import { SkeletonTable } from '../shared/skeleton.tsx'
import { type Column, Table } from '../shared/table.tsx'

const pageSize = 10
/** What ends is no event of its own. */
const everyMs = 5_000

type Run = RunPartsFragment

/** How work on whole copies went; of one bucket also the comparisons that found nothing. */
export function Runs({ bucket, className }: { readonly bucket?: string; readonly className?: string }) {
  /** Where each page begins that was gone through; empty: the first is shown. */
  const [pages, setPages] = useState<readonly string[]>([])
  const filter = bucket === undefined ? {} : { bucket, quiet: true }
  const variables = { filter, first: pageSize, after: pages.at(-1) ?? null }
  const [{ data, error }, again] = useQuery({ query: ReplicationRunsDocument, variables })
  const look = () => again({ requestPolicy: 'network-only' })
  useEvery(everyMs, pages.length === 0, () => {
    if (!document.hidden) look()
  })
  const info = data?.replicationRuns.pageInfo
  const next = info?.hasNextPage ? info.endCursor : null
  return (
    <section className={className} aria-labelledby="h-runs">
      <header>
        <h2 id="h-runs">History</h2>
        <span className="dim">the latest first, up to 30 days</span>
      </header>
      {data ? (
        <Table
          label="History"
          columns={bucket === undefined ? [ofBucket, ...columns] : columns}
          items={data.replicationRuns.nodes}
          keyOf={(run) => `${run.bucket.id} ${run.storageDeployment.id} ${run.beganAt}`}
          why={({ cause }) => (cause === null ? null : <span className="text-ink-2">{reasonSentence(cause)}</span>)}
          empty={<p className="text-ink-2">Nothing was copied, compared or taken away as a whole yet.</p>}
        />
      ) : error ? (
        <Problem error={error} what="The history" onRetry={look} />
      ) : (
        <SkeletonTable columns={['Work', 'Outcome', 'Took', 'When']} rows={3} />
      )}
      {(pages.length > 0 || next) && (
        <p className="flex gap-2 pt-2">
          <button
            type="button"
            className="btn quiet small"
            disabled={pages.length === 0}
            onClick={() => setPages(pages.slice(0, -1))}
          >
            Later
          </button>
          <button
            type="button"
            className="btn quiet small"
            disabled={!next}
            onClick={() => next && setPages([...pages, next])}
          >
            Earlier
          </button>
        </p>
      )}
    </section>
  )
}

const ofBucket: Column<Run> = {
  head: 'Bucket',
  cell: ({ bucket }) => (
    <Link className="mono" href={bucketHref(bucket.name)}>
      {bucket.name}
    </Link>
  ),
}

const columns: readonly Column<Run>[] = [
  {
    head: 'Work',
    cell: (run) => (
      <>
        {workOf(run)} <span className="dim">on</span> <span className="mono">{run.storageDeployment.name}</span>
      </>
    ),
  },
  {
    head: 'Outcome',
    cell: (run) => {
      const { word, tone } = outcomeOf(run)
      const figures = figuresOf(run)
      return (
        <>
          <span className={tone}>{run.runs > 1 ? `${word}, ${plural(run.runs, 'time')}` : word}</span>
          {figures !== null && <span className="dim block">{figures}</span>}
        </>
      )
    },
  },
  {
    head: 'Took',
    as: 'num',
    cell: ({ seconds }) => duration(seconds),
  },
  {
    head: 'When',
    as: 'num',
    cell: ({ beganAt, endedAt, runs }) => (
      <span className="dim">
        <Ago time={endedAt ?? beganAt} />
        {runs > 1 && (
          <span className="block">
            first <Ago time={beganAt} />
          </span>
        )}
      </span>
    ),
  },
]
