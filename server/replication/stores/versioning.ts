import type { BucketVersioning } from '../../domain/bucket-versioning.ts'
import { StorageError } from '../../storage/storage-error.ts'
import type { Store } from './stores.ts'

/** What a bucket keeps of versions; null where the store does not let FaDO ask. */
export async function versioningOf(
  { driver }: Store,
  bucket: string,
  signal: AbortSignal,
): Promise<BucketVersioning | null> {
  try {
    return await driver.versioning(bucket, { signal })
  } catch (error) {
    if (error instanceof StorageError && error.kind === 'access-denied') return null
    throw error
  }
}

/** Whether it keeps versions, or may have some of before. One that may not be asked is taken to keep none. */
export async function keepsVersions(store: Store, bucket: string, signal: AbortSignal): Promise<boolean> {
  const versioning = await versioningOf(store, bucket, signal)
  return versioning !== null && versioning.versions !== 'none'
}
