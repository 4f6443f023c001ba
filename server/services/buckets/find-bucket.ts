// Looks at buckets that are there already, before they are adopted or taken over. Reads and writes nothing.
import type { SealedStorage } from '../../db/catalogue/storage-deployments.ts'
import type { AdoptedSide } from '../../domain/adoption/unsafe.ts'
import { bucketNameOn } from '../../domain/bucket-name.ts'
import { FadoError } from '../../domain/errors.ts'
import { listOf } from '../../domain/reason.ts'
import { isAskable } from '../../storage/object-path.ts'
import type { StorageDriver } from '../../storage/storage-driver.ts'
import { StorageError } from '../../storage/storage-error.ts'
import type { ServiceDeps } from '../shared/deps.ts'
import { accessOf, storeRefusal } from '../stores/probe-store.ts'

export type FoundBucket = AdoptedSide & { readonly createdOn: number }

/** The driver is closed when `use` ends. What the store refuses is said of the field `path`. */
export async function onStore<T>(
  deps: ServiceDeps,
  storage: SealedStorage,
  path: readonly string[],
  use: (driver: StorageDriver) => Promise<T>,
): Promise<T> {
  const driver = deps.connect(accessOf(deps, storage))
  try {
    return await use(driver)
  } catch (error) {
    const refusal = storeRefusal(error, storage.endpoint)
    if (!(refusal instanceof FadoError) || refusal === error) throw refusal
    throw new FadoError(refusal.code, refusal.message, { path, cause: error })
  } finally {
    await driver.close()
  }
}

/** Under the name that the store's template gives, else under the bucket's own. */
const namesOn = (name: string, { bucketNameTemplate }: SealedStorage): string[] => [
  ...new Set([bucketNameOn(bucketNameTemplate, name), name]),
]

export async function findBucket(
  driver: StorageDriver,
  storage: SealedStorage,
  name: string,
  path: readonly string[],
): Promise<FoundBucket> {
  const names = namesOn(name, storage)
  const all = await driver.listBuckets()
  const found = names.map((one) => all.find((bucket) => bucket.name === one)).find((one) => one !== undefined)
  if (found === undefined)
    throw new FadoError('NOT_FOUND', `The store ${storage.name} has no bucket ${listOf(names)}`, { path })
  const { name: bucketName, createdAt: createdOn } = found
  return { store: storage.name, bucketName, createdOn, settings: await driver.settings(bucketName) }
}

const isDenied = (error: unknown): boolean => error instanceof StorageError && error.kind === 'access-denied'
/** An object that alone cannot be read (one with a key of its own, SSE-C, say) is that object's trouble later. */
function unlessDenied(error: unknown): void {
  if (isDenied(error)) throw error
}

/** What FaDO is about to do all the time is tried once: to list, and to look at an object. */
export async function requireReadable(
  driver: StorageDriver,
  { store, bucketName }: FoundBucket,
  path: readonly string[],
): Promise<void> {
  try {
    for await (const page of driver.list(bucketName)) {
      const first = page.find(({ key }) => isAskable(key))
      if (first !== undefined) await driver.head(bucketName, first.key).catch(unlessDenied)
      return
    }
  } catch (error) {
    if (!isDenied(error)) throw error
    const message = `The access key of ${store} may not read ${bucketName}: FaDO needs to list it and to read its objects`
    throw new FadoError('VALIDATION_FAILED', message, { path, cause: error })
  }
}
