// MinIO's listings hide an object `f/g` where there is an object `f`: what a listing lacks may be there all the same.
import type { ObjectHead, StorageDriver } from './storage-driver.ts'

/** False: a listing without this key is right. */
export const mayBeHidden = (key: string): boolean => key.includes('/')

/** The object of a key that a listing lacks, should the listing only have hidden it. */
export const headHidden = async (
  driver: StorageDriver,
  bucket: string,
  key: string,
  signal: AbortSignal,
): Promise<ObjectHead | null> => (mayBeHidden(key) ? driver.head(bucket, key, { signal }) : null)
