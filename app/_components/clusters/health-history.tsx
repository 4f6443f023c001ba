'use client'
import { useQuery } from 'urql'
import { HealthHistoryDocument, type HealthHistoryQuery } from '../../../graphql/generated/operations.ts'
import { healthSign } from '../../_lib/health.ts'
import { sentence } from '../../_lib/sentence.ts'
import { Ago } from '../shared/ago.tsx'
import { SignGlyph } from '../shared/glyph.tsx'
import { Problem } from '../shared/problem.tsx'
import { SkeletonTable } from '../shared/skeleton.tsx'
import { type Column, Table } from '../shared/table.tsx'

type Change = NonNullable<HealthHistoryQuery['healthChanges']>[number]

/** How a cluster's store and functions came and went, the last first. */
export function HealthHistory({ cluster }: { readonly cluster: string }) {
  const [{ data, error }, again] = useQuery({ query: HealthHistoryDocument, variables: { cluster } })
  return (
    <section aria-labelledby="h-health">
      <header>
        <h2 id="h-health">Came and went</h2>
      </header>
      {data ? (
        <Table
          label="Changes of health"
          columns={columns}
          items={data.healthChanges ?? []}
          keyOf={({ at, status, ...of }) => `${at} ${status} ${nameOf(of)}`}
          empty={<p className="text-ink-2">Nothing of it has come or gone yet.</p>}
        />
      ) : error ? (
        <Problem error={error} what="The history" onRetry={() => again({ requestPolicy: 'network-only' })} />
      ) : (
        <SkeletonTable columns={columns.map(({ head }) => head)} rows={3} />
      )}
    </section>
  )
}

const nameOf = ({ storageDeployment, faasDeployment }: Pick<Change, 'storageDeployment' | 'faasDeployment'>): string =>
  storageDeployment?.name ?? faasDeployment?.url ?? ''

const columns: readonly Column<Change>[] = [
  {
    head: 'Part',
    cell: (change) => (
      <>
        <SignGlyph mark={healthSign(change)} label={healthSign(change).word} />{' '}
        <span className="mono">{nameOf(change)}</span>
      </>
    ),
  },
  { head: 'Became', cell: (change) => <span className="text-ink-2">{healthSign(change).word}</span> },
  { head: 'When', cell: ({ at }) => <Ago time={at} /> },
  {
    head: 'Why',
    as: 'wrap',
    cell: ({ detail }) => detail !== null && <span className="text-ink-2">{sentence(detail)}</span>,
  },
]
