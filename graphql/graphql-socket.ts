// GraphQL over WebSocket (graphql-transport-ws). A connection lives as long as its token does.
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { promisify } from 'node:util'
import {
  type ExecutionArgs,
  type ExecutionResult,
  execute,
  GraphQLError,
  type GraphQLFormattedError,
  parse,
  specifiedRules,
  validate,
} from 'graphql'
import {
  CloseCode,
  handleProtocols,
  MessageType,
  makeServer,
  type Context as SocketContext,
  type SubscribePayload,
  stringifyMessage,
} from 'graphql-ws'
import { type WebSocket, WebSocketServer } from 'ws'
import { roleAllows } from '../server/domain/token-role.ts'
import type { Log } from '../server/log.ts'
import type { Services } from '../server/services/services.ts'
import { type Authenticated, bearerToken } from '../server/services/tokens/authenticate.ts'
import { carrySocket, type SocketExtra, tryAgainLater } from './carry-socket.ts'
import { variablesProblem } from './check-variables.ts'
import type { Context } from './context.ts'
import { subscribeInBatches } from './follow.ts'
import { maskError, outageIn } from './mask-errors.ts'
import { costProblem, limitAliases, maxTokens, nestingProblem, operationProblem } from './request-limits.ts'
import { schema } from './schema/index.ts'

