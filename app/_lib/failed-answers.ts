// An answer that failed says nothing of what is there. When a field that may not be null fails, GraphQL answers null for
// all around it: the cache would take `bucket: null`, with the error at `bucket.objects`, for "there is no such bucket".
import { type Exchange, mapExchange } from 'urql'

/** Lets no data of a failed query through. It stands between the cache and the network. */
export const withoutFailedAnswers: Exchange = mapExchange({
  onResult: (result) =>
    result.error && result.operation.kind === 'query' ? { ...result, data: undefined } : undefined,
})
