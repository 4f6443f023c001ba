'use client'
import { useQuery } from 'urql'
import { PolicyDefinitionsDocument, type PolicyDefinitionsQuery } from '../../../graphql/generated/operations.ts'
import { policyText, scopeWords } from '../../_lib/policy-values.ts'
import { Problem } from '../shared/problem.tsx'
import { ScrollTable } from '../shared/scroll-table.tsx'
import { SkeletonTable } from '../shared/skeleton.tsx'
import { Screen } from '../shell/screen.tsx'

export function PoliciesScreen() {
  const [{ data, error }, again] = useQuery({ query: PolicyDefinitionsDocument })
  return (
    <Screen title="Policies">
      {data ? (
        <Definitions policies={data.policies} />
      ) : error ? (
        <Problem error={error} what="The policies" onRetry={() => again({ requestPolicy: 'network-only' })} />
      ) : (
        <SkeletonTable columns={['Policy']} />
      )}
    </Screen>
  )
}

function Definitions({ policies }: { readonly policies: PolicyDefinitionsQuery['policies'] }) {
  return (
    <ScrollTable label="Policies">
      <table className="table">
        <tbody>
          {policies.map((p) => (
            <tr key={p.name}>
              <td>{p.name}</td>
              <td>{policyText(p.name, p.default)}</td>
              <td>{scopeWords(p.scopes)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollTable>
  )
}
