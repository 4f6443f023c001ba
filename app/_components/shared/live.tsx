'use client'
import { useSubscription } from 'urql'
import { LiveReplicasDocument, LiveRoutesDocument } from '../../../graphql/generated/operations.ts'

/** Keeps copies and routes in the cache as they are now; of one bucket, or of all. It draws nothing. */
export function Live({ bucket }: { readonly bucket?: string }) {
  const variables = bucket === undefined ? {} : { bucket }
  useSubscription({ query: LiveReplicasDocument, variables })
  useSubscription({ query: LiveRoutesDocument, variables })
  return null
}
