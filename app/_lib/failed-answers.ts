// An answer that failed says nothing of what is there. When a field that may not be null fails, GraphQL answers null for
// all around it: the cache would take `bucket: null`, with the error at `bucket.objects`, for "there is no such bucket".
import { type Exchange, mapExchange, type OperationResult } from 'urql'

/** Lets no data of a failed query through. It stands between the cache and the network. */
export const withoutFailedAnswers: Exchange = mapExchange({
  onResult: (result) =>
    result.error && result.operation.kind === 'query' ? { ...result, data: undefined } : undefined,
})

/** There was no answer at all: not one that says that something failed. */
export const isUnanswered = ({ error }: OperationResult): boolean =>
  error?.networkError !== undefined && error.response === undefined

/**
 * Where a question that was answered before gets no answer, what is shown stays: the page says since when it is old, and asks again.
 * It stands before the cache, so that nothing of this is taken for news.
 */
export function keepsShown(): Exchange {
  const shown = new Map<number, OperationResult['data']>()
  return mapExchange({
    onOperation: ({ kind, key }) => {
      if (kind === 'teardown') shown.delete(key)
    },
    onResult: (result) => {
      const { key, kind } = result.operation
      if (kind !== 'query') return undefined
      if (isUnanswered(result) && shown.has(key)) {
        const { error: _, ...rest } = result
        return { ...rest, data: shown.get(key) }
      }
      if (result.error === undefined && result.data != null) shown.set(key, result.data)
      return undefined
    },
  })
}
