'use client'
import { useState } from 'react'
import { useQuery } from 'urql'
import {
  GlobalPoliciesDocument,
  PolicyDefinitionsDocument,
  type PolicyPartsFragment,
} from '../../../graphql/generated/operations.ts'
import { say, stress } from '../../_lib/parts.ts'
import { type PolicyDefinition, policyText, scopeWords } from '../../_lib/policy-values.ts'
import { sentence } from '../../_lib/sentence.ts'
import { Problem } from '../shared/problem.tsx'
import { Said } from '../shared/said.tsx'
import { SkeletonSentence, SkeletonTable } from '../shared/skeleton.tsx'
import { type Column, Table } from '../shared/table.tsx'
import { useFleet } from '../shared/use-fleet.ts'
import { Screen } from '../shell/screen.tsx'
import { EditButton, Source } from './policy-cells.tsx'
import { PolicyForm } from './policy-form.tsx'

const heads = ['Policy', "The fleet's value", 'Comes from', 'Can be set for'] as const

/** What each policy means, and the values that hold where no bucket says otherwise. */
export function PoliciesScreen() {
  const [definitions, again] = useQuery({ query: PolicyDefinitionsDocument })
  const [values, valuesAgain] = useQuery({ query: GlobalPoliciesDocument })
  const error = definitions.data && values.data ? undefined : (definitions.error ?? values.error)
  const retry = () => {
    again({ requestPolicy: 'network-only' })
    valuesAgain({ requestPolicy: 'network-only' })
  }
  return (
    <Screen title="Policies">
      {error ? (
        <Problem error={error} what="The policies" onRetry={retry} />
      ) : definitions.data && values.data ? (
        <Policies definitions={definitions.data.policies} values={values.data.globalPolicies} />
      ) : (
        <>
          <SkeletonSentence />
          <SkeletonTable columns={heads} rows={10} />
        </>
      )}
    </Screen>
  )
}

type Props = { readonly definitions: readonly PolicyDefinition[]; readonly values: readonly PolicyPartsFragment[] }

function Policies({ definitions, values }: Props) {
  const [editing, setEditing] = useState<string>()
  const { clusters } = useFleet()
  const set = values.filter((value) => value.source.kind === 'GLOBAL').length
  const rows = definitions.flatMap((definition) => {
    const value = values.find((one) => one.name === definition.name)
    return value ? [{ definition, value }] : []
  })
  const top =
    set === 0
      ? say`Every policy has its default; buckets and clusters may have their own.`
      : say`${stress(String(set))} of ${String(values.length)} policies ${set === 1 ? 'is' : 'are'} set for the fleet; buckets and clusters may have their own.`
  return (
    <>
      <p className="sentence mb-6">
        <Said parts={top} />
      </p>
      <Table
        label="Policies"
        columns={columnsOf(setEditing)}
        items={rows}
        keyOf={({ definition }) => definition.name}
        why={({ definition }) => (
          <span className="dim">
            {sentence(definition.description)} {sentence(definition.type)}
          </span>
        )}
        editor={({ definition, value }) =>
          definition.name === editing ? (
            <PolicyForm
              policy={value}
              definition={definition}
              scope={{ global: true }}
              isSet={value.source.kind === 'GLOBAL'}
              unsetWords={`unset: use the default, ${policyText(definition, definition.default)}`}
              fleet={clusters ?? []}
              onDone={() => setEditing(undefined)}
            />
          ) : null
        }
      />
    </>
  )
}

type Row = { readonly definition: PolicyDefinition; readonly value: PolicyPartsFragment }

const columnsOf = (onEdit: (name: string) => void): readonly Column<Row>[] => [
  { head: heads[0], cell: ({ value }) => <span className="mono">{value.name}</span> },
  {
    head: heads[1],
    cell: ({ definition, value }) => <span className="mono">{policyText(definition, value.value)}</span>,
  },
  { head: heads[2], cell: ({ value }) => <Source kind={value.source.kind} /> },
  { head: heads[3], cell: ({ definition }) => <span className="text-ink-2">{scopeWords(definition.scopes)}</span> },
  { head: 'Edit', as: 'act', cell: ({ value }) => <EditButton name={value.name} onEdit={onEdit} /> },
]
