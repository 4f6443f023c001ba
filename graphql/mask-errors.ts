// What clients see of errors: expected ones as they are, all else as an id under which the log has it.
import { randomUUID } from 'node:crypto'
import { GraphQLError, type GraphQLFormattedError } from 'graphql'
import { FadoError, unavailable } from '../server/domain/errors.ts'
import type { Log } from '../server/log.ts'
import { databaseAway, tryAgain } from '../server/services/shared/database-away.ts'
import { PageError } from '../server/services/shared/paging.ts'
import { isUnstorableText } from '../server/services/shared/unstorable-text.ts'

const internal = 'INTERNAL_SERVER_ERROR'

/** Down to what a resolver threw. */
function causeOf(error: unknown): unknown {
  return error instanceof GraphQLError && error.originalError ? causeOf(error.originalError) : error
}

/** graphql-js quotes what it was given, which may be a secret in the wrong place. */
export function withoutQuotes(message: string): string {
  return message
    .replace(/^Syntax Error: .*$/s, 'The document cannot be parsed')
    .replace(/(cannot represent .*? value): .*$/s, '$1')
    .replace(/^(Expected value of type "[^"]*"), found .*$/s, '$1')
    .replace(/^Value ".*" (does not exist in "\w+" enum).*$/s, 'The value $1')
}

type Known = { readonly code: string; readonly message: string }

function known(error: unknown, given: unknown): Known | undefined {
  const cause = causeOf(error)
  if (cause instanceof FadoError) return { code: cause.code, message: cause.message }
  if (cause instanceof PageError) return { code: 'BAD_USER_INPUT', message: cause.message }
  if (isUnstorableText(cause))
    return { code: 'BAD_USER_INPUT', message: 'Text may hold neither NUL nor what is not Unicode' }
  if (!(cause instanceof GraphQLError)) return undefined
  const code = cause.extensions['code'] ?? given // Apollo gives all that validation finds one code
  if (typeof code !== 'string' || code === internal) return undefined
  return { code, message: withoutQuotes(cause.message) }
}

/** Why the database cannot be used, when that is why a request failed; else undefined. */
export const outageIn = (error: unknown): string | undefined => databaseAway(causeOf(error))

/** `formatted` is the error as GraphQL would send it; its place in document and answer is kept. */
export function maskError(log: Log, formatted: GraphQLFormattedError, error: unknown): GraphQLFormattedError {
  const { locations, path, extensions } = formatted
  const place = { ...(locations ? { locations } : {}), ...(path ? { path } : {}) }
  const seen = known(error, extensions?.['code'])
  if (seen !== undefined) return { message: seen.message, ...place, extensions: { code: seen.code } }
  const outage = outageIn(error)
  if (outage !== undefined) {
    log.warn({ err: causeOf(error), path }, 'a request failed, for the database cannot be used')
    return { message: tryAgain(outage), ...place, extensions: { code: unavailable } }
  }
  const id = randomUUID()
  log.error({ err: causeOf(error), errorId: id, path }, 'a request failed')
  return { message: `Something went wrong here; the log has it as ${id}`, ...place, extensions: { code: internal, id } }
}
