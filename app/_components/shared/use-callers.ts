'use client'
import { type CombinedError, useQuery } from 'urql'
import { type CallerPartsFragment, CallersDocument } from '../../../graphql/generated/operations.ts'

export type CallersQuery = {
  /** By name. Undefined until they are known. */
  readonly callers: readonly CallerPartsFragment[] | undefined
  readonly error: CombinedError | undefined
  readonly retry: () => void
}

/** All callers that policies may name; `wanted` false: nobody asks. */
export function useCallers(wanted = true): CallersQuery {
  const [{ data, error }, again] = useQuery({ query: CallersDocument, pause: !wanted })
  return { callers: data?.callers, error, retry: () => again({ requestPolicy: 'network-only' }) }
}
