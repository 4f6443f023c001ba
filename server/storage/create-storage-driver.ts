import { createBucketCalls } from './bucket-calls.ts'
import { listObjects } from './list-objects.ts'
import { createUptime } from './minio-uptime.ts'
import { createMultipartCalls } from './multipart-calls.ts'
import { createObjectCalls } from './object-calls.ts'
import { createPresigner } from './presign.ts'
import { probeStore } from './probe.ts'
import type { PlainDriver } from './probe-capabilities.ts'
import { createS3Client } from './s3-client.ts'
import { createRequestSigner, type SigningOptions } from './sign-request.ts'
import type { StorageDriver, StorageTimeouts } from './storage-driver.ts'
import { StorageError } from './storage-error.ts'
import { createVersionCalls } from './version-calls.ts'

export type StorageDriverOptions = SigningOptions & {
  /** `http://host:port` or `https://host`, nothing after it. Buckets are addressed by path. */
  readonly endpoint: string
  /** The address that users' browsers reach the store by; default: `endpoint`. */
  readonly publicEndpoint?: string
  readonly timeouts?: Partial<StorageTimeouts>
}

export const defaultTimeouts: StorageTimeouts = {
  connectMs: 5_000,
  idleMs: 8_000,
  listMs: 30_000,
  answerMs: 60_000,
  completeMs: 300_000,
}

/** A driver for any S3 store. Opens no connection before it is used. Throws a StorageError when an address is none. */
export function createStorageDriver(options: StorageDriverOptions): StorageDriver {
  const { region, accessKey, secretKey } = options
  const endpoint = parseEndpoint(options.endpoint)
  const timeouts = { ...defaultTimeouts, ...options.timeouts }
  const signer = createRequestSigner({ region, accessKey, secretKey })
  const client = createS3Client({ endpoint, signer, timeouts })
  const plain: PlainDriver = {
    ...createBucketCalls(client, region),
    ...createObjectCalls(client),
    ...createVersionCalls(client),
    ...createMultipartCalls(client, timeouts.completeMs),
    ...createPresigner(signer, parseEndpoint(options.publicEndpoint ?? options.endpoint)),
    uptime: createUptime(client, { region, accessKey, secretKey }),
    list: (bucket, listOptions) => listObjects(client, bucket, { ...listOptions, silenceMs: timeouts.listMs }),
  }
  return { ...plain, probe: (probeOptions) => probeStore(plain, probeOptions), close: () => client.close() }
}

function parseEndpoint(text: string): URL {
  const url = URL.parse(text)
  const plain = url !== null && url.pathname === '/' && `${url.search}${url.hash}${url.username}${url.password}` === ''
  if (plain && (url.protocol === 'http:' || url.protocol === 'https:')) return url
  throw new StorageError('refused', 'A store is addressed as http://host:port or https://host, with nothing after it')
}
