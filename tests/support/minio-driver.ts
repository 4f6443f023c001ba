import { createStorageDriver } from '../../server/storage/create-storage-driver.ts'
import type { StorageDriver } from '../../server/storage/storage-driver.ts'

/** A driver for a store of `startMinio`, with short time-outs. */
export const driverOf = (endpoint: string): StorageDriver =>
  createStorageDriver({
    endpoint,
    region: 'us-east-1',
    accessKey: 'minio',
    secretKey: 'minio123',
    timeouts: { connectMs: 1_000, idleMs: 2_000, listMs: 2_000, answerMs: 5_000 },
  })
