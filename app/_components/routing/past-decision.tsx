'use client'
import Link from 'next/link'
import { sayCallers, sayChanges } from '../../../server/domain/explain/say-decision.ts'
import { candidatesThen } from '../../../server/domain/explain/say-health-then.ts'
import { decisionSentence, type ExplainedDecision, sourceWords } from '../../_lib/decisions.ts'
import { rulesOfDecisions } from '../../_lib/falls.ts'
import { list } from '../../_lib/format.ts'
import { bucketHref } from '../../_lib/hrefs.ts'
import { policyText } from '../../_lib/policy-values.ts'
import { SourceDots } from '../policies/source-dots.tsx'
import { usePolicyDefinition } from '../policies/use-policy-definition.ts'
import { Said } from '../shared/said.tsx'
import { type Column, Table } from '../shared/table.tsx'
import { CallFalls } from './call-falls.tsx'
import { HealthThen } from './health-then.tsx'

type Props = {
  readonly decision: ExplainedDecision
  /** When the call was; null: at any time while it held. */
  readonly at: string | null
}

/** Where calls went then, what kept them from each other cluster, and what it was decided from. */
export function PastDecision({ decision, at }: Props) {
  const { bucket, overrideClusters, callers, policies, candidates } = decision
  const definitionOf = usePolicyDefinition()
  const columns: readonly Column<Policy>[] = [
    { head: 'Policy', cell: ({ name }) => <span className="mono">{name}</span> },
    {
      head: 'Value then',
      as: 'wrap',
      cell: ({ name, value }) => <span className="mono">{policyText(definitionOf(name), value)}</span>,
    },
    { head: 'Came from', cell: ({ source }) => <Source source={source} /> },
  ]
  return (
    <div className="grid gap-3">
      <p className="sentence" role="status">
        <Said parts={decisionSentence(decision, at)} />
      </p>
      <p className="text-ink-2">
        {overrideClusters !== null && `A route override named ${list(overrideClusters)}. `}
        {sayCallers(callers, 'might')} {sayChanges(decision)}
      </p>
      <CallFalls candidates={candidatesThen(candidates, at)} among={rulesOfDecisions} won="might get calls" />
      <HealthThen candidates={candidates} at={at} />
      <Table label="Policies then" columns={columns} items={policies} keyOf={({ name }) => name} />
      <dl className="facts">
        <dt>bucket</dt>
        <dd>
          {bucket === null ? (
            <>
              <code>{decision.bucketName}</code>, which is gone
            </>
          ) : (
            <Link className="mono" href={bucketHref(bucket.name)}>
              {bucket.name}
            </Link>
          )}
        </dd>
        <dt>versions then</dt>
        <dd>
          {decision.bucketVersion} of the bucket, {decision.policiesVersion} of the policies for all buckets
        </dd>
      </dl>
    </div>
  )
}

type Policy = ExplainedDecision['policies'][number]

/** Those of a decision that an earlier version kept are not known. */
function Source({ source }: Pick<Policy, 'source'>) {
  if (source === null) return <span className="dim">not kept</span>
  return (
    <>
      {source !== 'OVERRIDE' && <SourceDots kind={source} />}
      <span className="dim">{sourceWords[source]}</span>
    </>
  )
}
