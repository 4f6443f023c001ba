'use client'
import { useQuery } from 'urql'
import { ClusterPoliciesDocument } from '../../../graphql/generated/operations.ts'
import { OwnPolicies } from '../policies/own-policies.tsx'
import { Problem } from '../shared/problem.tsx'
import { SkeletonTable } from '../shared/skeleton.tsx'

/** What holds for the bytes to and from a cluster's store: limits and windows. */
export function ClusterPolicies({ name }: { readonly name: string }) {
  const [{ data, error }, again] = useQuery({ query: ClusterPoliciesDocument, variables: { name } })
  const look = () => again({ requestPolicy: 'network-only' })
  const cluster = data?.cluster
  if (cluster)
    return (
      <OwnPolicies
        of="cluster"
        policies={cluster.policies}
        scope={{ cluster: name }}
        expectedVersion={cluster.version}
        clusters={[]}
        onDone={look}
      />
    )
  return error ? (
    <Problem error={error} what="The cluster's policies" onRetry={look} />
  ) : (
    <SkeletonTable columns={['Policy', 'Value in force', 'Comes from']} rows={3} />
  )
}
