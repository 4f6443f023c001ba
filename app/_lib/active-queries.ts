// Asks queries that are on screen again, on demand: after a mutation, at a hint that something changed, after a gap.
// The cache keeps what it has until the answer is there, so that nothing flickers.
import { type Client, type Exchange, makeOperation, type Operation, type OperationResult } from 'urql'
import { pipe, tap } from 'wonka'
import { isUnanswered } from './failed-answers.ts'

/** Hints come in bursts: the first waits a little for the others, the next round not sooner than this after the last. */
const gather = 50
const between = 1_000
/** What got no answer is asked again after so long. */
const retryMs = 5_000

export type ActiveQueries = {
  readonly exchange: Exchange
  /** Queries that read one of these root fields. */
  readonly refetch: (...fields: readonly string[]) => void
  readonly refetchAll: () => void
  readonly dispose: () => void
}

export function createActiveQueries(): ActiveQueries {
  const active = new Map<number, Operation>()
  const waiting = new Set<string>()
  let allWait = false
  const asked = new Set<number>()
  /** To be asked once more when the answer that is on its way is there: urql drops what is asked meanwhile. */
  const again = new Set<number>()
  /** What got no answer, by its key. */
  const later = new Map<number, ReturnType<typeof setTimeout>>()
  let client: Client | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let last = Number.NEGATIVE_INFINITY

  const ask = (operation: Operation) => {
    if (asked.has(operation.key)) again.add(operation.key)
    else
      client?.reexecuteOperation(
        makeOperation(operation.kind, operation, { ...operation.context, requestPolicy: 'network-only' }),
      )
  }
  const began = (operation: Operation) => {
    if (operation.kind === 'query') {
      active.set(operation.key, operation)
      asked.add(operation.key)
    } else if (operation.kind === 'teardown') {
      active.delete(operation.key)
      asked.delete(operation.key)
      again.delete(operation.key)
      forget(operation.key)
    }
  }
  const forget = (key: number) => {
    clearTimeout(later.get(key))
    later.delete(key)
  }
  const askIfShown = (key: number) => {
    const operation = active.get(key)
    if (operation) ask(operation)
  }
  const answered = (result: OperationResult) => {
    const { key } = result.operation
    asked.delete(key)
    forget(key)
    if (again.delete(key)) askIfShown(key)
    else if (isUnanswered(result))
      later.set(
        key,
        setTimeout(() => askIfShown(key), retryMs),
      )
  }
  const flush = () => {
    timer = undefined
    last = performance.now()
    const isMeant = (field: string) => allWait || waiting.has(field)
    for (const operation of [...active.values()].filter((one) => rootFields(one).some(isMeant))) ask(operation)
    waiting.clear()
    allWait = false
  }
  const schedule = () => {
    timer ??= setTimeout(flush, Math.max(gather, last + between - performance.now()))
  }
  return {
    exchange: (input) => {
      client = input.client
      return (operations) => pipe(operations, tap(began), input.forward, tap(answered))
    },
    refetch: (...fields) => {
      for (const field of fields) waiting.add(field)
      schedule()
    },
    refetchAll: () => {
      allWait = true
      schedule()
    },
    dispose: () => {
      clearTimeout(timer)
      for (const one of later.values()) clearTimeout(one)
    },
  }
}

const rootFields = ({ query }: Operation): readonly string[] =>
  query.definitions.flatMap((definition) =>
    definition.kind === 'OperationDefinition'
      ? definition.selectionSet.selections.flatMap((field) => (field.kind === 'Field' ? [field.name.value] : []))
      : [],
  )
