'use client'
import { useState } from 'react'
import type {
  BucketPartsFragment,
  ClusterPartsFragment,
  PolicyPartsFragment,
} from '../../../graphql/generated/operations.ts'
import { type PolicyDefinition, policyText } from '../../_lib/policy-values.ts'
import { EditButton, Source } from '../policies/policy-cells.tsx'
import { PolicyForm } from '../policies/policy-form.tsx'
import { usePolicyDefinition } from '../policies/use-policy-definition.ts'
import { type Column, Table } from '../shared/table.tsx'

type Props = { readonly bucket: BucketPartsFragment; readonly clusters: readonly ClusterPartsFragment[] }

/** The policies in force for a bucket, where each comes from, and its own values to edit. */
export function BucketPolicies({ bucket, clusters }: Props) {
  const [editing, setEditing] = useState<string>()
  const definitionOf = usePolicyDefinition()
  return (
    <section className="order-3" aria-labelledby="h-policies">
      <header>
        <h2 id="h-policies">Policies</h2>
        <span className="dim">the filled dot wins: default, global, bucket</span>
      </header>
      <Table
        label="Policies"
        columns={columnsOf(definitionOf, setEditing)}
        items={bucket.policies}
        keyOf={(policy) => policy.name}
        editor={(policy) => {
          const definition = policy.name === editing ? definitionOf(policy.name) : undefined
          return definition ? (
            <PolicyForm
              policy={policy}
              definition={definition}
              scope={{ bucket: bucket.name }}
              expectedVersion={bucket.version}
              isSet={policy.source.kind === 'BUCKET'}
              unsetWords="unset: use the fleet's value"
              fleet={clusters}
              onDone={() => setEditing(undefined)}
            />
          ) : null
        }}
      />
    </section>
  )
}

const columnsOf = (
  definitionOf: (name: string) => PolicyDefinition | undefined,
  onEdit: (name: string) => void,
): readonly Column<PolicyPartsFragment>[] => [
  { head: 'Policy', cell: ({ name }) => <span className="mono">{name}</span> },
  {
    head: 'Value in force',
    cell: ({ name, value }) => {
      const definition = definitionOf(name)
      return definition && <span className="mono">{policyText(definition, value)}</span>
    },
  },
  { head: 'Comes from', cell: ({ source }) => <Source kind={source.kind} /> },
  { head: 'Edit', as: 'act', cell: ({ name }) => <EditButton name={name} onEdit={onEdit} /> },
]
