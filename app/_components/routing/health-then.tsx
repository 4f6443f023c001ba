'use client'
import { type OutageLine, outageLines, sayHealthThen } from '../../../server/domain/explain/say-health-then.ts'
import type { ExplainedDecision } from '../../_lib/decisions.ts'
import { moment } from '../../_lib/format.ts'
import { healthSign } from '../../_lib/health.ts'
import { type Column, Table } from '../shared/table.tsx'

type Line = OutageLine<ExplainedDecision['candidates'][number]['deployments'][number]['outages'][number]>

const columns: readonly Column<Line>[] = [
  { head: 'Cluster', cell: ({ cluster }) => <span className="mono">{cluster}</span> },
  { head: 'Functions', cell: ({ url }) => <span className="mono">{url}</span> },
  { head: 'Were', cell: ({ outage }) => healthSign({ ...outage, cause: null }).word },
  { head: 'From', cell: ({ outage }) => moment(outage.from) },
  { head: 'Until', cell: ({ outage }) => (outage.until === null ? 'still' : moment(outage.until)) },
  { head: 'Why', as: 'wrap', cell: ({ outage }) => outage.detail },
]

type Props = Pick<ExplainedDecision, 'candidates'> & {
  /** When the call was; null: at any time while it held. */
  readonly at: string | null
}

/** Whether the functions of the clusters that were decided for were well then. */
export function HealthThen({ candidates, at }: Props) {
  const said = sayHealthThen(candidates, at, moment)
  const lines = outageLines(candidates, at)
  if (said.length === 0) return null
  return (
    <>
      <p className="text-ink-2">{said.join(' ')}</p>
      {lines.length > 0 && (
        <Table
          label="Functions that were not well then"
          columns={columns}
          items={lines}
          keyOf={({ url, outage }) => `${url} ${outage.from}`}
        />
      )}
    </>
  )
}
