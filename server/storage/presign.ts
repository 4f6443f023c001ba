import { objectPath, queryString } from './object-path.ts'
import type { RequestSigner } from './sign-request.ts'
import type { ObjectMetadata, PresignedRequest, StorageDriver } from './storage-driver.ts'
import { StorageError } from './storage-error.ts'

/** A week: S3's limit. */
const maxSeconds = 604_800

/** The host is part of the signature: `endpoint` must be the address that the sender will use. */
export function createPresigner(
  signer: RequestSigner,
  endpoint: URL,
): Pick<StorageDriver, 'presignGet' | 'presignPut'> {
  async function presign(
    method: 'GET' | 'PUT',
    target: { bucket: string; key: string },
    headers: ObjectMetadata,
    expiresInSeconds: number,
  ): Promise<PresignedRequest> {
    if (!(Number.isInteger(expiresInSeconds) && expiresInSeconds >= 1 && expiresInSeconds <= maxSeconds)) {
      throw new StorageError('refused', `An address can be valid for 1 to ${maxSeconds} seconds`)
    }
    const path = objectPath(target.bucket, target.key)
    const query = await signer.presign({ method, endpoint, path, query: {}, headers }, expiresInSeconds)
    return { method, url: `${endpoint.origin}${path}?${queryString(query)}`, headers }
  }

  return {
    presignGet: (bucket, key, { expiresInSeconds }) => presign('GET', { bucket, key }, {}, expiresInSeconds),
    presignPut: (bucket, key, { expiresInSeconds, metadata = {} }) =>
      presign('PUT', { bucket, key }, metadata, expiresInSeconds),
  }
}
