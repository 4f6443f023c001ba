// Global ids: what and which, opaque to clients.

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

export const encodeNodeId = (typename: string, id: string): string =>
  Buffer.from(`${typename}:${id}`).toString('base64')

/** Undefined: it was never given out. */
export function parseNodeId(text: string): { typename: string; id: string } | undefined {
  const [typename = '', id = '', ...rest] = Buffer.from(text, 'base64').toString('utf8').split(':')
  return rest.length === 0 && /^[A-Za-z]+$/.test(typename) && uuid.test(id) ? { typename, id } : undefined
}

const nobody = '00000000-0000-0000-0000-000000000000'

/** For changes, which answer NOT_FOUND: an id of another type, or none at all, names nothing. */
export function idOf(typename: string, text: string): string {
  const parsed = parseNodeId(text)
  return parsed?.typename === typename ? parsed.id : nobody
}
