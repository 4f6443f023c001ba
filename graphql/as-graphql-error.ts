import { GraphQLError } from 'graphql'
import { FadoError } from '../server/domain/errors.ts'

/**
 * For refusals outside mutations. graphql-js takes an error with a list `path` for one that it has located already, and
 * would pass it on as it is.
 */
export async function asGraphqlError<T>(work: Promise<T>): Promise<T> {
  return work.catch((error: unknown) => {
    if (!(error instanceof FadoError)) throw error
    throw new GraphQLError(error.message, { originalError: error, extensions: { code: error.code } })
  })
}
