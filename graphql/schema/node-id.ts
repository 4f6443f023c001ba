// Global ids: what and which, opaque to clients.
import { GraphQLError } from 'graphql'

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

export const encodeNodeId = (typename: string, id: string): string =>
  Buffer.from(`${typename}:${id}`).toString('base64')

function parse(text: string): { typename: string; id: string } | undefined {
  const [typename = '', id = '', ...rest] = Buffer.from(text, 'base64').toString('utf8').split(':')
  return rest.length === 0 && /^[A-Za-z]+$/.test(typename) && uuid.test(id) ? { typename, id } : undefined
}

/** An id that was never given out is an error of the request. */
export function decodeNodeId(text: string): { typename: string; id: string } {
  const parsed = parse(text)
  if (parsed === undefined) throw new GraphQLError('This is not an id', { extensions: { code: 'BAD_USER_INPUT' } })
  return parsed
}

const nobody = '00000000-0000-0000-0000-000000000000'

/** For mutations, which answer NOT_FOUND: an id of another type, or none at all, names nothing. */
export function idOf(typename: string, text: string): string {
  const parsed = parse(text)
  return parsed?.typename === typename ? parsed.id : nobody
}
