'use client'
import { useSubscription } from 'urql'
import { RingCallsDocument } from '../../../graphql/generated/operations.ts'
import type { ClusterCalls } from '../../_lib/topology/calls.ts'

/** What calls were in the last minute, by cluster, of one bucket or of all; undefined before it is told. */
export function useCalls(bucket: string | null): readonly ClusterCalls[] | undefined {
  const [{ data }] = useSubscription({ query: RingCallsDocument, variables: { bucket } })
  return data?.invocationStats.clusters
}
