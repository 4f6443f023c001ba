import { createHash } from 'node:crypto'
import { onTestFinished } from 'vitest'
import { createAddresses, createRegions } from '../../server/storage/addresses.ts'
import { defaultTimeouts } from '../../server/storage/create-storage-driver.ts'
import { createS3Client } from '../../server/storage/s3-client.ts'
import { createRequestSigner } from '../../server/storage/sign-request.ts'
import type { StoreProcess } from './store-process.ts'

/** What others than FaDO do to a store, in S3's own words; for the running test. */
export function rawClient({
  endpoint,
  accessKey,
  secretKey,
}: Pick<StoreProcess, 'endpoint' | 'accessKey' | 'secretKey'>) {
  const url = new URL(endpoint)
  const regions = createRegions(url, null)
  const addresses = createAddresses(url, 'path', regions)
  const signer = createRequestSigner({ accessKey, secretKey })
  const client = createS3Client({ endpoint: url, addresses, regions, signer, timeouts: defaultTimeouts })
  onTestFinished(() => client.close())
  const write = async (bucket: string, what: string, body: string): Promise<void> => {
    const headers = { 'content-md5': createHash('md5').update(body).digest('base64') }
    await client.call({ method: 'PUT', bucket, query: { [what]: '' }, body, headers })
  }
  return {
    read: async (bucket: string, what: string) =>
      (await client.call({ method: 'GET', bucket, query: { [what]: '' } })).text,
    write,
    setVersioning: (bucket: string, status: 'Enabled' | 'Suspended') =>
      write(bucket, 'versioning', `<VersioningConfiguration><Status>${status}</Status></VersioningConfiguration>`),
    /** MinIO's own: no object of so many bytes or more is taken; 0: all are. */
    setQuota: (bucket: string, bytes: number) =>
      client.call({
        method: 'PUT',
        bucket: 'minio',
        key: 'admin/v3/set-bucket-quota',
        query: { bucket },
        body: JSON.stringify({ quota: bytes, quotatype: 'hard' }),
      }),
    /** A bucket with object lock, and so with versions. */
    createLocked: (bucket: string) =>
      client.call({ method: 'PUT', bucket, headers: { 'x-amz-bucket-object-lock-enabled': 'true' } }),
    setDefaultRetention: (bucket: string, mode: 'GOVERNANCE' | 'COMPLIANCE', days: number) =>
      write(
        bucket,
        'object-lock',
        `<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule><DefaultRetention><Mode>${mode}</Mode><Days>${days}</Days></DefaultRetention></Rule></ObjectLockConfiguration>`,
      ),
    /** `lock`: headers x-amz-object-lock-*. */
    putLocked: (bucket: string, key: string, lock: Readonly<Record<string, string>>) => {
      const body = Buffer.from(key)
      const headers = { ...lock, 'content-md5': createHash('md5').update(body).digest('base64') }
      return client.call({ method: 'PUT', bucket, key, headers, body, size: body.length })
    },
    setRetention: async (bucket: string, key: string, versionId: string, until: number) => {
      const date = new Date(until).toISOString()
      const body = `<Retention><Mode>COMPLIANCE</Mode><RetainUntilDate>${date}</RetainUntilDate></Retention>`
      const headers = { 'content-md5': createHash('md5').update(body).digest('base64') }
      await client.call({ method: 'PUT', bucket, key, query: { retention: '', versionId }, headers, body })
    },
    setLegalHold: async (bucket: string, key: string, versionId: string, status: 'ON' | 'OFF') => {
      const body = `<LegalHold><Status>${status}</Status></LegalHold>`
      const headers = { 'content-md5': createHash('md5').update(body).digest('base64') }
      await client.call({ method: 'PUT', bucket, key, query: { 'legal-hold': '', versionId }, headers, body })
    },
  }
}
