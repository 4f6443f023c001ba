'use client'
import { useState } from 'react'
import type {
  ClusterPartsFragment,
  PolicyPartsFragment,
  PolicyScopeInput,
} from '../../../graphql/generated/operations.ts'
import { type PolicyDefinition, policyText } from '../../_lib/policy-values.ts'
import { type Column, Table } from '../shared/table.tsx'
import { EditButton, Source } from './policy-cells.tsx'
import { PolicyForm } from './policy-form.tsx'
import { usePolicyDefinition } from './use-policy-definition.ts'

type Props = {
  /** Whose they are. */
  readonly of: 'bucket' | 'cluster'
  readonly policies: readonly PolicyPartsFragment[]
  readonly scope: PolicyScopeInput
  readonly expectedVersion: number
  readonly clusters: readonly ClusterPartsFragment[]
  readonly onDone?: () => void
  readonly className?: string
}

/** The policies in force for a bucket or a cluster, where each comes from, and its own values to edit. */
export function OwnPolicies({ of, policies, scope, expectedVersion, clusters, onDone, className }: Props) {
  const [editing, setEditing] = useState<string>()
  const definitionOf = usePolicyDefinition()
  return (
    <section className={className} aria-labelledby="h-policies">
      <header>
        <h2 id="h-policies">Policies</h2>
        <span className="dim">the filled dot wins: default, global, {of}</span>
      </header>
      <Table
        label="Policies"
        columns={columnsOf(definitionOf, setEditing)}
        items={policies}
        keyOf={(policy) => policy.name}
        editor={(policy) => {
          const definition = policy.name === editing ? definitionOf(policy.name) : undefined
          return definition ? (
            <PolicyForm
              policy={policy}
              definition={definition}
              scope={scope}
              expectedVersion={expectedVersion}
              isSet={policy.source.kind === (of === 'bucket' ? 'BUCKET' : 'CLUSTER')}
              unsetWords="unset: use the fleet's value"
              fleet={clusters}
              onDone={() => {
                setEditing(undefined)
                onDone?.()
              }}
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
