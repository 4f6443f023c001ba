'use client'
import { useDeferredValue } from 'react'
import { useQuery } from 'urql'
import { ExplainCallDocument, IngressDocument } from '../../../graphql/generated/operations.ts'
import { type TypedCall, typedFault, typedHeaders } from '../../_lib/typed-call.ts'

/** While it is not known which header names the bucket. */
const usualHeader = 'X-FaDO-Bucket'

/** What FaDO explains of a call as it is typed. `typed`: somebody has begun to; until then nothing is asked. */
export function useExplained(now: TypedCall & { readonly caller: string }, typed: boolean) {
  const [{ data: known }] = useQuery({ query: IngressDocument })
  const header = known?.ingress.header ?? usualHeader
  const call = useDeferredValue(now)
  const fault = typedFault(call, header)
  const isAsked = typed && fault === undefined
  const { method, path, caller } = call
  const [{ data, error, fetching }] = useQuery({
    query: ExplainCallDocument,
    variables: { input: { method, path, headers: typedHeaders(call, header), caller: caller || null } },
    pause: known === undefined || !isAsked,
    requestPolicy: 'cache-and-network',
  })
  return {
    /** It may be a moment behind what is typed. */
    call,
    header,
    ingress: known?.ingress,
    /** What is wrong with it. */
    fault,
    asking: fetching,
    explained: isAsked ? data?.explainRequest : undefined,
    error: isAsked ? error : undefined,
  }
}
