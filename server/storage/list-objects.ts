import { isObjectKey } from '../domain/object-key.ts'
import { compareKeys } from './compare-keys.ts'
import { type ListPage, scanListPage } from './list-scanner.ts'
import type { S3Client } from './s3-client.ts'
import { StorageError } from './storage-error.ts'
import type { ListedObject, ListOptions } from './storage-values.ts'

/** A store that goes on and on without objects would hold its reader for ever. */
const maxEmptyPages = 100

/** See `StorageDriver.list`. At most two pages are in memory: the one in use and the next. */
export async function* listObjects(
  client: S3Client,
  bucket: string,
  { prefix, startAfter, signal, silenceMs }: ListOptions & { readonly silenceMs: number },
): AsyncGenerator<readonly ListedObject[]> {
  const stop = new AbortController()
  const either = signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal])
  const fetchPage = async (position: Record<string, string>): Promise<ListPage> => {
    const query = { 'list-type': '2', 'encoding-type': 'url', 'max-keys': '1000', ...position }
    const { text } = await client.call({ method: 'GET', bucket, query, silenceMs, signal: either })
    return scanListPage(text)
  }
  const filter: Record<string, string> = prefix === undefined ? {} : { prefix }
  let last = startAfter
  let emptyPages = 0
  try {
    let pending = fetchPage(last === undefined ? filter : { ...filter, 'start-after': last })
    for (;;) {
      const { objects, next } = await pending
      last = assertKeys(objects, last)
      emptyPages = objects.length > 0 ? 0 : emptyPages + 1
      if (emptyPages > maxEmptyPages) throw new StorageError('protocol', 'The store lists pages without end')
      if (next !== null) {
        pending = fetchPage({ ...filter, 'continuation-token': next })
        pending.catch(() => undefined) // seen when its turn comes, or never wanted
      }
      if (objects.length > 0) yield objects
      if (next === null) return
    }
  } finally {
    stop.abort()
  }
}

/** Everything that compares listings relies on their keys and their order: one that is wrong there is as good as none. */
function assertKeys(objects: readonly ListedObject[], after: string | undefined): string | undefined {
  let last = after
  for (const { key } of objects) {
    if (!isObjectKey(key)) throw new StorageError('protocol', 'The store lists a key that S3 does not allow')
    if (last !== undefined && compareKeys(last, key) >= 0) {
      throw new StorageError(
        'protocol',
        `The store's listing is not in the order of its keys at ${JSON.stringify(key)}`,
      )
    }
    last = key
  }
  return last
}
