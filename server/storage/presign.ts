import type { Addresses } from './addresses.ts'
import { writeHeaders } from './object-headers.ts'
import { queryString } from './object-path.ts'
import type { RequestSigner } from './sign-request.ts'
import type { StorageDriver } from './storage-driver.ts'
import { StorageError } from './storage-error.ts'
import type { ObjectMetadata, PresignedRequest } from './storage-values.ts'

/** A week: S3's limit. */
const maxSeconds = 604_800

/** The host is part of the signature: `addresses` must be those that the sender will use. */
export function createPresigner(
  signer: RequestSigner,
  addresses: Addresses,
  signsPrefix: () => Promise<boolean>,
): Pick<StorageDriver, 'presignGet' | 'presignPut' | 'presignPart'> {
  async function presign(
    method: 'GET' | 'PUT',
    target: { bucket: string; key: string; query?: Readonly<Record<string, string>> },
    headers: ObjectMetadata,
    expiresInSeconds: number,
  ): Promise<PresignedRequest> {
    if (!(Number.isInteger(expiresInSeconds) && expiresInSeconds >= 1 && expiresInSeconds <= maxSeconds)) {
      throw new StorageError('refused', `An address can be valid for 1 to ${maxSeconds} seconds`)
    }
    const { origin, host, prefix, path, region } = addresses.of(target.bucket, target.key)
    const signedPath = (await signsPrefix()) ? prefix + path : path
    const asked = { method, host, region, path: signedPath, query: target.query ?? {}, headers }
    const query = signer.presign(asked, expiresInSeconds)
    return { method, url: `${origin}${prefix}${path}?${queryString(query)}`, headers }
  }

  return {
    presignGet: (bucket, key, { expiresInSeconds, disposition }) => {
      const query = disposition === undefined ? {} : { 'response-content-disposition': disposition }
      return presign('GET', { bucket, key, query }, {}, expiresInSeconds)
    },
    presignPut: (bucket, key, { expiresInSeconds, metadata = {}, tags = [] }) =>
      presign('PUT', { bucket, key }, writeHeaders({ metadata, tags }), expiresInSeconds),
    presignPart: (bucket, key, { expiresInSeconds, uploadId, partNumber }) =>
      presign('PUT', { bucket, key, query: { uploadId, partNumber: String(partNumber) } }, {}, expiresInSeconds),
  }
}
