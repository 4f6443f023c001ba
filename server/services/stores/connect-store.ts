import { createStorageDriver } from '../../storage/create-storage-driver.ts'
import type { StorageDriver } from '../../storage/storage-driver.ts'
import type { OpenAccess } from '../shared/deps.ts'

/** Where a store names none: what S3 servers outside AWS take. */
const defaultRegion = 'us-east-1'

/** Someone waits for the answer: shorter than a mover's patience. */
const timeouts = { connectMs: 3_000, idleMs: 8_000, listMs: 10_000, answerMs: 10_000 }

export function connectStore(store: OpenAccess): StorageDriver {
  const { endpoint, publicEndpoint, region, accessKey, secretKey } = store
  return createStorageDriver({
    endpoint,
    ...(publicEndpoint === null ? {} : { publicEndpoint }),
    region: region ?? defaultRegion,
    accessKey,
    secretKey,
    timeouts,
  })
}