export type GraphqlSocket = {
  /** Takes over the connection. `cookieToken` is what the browser's cookie holds. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, cookieToken: string | undefined): void
  stop(): Promise<void>
}

const maxMessageBytes = 1_000_000
/** RFC 6455, 7.4.1. */
const goingAway = 1001
const maxOperations = 100
/** Of one token, over all its connections: what a change costs grows with the subscriptions that hear of it. */
const maxOperationsOfToken = 2_000
/** setTimeout takes no more; who is connected that long is asked again then. */
const longestTimerMs = 2 ** 31 - 1

type Session = {
  readonly actor: Authenticated
  readonly revoked: AbortController
  readonly operations: () => number
}
type Result = { data?: ExecutionResult['data'] | undefined; errors?: readonly GraphQLError[] | undefined }
type Extra = { session: Session }
type Connection = SocketContext<Record<string, unknown>, SocketExtra & Partial<Extra>>

export function createGraphqlSocket(deps: {
  services: Services
  log: Log
  /** Whether nothing can be told of what happens. Who asks may have shown no token yet. */
  isAway: () => boolean
}): GraphqlSocket {
  const { services, log, isAway } = deps
  const cookies = new WeakMap<IncomingMessage, string>()
  const sessions = new Map<Session, WebSocket>()

  /** Subscriptions end with an error, then the connection is closed for good. */
  function end(session: Session): void {
    const socket = sessions.get(session)
    sessions.delete(session)
    session.revoked.abort()
    setImmediate(() => socket?.close(CloseCode.Unauthorized, 'The token is no longer valid'))
  }
  const off = services.onTokenRevoked(
    (tokenId) => {
      for (const session of sessions.keys()) if (session.actor.id === tokenId) end(session)
    },
    () => [...new Set([...sessions.keys()].map(({ actor }) => actor.id))],
  )

  const operationsOf = (connection: Connection) => Object.keys(connection.subscriptions).length
  /** That of the question included. */
  function operationsOfToken(id: string): number {
    let operations = 0
    for (const session of sessions.keys()) if (session.actor.id === id) operations += session.operations()
    return operations
  }

  /** A token that is revoked while it is looked up, before there is a session that could be ended, is not valid either. */
  async function authenticateNow(secret: string): Promise<Authenticated | undefined> {
    const revoked = new Set<string>()
    const unlisten = services.onTokenRevoked((tokenId) => revoked.add(tokenId))
    const actor = await services.authenticate(secret).finally(unlisten)
    return actor === undefined || revoked.has(actor.id) ? undefined : actor
  }

  async function connect(connection: Connection): Promise<boolean | undefined> {
    const { socket, request } = connection.extra
    const given = connection.connectionParams?.['authorization']
    const secret = bearerToken(typeof given === 'string' ? given : undefined) ?? cookies.get(request)
    let actor: Authenticated | undefined
    try {
      actor = secret === undefined ? undefined : await authenticateNow(secret)
    } catch (error) {
      log.error({ err: error }, 'the token of a socket could not be looked up')
      socket.close(tryAgainLater, 'The token cannot be looked up now')
      return undefined
    }
    if (actor === undefined) {
      socket.close(CloseCode.Unauthorized, 'A valid token is needed')
      return undefined
    }
    if (!roleAllows(actor.role, 'VIEWER')) return false // closes with 4403
    if (socket.readyState !== socket.OPEN) return undefined // it left meanwhile: nothing would tell us again
    const session = { actor, revoked: new AbortController(), operations: () => operationsOf(connection) }
    sessions.set(session, socket)
    connection.extra.session = session
    if (actor.expiresInSeconds !== null) {
      const timer = setTimeout(() => end(session), Math.min(actor.expiresInSeconds * 1000, longestTimerMs))
      socket.once('close', () => clearTimeout(timer))
    }
    socket.once('close', () => sessions.delete(session))
    return true
  }

  function prepare(connection: Connection, payload: SubscribePayload): ExecutionArgs | GraphQLError[] {
    const { session } = connection.extra
    if (session === undefined) return [refusal('UNAUTHENTICATED', 'A valid token is needed')]
    if (operationsOf(connection) > maxOperations)
      return [refusal('TOO_MANY_OPERATIONS', `A connection may have ${maxOperations} operations at once`)]
    if (operationsOfToken(session.actor.id) > maxOperationsOfToken)
      return [refusal('TOO_MANY_OPERATIONS', `A token may have ${maxOperationsOfToken} operations at once`)]
    const contextValue: Context = { services, actor: session.actor, log, revoked: session.revoked.signal }
    const { operationName, variables: variableValues = {} } = payload
    try {
      const nesting = nestingProblem(payload.query)
      if (nesting !== undefined) return [nesting]
      const document = parse(payload.query, { maxTokens })
      const invalid = validate(schema, document, [...specifiedRules, limitAliases])
      if (invalid.length > 0) return invalid.map((error) => withCode(error, 'GRAPHQL_VALIDATION_FAILED'))
      const values = variableValues ?? {}
      const problem =
        operationProblem(document, operationName, 'socket') ??
        variablesProblem(schema, document, operationName, values) ??
        costProblem(schema, document, operationName, values, contextValue)
      return problem === undefined
        ? { schema, document, operationName, variableValues: values, contextValue }
        : [problem]
    } catch (error) {
      return [
        error instanceof GraphQLError
          ? withCode(error, 'GRAPHQL_PARSE_FAILED')
          : refusal('BAD_REQUEST', 'The message cannot be read'),
      ]
    }
  }

  /**
   * Before the answer that the protocol asks for: a page that is open for days learns from it what time it is here, and whether
   * it would hear of what happens.
   */
  function tellState({ extra: { socket } }: Connection): void {
    const payload = { now: Date.now(), ...(isAway() ? { away: true } : {}) }
    socket.send(stringifyMessage<MessageType.Pong>({ type: MessageType.Pong, payload }))
  }

  const mask = (errors: readonly GraphQLError[]): GraphQLFormattedError[] =>
    errors.map((error) => maskError(log, error.toJSON(), error))
  const masked = ({ data, errors }: Result) => ({
    ...(data === undefined ? {} : { data }),
    ...(errors === undefined ? {} : { errors: mask(errors) }),
  })

  const sockets = new WebSocketServer({ noServer: true, maxPayload: maxMessageBytes, handleProtocols })
  const server = makeServer<Record<string, unknown>, SocketExtra & Partial<Extra>>({
    onConnect: connect,
    onSubscribe: (connection, _id, payload) => prepare(connection, payload),
    execute,
    subscribe: subscribeInBatches,
    onNext(connection, _id, _payload, _args, result) {
      // Who follows would go on without what could not be read, or end for good.
      if (result.errors?.some((error) => outageIn(error) !== undefined))
        connection.extra.socket.close(tryAgainLater, 'The database cannot be used now')
      return masked(result)
    },
    onPing: tellState,
    onError: (_connection, _id, _payload, errors) => mask(errors as readonly GraphQLError[]),
  })
  return {
    upgrade(request, socket, head, cookieToken) {
      if (cookieToken !== undefined) cookies.set(request, cookieToken)
      sockets.handleUpgrade(request, socket, head, (accepted) =>
        carrySocket({ server, log }, { socket: accepted, request }),
      )
    },
    async stop() {
      off()
      // A client that does not answer the close must not hold up the stop.
      const late = setTimeout(() => {
        for (const client of sockets.clients) client.terminate()
      }, 500)
      for (const client of sockets.clients) client.close(goingAway)
      await promisify(sockets.close.bind(sockets))().finally(() => clearTimeout(late))
    },
  }
}

const refusal = (code: string, message: string): GraphQLError => new GraphQLError(message, { extensions: { code } })

function withCode(error: GraphQLError, code: string): GraphQLError {
  if (error.extensions['code'] !== undefined) return error
  const { message, nodes = null, source, positions } = error
  return new GraphQLError(message, {
    nodes,
    source: source ?? null,
    positions: positions ?? null,
    extensions: { code },
  })
}
