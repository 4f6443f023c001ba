// Subscriptions in batches: events of one moment are executed side by side and share what they load, with all subscribers
// that look at the same moment. So neither 20 000 replicas nor many subscribers cost a query each.
import { initContextCache } from '@pothos/core'
import { createSourceEventStream, type ExecutionArgs, type ExecutionResult, execute, GraphQLError } from 'graphql'
import type { Batch, Followed } from '../server/services/events/change-feed.ts'
import type { Context } from './context.ts'

/** What a subscription field's source gives; each event is executed in the batch's own context. */
type EventBatch<T> = { readonly context: Context; readonly events: readonly T[] }

const caches = new WeakMap<object, ReturnType<typeof initContextCache>>()

/** All who look at one moment have one cache of loaded things. */
function contextOf(context: Context, { moment }: Batch): Context {
  const cache = caches.get(moment) ?? initContextCache()
  caches.set(moment, cache)
  return { ...context, ...cache }
}

const revoked = () => new GraphQLError('The token is no longer valid', { extensions: { code: 'UNAUTHENTICATED' } })

/**
 * The source of a subscription field: the present state, then changes. `view` turns subjects into events. The type says
 * that it gives events one by one, for that is what the field's resolver sees; `subscribeInBatches` unpacks them.
 */
export function follow<T>(
  context: Context,
  what: Followed,
  bucketId: string | undefined,
  view: (subjects: readonly string[], context: Context) => Promise<readonly T[]>,
): AsyncIterable<T> {
  return sourceOf(context, async function* (ended): AsyncGenerator<EventBatch<T>> {
    for await (const batch of context.services.watch(what, bucketId, ended)) {
      const shared = contextOf(context, batch)
      const events = await view(batch.subjects, shared)
      if (events.length > 0) yield { context: shared, events }
    }
  })
}

/** The source of a subscription field whose events come one by one, each a moment of its own. */
export const tell = <T>(context: Context, events: (ended: AbortSignal) => AsyncIterable<T>): AsyncIterable<T> =>
  sourceOf(context, async function* (ended): AsyncGenerator<EventBatch<T>> {
    for await (const event of events(ended)) yield { context: { ...context, ...initContextCache() }, events: [event] }
  })

function sourceOf<T>(
  context: Context,
  batches: (ended: AbortSignal) => AsyncIterable<EventBatch<T>>,
): AsyncIterable<T> {
  const unsubscribed = new AbortController()
  const ended = AbortSignal.any([unsubscribed.signal, ...(context.revoked ? [context.revoked] : [])])
  async function* run(): AsyncGenerator<EventBatch<T>> {
    yield* batches(ended)
    if (context.revoked?.aborted) throw revoked()
  }
  return stoppable(run(), () => unsubscribed.abort()) as unknown as AsyncIterable<T>
}

/** A generator that waits does not hear return(): `stop` must end its waiting. */
function stoppable<T>(generator: AsyncGenerator<T>, stop: () => void): AsyncIterableIterator<T> {
  return {
    next: () => generator.next(),
    return(value) {
      stop()
      return generator.return(value)
    },
    throw(error) {
      stop()
      return generator.throw(error)
    },
    [Symbol.asyncIterator]() {
      return this
    },
  }
}

/** In place of graphql-js's subscribe(). */
export async function subscribeInBatches(
  args: ExecutionArgs,
): Promise<ExecutionResult | AsyncIterableIterator<ExecutionResult>> {
  const source = await createSourceEventStream(args)
  if (!(Symbol.asyncIterator in source)) return source
  const batches = source as unknown as AsyncIterableIterator<EventBatch<unknown>>
  return stoppable(executeBatches(batches, args), () => void batches.return?.())
}

async function* executeBatches(
  batches: AsyncIterable<EventBatch<unknown>>,
  args: ExecutionArgs,
): AsyncGenerator<ExecutionResult> {
  for await (const { context, events } of batches)
    yield* await Promise.all(events.map((event) => execute({ ...args, rootValue: event, contextValue: context })))
}
