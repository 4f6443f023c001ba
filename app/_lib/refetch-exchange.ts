// Asks every query that is on screen again, on demand: after a reconnect, events may have been missed.
import { type Client, type Exchange, makeOperation, type Operation } from 'urql'
import { tap } from 'wonka'

export type ActiveQueries = { readonly exchange: Exchange; readonly refetch: () => void }

export function createActiveQueries(): ActiveQueries {
  const active = new Map<number, Operation>()
  let client: Client | undefined
  const exchange: Exchange = (input) => {
    client = input.client
    return (operations) =>
      input.forward(
        tap<Operation>((operation) => {
          if (operation.kind === 'query') active.set(operation.key, operation)
          if (operation.kind === 'teardown') active.delete(operation.key)
        })(operations),
      )
  }
  const refetch = () => {
    for (const operation of [...active.values()]) {
      client?.reexecuteOperation(
        makeOperation(operation.kind, operation, { ...operation.context, requestPolicy: 'network-only' }),
      )
    }
  }
  return { exchange, refetch }
}
