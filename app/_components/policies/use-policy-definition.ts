'use client'
import { useQuery } from 'urql'
import { PolicyDefinitionsDocument } from '../../../graphql/generated/operations.ts'
import type { PolicyDefinition } from '../../_lib/policy-values.ts'

/** What the server says of a policy; undefined until that is known. Asked once: it never changes while the console is open. */
export function usePolicyDefinition(): (name: string) => PolicyDefinition | undefined {
  const [{ data }] = useQuery({ query: PolicyDefinitionsDocument })
  return (name) => data?.policies.find((definition) => definition.name === name)
}
