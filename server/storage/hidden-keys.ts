// What one of the two ways to ask for an object does not show: its name, or the listing of its bucket.
import { isAskable } from './object-path.ts'
import type { StorageDriver } from './storage-driver.ts'
import { StorageError } from './storage-error.ts'
import type { ListedObject, ObjectHead } from './storage-values.ts'

/** False: a listing without this key is right. Else MinIO's, which hide an object `f/g` where there is an object `f`, may not be. */
export const mayBeHidden = (key: string): boolean => key.includes('/')

/** The object of a key that a listing lacks, should the listing only have hidden it. */
export const headHidden = async (
  driver: StorageDriver,
  bucket: string,
  key: string,
  signal: AbortSignal,
): Promise<ObjectHead | null> => (mayBeHidden(key) ? driver.head(bucket, key, { signal }) : null)

/**
 * The object of a key that no store can be asked for, e.g. `a/../b`, where the store lists it all the same: programs that send
 * such names as they are can have put it there. Null for any other key.
 */
export async function listedOnly(
  driver: StorageDriver,
  bucket: string,
  key: string,
  signal: AbortSignal,
): Promise<ListedObject | null> {
  if (isAskable(key)) return null
  try {
    // Of all keys that begin with it, it is the first.
    for await (const [first] of driver.list(bucket, { prefix: key, signal })) return first?.key === key ? first : null
  } catch (error) {
    // MinIO refuses such a prefix, too.
    if (!(error instanceof StorageError) || error.kind !== 'bad-key') throw error
  }
  return null
}
