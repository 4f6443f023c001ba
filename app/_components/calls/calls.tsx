'use client'
import { useSubscription } from 'urql'
import { type CallFiguresFragment, LiveCallsDocument } from '../../../graphql/generated/operations.ts'
import { failures, perSecond, waited, whoseErrors } from '../../_lib/calls.ts'
import { ScrollTable } from '../shared/scroll-table.tsx'
import { CallSplit } from './call-split.tsx'
import { Sparkline } from './sparkline.tsx'

type Props = {
  /** Of this bucket alone. */
  readonly bucket?: string
  /** Of the cluster with this id alone. */
  readonly clusterId?: string
  readonly className?: string
}

const none: CallFiguresFragment = {
  ...{ __typename: 'InvocationTotal', callsPerSecond: 0, p50Ms: null, p95Ms: null, p99Ms: null, retries: 0 },
  ...{ functionErrors: 0, platformErrors: 0, keyErrors: 0, fadoErrors: 0, refused: 0, givenUp: 0, recent: [] },
}

/** What calls were in the last minute. */
export function Calls({ bucket, clusterId, className }: Props) {
  const [{ data, error }] = useSubscription({ query: LiveCallsDocument, variables: { bucket: bucket ?? null } })
  if (!data) return <Untold className={className} failed={error !== undefined} />
  const { total, clusters, functions, strayPerSecond } = data.invocationStats
  const isHere = ({ cluster }: { readonly cluster: { readonly id: string } }) => cluster.id === clusterId
  const figures = clusterId === undefined ? total : (clusters.find(isHere) ?? none)
  const whole = bucket === undefined && clusterId === undefined
  const shown = whole ? [] : clusterId === undefined ? functions : functions.filter(isHere)
  return (
    <section className={className} aria-labelledby="h-calls">
      <header>
        <h2 id="h-calls">Calls</h2>
        <span className="dim">of the last minute</span>
        <span className="ml-auto">
          <Sparkline recent={figures.recent} what="Calls" />
        </span>
      </header>
      {clusterId === undefined && <CallSplit clusters={clusters} />}
      {figures.callsPerSecond === 0 ? <p className="text-ink-2">There were none.</p> : <Facts figures={figures} />}
      {whole && strayPerSecond > 0 && (
        <p className="text-warn">{perSecond(strayPerSecond)} named no bucket that is here, and were refused.</p>
      )}
      {shown.length > 0 && (
        <ScrollTable label="Calls by function">
          <table className="table">
            <thead>
              <tr>
                <th>Function</th>
                {clusterId === undefined && <th>Cluster</th>}
                <th>At</th>
                <th className="num">Calls</th>
                <th className="num">p50</th>
                <th className="num">p99</th>
                <th className="num">Failed</th>
              </tr>
            </thead>
            <tbody>
              {shown.slice(0, mostShown).map((row) => (
                <tr key={`${row.deployment.id} ${row.function ?? ''}`}>
                  <td>{row.function === null ? <Others /> : <code>{row.function}</code>}</td>
                  {clusterId === undefined && <td data-head="Cluster">{row.cluster.name}</td>}
                  <td data-head="At" title={row.deployment.url}>
                    {URL.parse(row.deployment.url)?.host ?? row.deployment.url}
                  </td>
                  <td className="num" data-head="Calls">
                    {perSecond(row.callsPerSecond)}
                  </td>
                  <td className="num" data-head="p50">
                    {waited(row.p50Ms)}
                  </td>
                  <td className="num" data-head="p99">
                    {waited(row.p99Ms)}
                  </td>
                  <td className="num" data-head="Failed">
                    {perSecond(failures(row))}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </ScrollTable>
      )}
    </section>
  )
}

const Untold = ({ className, failed }: { readonly className: string | undefined; readonly failed: boolean }) => (
  <section className={className} aria-labelledby="h-calls">
    <header>
      <h2 id="h-calls">Calls</h2>
      <span className="dim">of the last minute</span>
    </header>
    <p className="text-ink-2">{failed ? 'They could not be read.' : 'Not told yet.'}</p>
  </section>
)

const mostShown = 10

/** What has no line of its own. */
const Others = () => (
  <span className="dim" title="Functions that are too many for a line of their own, or answered by 400 to 499 alone">
    others
  </span>
)

const Facts = ({ figures }: { readonly figures: CallFiguresFragment }) => (
  <dl className="facts">
    <dt>calls</dt>
    <dd>{perSecond(figures.callsPerSecond)}</dd>
    <dt>p50, p95, p99</dt>
    <dd>
      {waited(figures.p50Ms)}, {waited(figures.p95Ms)}, {waited(figures.p99Ms)}
    </dd>
    {whoseErrors(figures).map(([whose, n]) => (n === 0 ? null : <Errors key={whose} whose={whose} n={n} />))}
    {figures.refused > 0 && (
      <>
        <dt title="No errors: who called may not, or named no bucket or function">refused</dt>
        <dd>{perSecond(figures.refused)}</dd>
      </>
    )}
    {figures.givenUp > 0 && (
      <>
        <dt title="No errors: who called went away, or its own deadline was over (gRPC)">given up by callers</dt>
        <dd>{perSecond(figures.givenUp)}</dd>
      </>
    )}
    {figures.retries > 0 && (
      <>
        <dt>retries</dt>
        <dd>{perSecond(figures.retries)}</dd>
      </>
    )}
  </dl>
)

const Errors = ({ whose, n }: { readonly whose: string; readonly n: number }) => (
  <>
    <dt>errors {whose}</dt>
    <dd className="text-bad">{perSecond(n)}</dd>
  </>
)
