'use client'
import { useState } from 'react'
import { useQuery } from 'urql'
import {
  GlobalPoliciesDocument,
  PolicyDefinitionsDocument,
  type PolicyDefinitionsQuery,
  type PolicyPartsFragment,
} from '../../../graphql/generated/operations.ts'
import { say, stress } from '../../_lib/parts.ts'
import { Problem } from '../shared/problem.tsx'
import { Said } from '../shared/said.tsx'
import { ScrollTable } from '../shared/scroll-table.tsx'
import { SkeletonSentence, SkeletonTable } from '../shared/skeleton.tsx'
import { storesOf, useFleet, zonesOf } from '../shared/use-fleet.ts'
import { Screen } from '../shell/screen.tsx'
import { GlobalPolicyRow } from './global-policy-row.tsx'

const columns = ['Policy', "The fleet's value", 'Comes from', 'Set for'] as const

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
          <SkeletonTable columns={columns} rows={9} />
        </>
      )}
    </Screen>
  )
}

type Definition = PolicyDefinitionsQuery['policies'][number]
type Props = { readonly definitions: readonly Definition[]; readonly values: readonly PolicyPartsFragment[] }

function Policies({ definitions, values }: Props) {
  const [editing, setEditing] = useState<string>()
  const { clusters } = useFleet()
  const set = values.filter((value) => value.source.kind === 'GLOBAL').length
  const sentence =
    set === 0
      ? say`Every policy has its default; a bucket may have its own.`
      : say`${stress(String(set))} of ${String(values.length)} policies ${set === 1 ? 'is' : 'are'} set for the fleet; a bucket may have its own.`
  return (
    <>
      <p className="sentence mb-6">
        <Said parts={sentence} />
      </p>
      <ScrollTable label="Policies">
        <table className="table">
          <thead>
            <tr>
              {columns.map((column) => (
                <th key={column} scope="col">
                  {column}
                </th>
              ))}
              <th scope="col">
                <span className="sr-only">Edit</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {definitions.map((definition) => {
              const value = values.find((one) => one.name === definition.name)
              return (
                value && (
                  <GlobalPolicyRow
                    key={definition.name}
                    definition={definition}
                    value={value}
                    editing={editing === definition.name}
                    onEdit={setEditing}
                    zones={zonesOf(clusters ?? [])}
                    stores={storesOf(clusters ?? [])}
                  />
                )
              )
            })}
          </tbody>
        </table>
      </ScrollTable>
    </>
  )
}
