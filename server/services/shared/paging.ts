// Keyset pages. A cursor is opaque to clients: it names the list and the last key of the page before.

const largestPage = 100

export type PageInput = { readonly first: number; readonly after?: string | null | undefined }
export type Page<T> = {
  readonly items: readonly { readonly cursor: string; readonly item: T }[]
  readonly hasNextPage: boolean
}

/** A page that cannot be asked for: an error of the request, not of a rule. */
export class PageError extends Error {
  override readonly name = 'PageError'
}

export const encodeCursor = (list: string, key: string): string =>
  Buffer.from(JSON.stringify([list, key])).toString('base64url')

/** The key behind a cursor of this list. */
export function decodeCursor(list: string, cursor: string): string {
  const parts = parse(cursor)
  if (Array.isArray(parts) && parts.length === 2 && parts[0] === list && typeof parts[1] === 'string') {
    const key: string = parts[1]
    if (encodeCursor(list, key) === cursor && !key.includes('\0')) return key
  }
  throw new PageError('after is not a cursor of this list')
}

function parse(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'))
  } catch {
    return undefined
  }
}

export function requirePageSize(first: number): void {
  if (!Number.isInteger(first) || first < 1 || first > largestPage)
    throw new PageError(`first must be from 1 to ${largestPage}`)
}

/** `load` gives up to `limit` items behind the key `after`; `key` is what they are in order of. */
export async function readPage<T>(
  list: string,
  { first, after }: PageInput,
  load: (after: string | undefined, limit: number) => Promise<readonly T[]>,
  key: (item: T) => string,
): Promise<Page<T>> {
  requirePageSize(first)
  const found = await load(after ? decodeCursor(list, after) : undefined, first + 1)
  const items = found.slice(0, first).map((item) => ({ cursor: encodeCursor(list, key(item)), item }))
  return { items, hasNextPage: found.length > first }
}
