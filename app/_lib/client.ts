// The way to FaDO: GraphQL over fetch, and one WebSocket for what is live. Both carry the session's cookie.
import { createClient as createSocket, type Sink, type SubscribePayload } from 'graphql-ws'
import {
  Client,
  type CombinedError,
  type ExecutionResult,
  fetchExchange,
  mapExchange,
  subscriptionExchange,
} from 'urql'
import { createActiveQueries } from './active-queries.ts'
import { createCache } from './cache.ts'
import { keepsShown, withoutFailedAnswers } from './failed-answers.ts'
import { createLink, type Link } from './link.ts'
import { createServerClock, learningFetch, type ServerClock } from './server-clock.ts'
import { type Network, pingInterval, watchLink } from './watch-link.ts'

/** Between tries to connect again: short at first, then every 5 s. */
const longestWait = 5_000
/** The last subscription ended. */
const closedByUs = 1000
/** From one screen to the next the socket stays open. */
const closeWhenIdleFor = 5_000
/** The server closes with these when the session is not, or no longer, valid. */
const sessionEnded = new Set([4401, 4403])

export type ConsoleClient = {
  readonly client: Client
  readonly link: Link
  readonly clock: ServerClock
  /** Asks for all that is on screen once more. */
  readonly refetchAll: () => void
  readonly dispose: () => void
}

export type ConsoleClientOptions = {
  readonly origin: string
  readonly network: Network
  /** The session is over, or (`began` false) there never was one on this page. */
  readonly onSignedOut: (began: boolean) => void
}

export function createConsoleClient({ origin, network, onSignedOut }: ConsoleClientOptions): ConsoleClient {
  const clock = createServerClock()
  const link = createLink(clock.now)
  const queries = createActiveQueries()
  let began = false
  let over = false
  const signedOut = () => {
    if (over) return
    over = true
    onSignedOut(began)
  }
  let tries = 0
  /** Before the next try to connect: short at first, then longer. */
  const pause = (before: number) => wait(Math.min(longestWait, 250 * 2 ** before) * (0.75 + Math.random() / 2))
  const socket = createSocket({
    url: `${origin.replace(/^http/, 'ws')}/graphql`,
    keepAlive: pingInterval,
    lazyCloseTimeout: closeWhenIdleFor,
    retryAttempts: Number.POSITIVE_INFINITY,
    retryWait: pause,
    shouldRetry: () => !over,
    on: {
      connected: () => {
        tries = 0
        link.up()
      },
      closed: (event) => {
        const code = closeCode(event)
        if (sessionEnded.has(code)) signedOut()
        else if (code !== closedByUs) link.down(network.online() ? 'fado' : 'network')
      },
    },
  })
  /** Some closes are final to graphql-ws, e.g. an error of the server; to a page that stays open only the session's end is. */
  const follow = (payload: SubscribePayload, sink: Sink<ExecutionResult>): (() => void) => {
    let left = false
    let unsubscribe = () => {}
    const ask = () => {
      unsubscribe = socket.subscribe(payload, {
        next: (result) => sink.next(result as ExecutionResult),
        complete: () => sink.complete(),
        error: async (error) => {
          if (closeCode(error) === 0 || over) return sink.error(error)
          unsubscribe()
          await pause(tries++)
          if (!left && !over) ask()
        },
      })
    }
    ask()
    return () => {
      left = true
      unsubscribe()
    }
  }
  const unwatch = watchLink({ socket, link, clock, network })
  const client = new Client({
    url: `${origin}/graphql`,
    preferGetMethod: false,
    fetch: learningFetch(clock, (input, init) => fetch(input, init)),
    fetchOptions: { credentials: 'same-origin', headers: { 'content-type': 'application/json' } },
    requestPolicy: 'cache-and-network',
    exchanges: [
      keepsShown(),
      mapExchange({
        onResult: (result) => {
          if (result.data) began = true
        },
        onError: (error) => {
          if (isUnauthenticated(error)) signedOut()
        },
      }),
      createCache(queries),
      withoutFailedAnswers,
      queries.exchange,
      fetchExchange,
      subscriptionExchange({
        forwardSubscription: (request) => ({
          subscribe: (sink) => ({
            unsubscribe: follow({ query: request.query ?? '', variables: request.variables ?? {} }, sink),
          }),
        }),
      }),
    ],
  })
  return {
    client,
    link,
    clock,
    refetchAll: queries.refetchAll,
    dispose: () => {
      over = true
      unwatch()
      queries.dispose()
      void socket.dispose()
    },
  }
}

function isUnauthenticated(error: CombinedError): boolean {
  const status: unknown = error.response?.status
  return status === 401 || error.graphQLErrors.some((one) => one.extensions['code'] === 'UNAUTHENTICATED')
}

const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))
const closeCode = (event: unknown) =>
  typeof event === 'object' && event !== null && 'code' in event && typeof event.code === 'number' ? event.code : 0
