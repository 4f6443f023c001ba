import { GraphQLError } from 'graphql'
import { parseNodeId } from '../../server/domain/global-id.ts'

export { encodeNodeId, idOf } from '../../server/domain/global-id.ts'

/** An id that was never given out is an error of the request. */
export function decodeNodeId(text: string): { typename: string; id: string } {
  const parsed = parseNodeId(text)
  if (parsed === undefined) throw new GraphQLError('This is not an id', { extensions: { code: 'BAD_USER_INPUT' } })
  return parsed
}
