import { createStorageDriver } from '../../server/storage/create-storage-driver.ts'
import type { StorageDriver } from '../../server/storage/storage-driver.ts'

/** A driver for a store, with short time-outs; the keys are those of `startMinio` unless others are given. */
export const driverOf = (
  endpoint: string,
  keys: { readonly accessKey?: string; readonly secretKey?: string } = {},
): StorageDriver =>
  createStorageDriver({
    endpoint,
    accessKey: keys.accessKey ?? 'minio',
    secretKey: keys.secretKey ?? 'minio123',
    timeouts: { connectMs: 1_000, idleMs: 2_000, listMs: 2_000, answerMs: 5_000 },
  })
