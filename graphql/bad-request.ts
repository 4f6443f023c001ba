import { GraphQLError } from 'graphql'

/** A request that is refused before it runs. `code` is for programs; over HTTP it has this status. */
export const badRequest = (code: string, message: string, status = 400): GraphQLError =>
  new GraphQLError(message, { extensions: { code, http: { status } } })
