// GraphQL over HTTP: the body of one request in, the answer out. Reading and writing it is the server's part.
import { ApolloServer, type ApolloServerPlugin, HeaderMap } from '@apollo/server'
import { ApolloServerPluginLandingPageDisabled } from '@apollo/server/plugin/disabled'
import type { Log } from '../server/log.ts'
import type { Services } from '../server/services/services.ts'
import type { Actor } from '../server/services/shared/authorize.ts'
import { variablesProblem } from './check-variables.ts'
import type { Context } from './context.ts'
import { maskError } from './mask-errors.ts'
import { costProblem, limitAliases, maxTokens, nestingProblem, operationProblem } from './request-limits.ts'
import { schema } from './schema/index.ts'

export type GraphqlAnswer = {
  readonly status: number
  readonly headers: Iterable<readonly [string, string]>
  readonly body: string
}
export type GraphqlHttp = {
  /** `body` is parsed JSON, whatever it is. */
  execute(actor: Actor, body: unknown): Promise<GraphqlAnswer>
  stop(): Promise<void>
}

const limits: ApolloServerPlugin<Context> = {
  requestDidStart: async () => ({
    didResolveOperation: async ({ document, request, contextValue }) => {
      const { operationName, variables = {} } = request
      const problem =
        operationProblem(document, operationName, 'http') ??
        variablesProblem(schema, document, operationName, variables) ??
        costProblem(schema, document, operationName, variables, contextValue)
      if (problem !== undefined) throw problem
    },
  }),
}

/** Apollo has no place for a refusal before it parses. */
function tooNested(body: unknown): GraphqlAnswer | undefined {
  const query = typeof body === 'object' && body !== null && 'query' in body ? body.query : undefined
  const problem = typeof query === 'string' ? nestingProblem(query) : undefined
  if (problem === undefined) return undefined
  const errors = [{ message: problem.message, extensions: { code: problem.extensions['code'] } }]
  return {
    status: 400,
    headers: [['content-type', 'application/json; charset=utf-8']],
    body: JSON.stringify({ errors }),
  }
}

export async function createGraphqlHttp(deps: { services: Services; log: Log }): Promise<GraphqlHttp> {
  const { services, log } = deps
  const apollo = new ApolloServer<Context>({
    schema,
    introspection: true,
    includeStacktraceInErrorResponses: false,
    // It would end the process by itself, before anything else was stopped.
    stopOnTerminationSignals: false,
    persistedQueries: false,
    parseOptions: { maxTokens },
    validationRules: [limitAliases],
    plugins: [limits, ApolloServerPluginLandingPageDisabled()],
    formatError: (formatted, error) => maskError(log, formatted, error),
    logger: {
      debug: (message) => log.debug(message),
      info: (message) => log.info(message),
      warn: (message) => log.warn(message),
      error: (message) => log.error(message),
    },
  })
  await apollo.start()
  return {
    async execute(actor, body) {
      const refused = tooNested(body)
      if (refused !== undefined) return refused
      const {
        status,
        headers,
        body: answer,
      } = await apollo.executeHTTPGraphQLRequest({
        httpGraphQLRequest: {
          method: 'POST',
          headers: new HeaderMap([['content-type', 'application/json']]),
          search: '',
          body,
        },
        context: async () => ({ services, actor, log }),
      })
      if (answer.kind !== 'complete') throw new Error('an answer in parts was not asked for')
      return { status: status ?? 200, headers, body: answer.string }
    },
    stop: () => apollo.stop(),
  }
}
