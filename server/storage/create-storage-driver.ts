import type { StoreAccess } from '../domain/fleet/store-access.ts'
import { createAddresses, createRegions, parseEndpoint } from './addresses.ts'
import { createAmend } from './amend-object.ts'
import { createBucketCalls } from './bucket-calls.ts'
import { createSettings } from './bucket-settings.ts'
import { listObjects } from './list-objects.ts'
import { createUptime } from './minio-uptime.ts'
import { createMultipartCalls } from './multipart-calls.ts'
import { createObjectCalls } from './object-calls.ts'
import { createPresigner } from './presign.ts'
import { probeStore } from './probe.ts'
import type { PlainDriver } from './probe-capabilities.ts'
import { createS3Client } from './s3-client.ts'
import { createRequestSigner, type SigningKeys } from './sign-request.ts'
import type { StorageDriver } from './storage-driver.ts'
import { StorageError } from './storage-error.ts'
import type { StorageTimeouts } from './storage-values.ts'
import { createVersionCalls } from './version-calls.ts'

/** The endpoint is `http://host:port` or `https://host`, and a path where the store stands below one. */
export type StorageDriverOptions = SigningKeys &
  Pick<StoreAccess, 'endpoint'> &
  Partial<StoreAccess> & { readonly timeouts?: Partial<StorageTimeouts> }

export const defaultTimeouts: StorageTimeouts = {
  connectMs: 5_000,
  idleMs: 8_000,
  listMs: 30_000,
  answerMs: 60_000,
  completeMs: 300_000,
}

/** A driver for any S3 store. Opens no connection before it is used. Throws a StorageError when an address is none. */
export function createStorageDriver(options: StorageDriverOptions): StorageDriver {
  const { accessKey, secretKey, sessionToken = null, addressing = 'auto' } = options
  const { caCertificates = null, skipTlsVerify = false } = options
  const endpoint = endpointOf(options.endpoint)
  const publicEndpoint = endpointOf(options.publicEndpoint ?? options.endpoint)
  const timeouts = { ...defaultTimeouts, ...options.timeouts }
  const signer = createRequestSigner({ accessKey, secretKey, sessionToken })
  const regions = createRegions(endpoint, options.region ?? null)
  const addresses = createAddresses(endpoint, addressing, regions)
  const client = createS3Client({ endpoint, addresses, regions, signer, timeouts, caCertificates, skipTlsVerify })
  const versions = createVersionCalls(client)
  const plain: PlainDriver = {
    ...createBucketCalls(client, regions),
    ...createObjectCalls(client),
    ...versions,
    settings: createSettings(client, versions.versioning),
    amend: createAmend(client, timeouts.completeMs),
    ...createMultipartCalls(client, timeouts.completeMs),
    ...createPresigner(signer, createAddresses(publicEndpoint, addressing, regions), client.signsPrefix),
    uptime: createUptime(client, { accessKey, secretKey }),
    list: (bucket, listOptions) => listObjects(client, bucket, { ...listOptions, silenceMs: timeouts.listMs }),
  }
  return {
    ...plain,
    async probe(probeOptions) {
      const trial = await probeStore(plain, probeOptions)
      return { ...trial, region: regions.home() }
    },
    close: () => client.close(),
  }
}

function endpointOf(text: string): URL {
  const url = parseEndpoint(text)
  if (url !== null) return url
  throw new StorageError(
    'refused',
    'A store is addressed as http://host:port or https://host, with at most a path after it',
  )
}
