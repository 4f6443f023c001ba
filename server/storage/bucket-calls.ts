import type { Regions } from './addresses.ts'
import { bucketNotifications, withOurEntry, withoutOurEntry } from './notification-config.ts'
import { nullIf } from './object-calls.ts'
import { serverDateOf } from './object-headers.ts'
import { pingBucket, type S3Client } from './s3-client.ts'
import type { StorageDriver } from './storage-driver.ts'
import { StorageError } from './storage-error.ts'
import type { BucketInfo } from './storage-values.ts'
import { assertPlainXml, elements, escapeXml, textOf } from './xml.ts'

export type BucketCalls = Pick<
  StorageDriver,
  | 'ping'
  | 'listBuckets'
  | 'headBucket'
  | 'createBucket'
  | 'deleteBucket'
  | 'bucketCreatedAt'
  | 'subscribe'
  | 'unsubscribe'
>

function toBucketInfo(xml: string): BucketInfo {
  const name = textOf(xml, 'Name')
  const createdAt = Date.parse(textOf(xml, 'CreationDate') ?? '')
  if (name && !Number.isNaN(createdAt)) return { name, createdAt }
  throw new StorageError(
    'protocol',
    'The store sent a list of buckets that cannot be used: a name or a date is missing',
  )
}

/** Without one a bucket is made in the oldest region, which may not be named. */
const locationOf = (region: string): { body?: string } =>
  region === 'us-east-1'
    ? {}
    : {
        body: `<CreateBucketConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><LocationConstraint>${escapeXml(region)}</LocationConstraint></CreateBucketConfiguration>`,
      }

export function createBucketCalls(client: S3Client, regions: Regions): BucketCalls {
  async function headBucket(bucket: string, { signal }: { signal?: AbortSignal } = {}) {
    const answer = await client.call({ method: 'HEAD', bucket, signal }).catch(nullIf('no-such-bucket'))
    return answer && { serverDate: serverDateOf(answer.headers) }
  }

  async function listBuckets({ signal }: { signal?: AbortSignal } = {}): Promise<BucketInfo[]> {
    const { text } = await client.call({ method: 'GET', signal })
    assertPlainXml(text, 'ListAllMyBucketsResult')
    return [...elements(text, 'Bucket')].map(({ inner }) => toBucketInfo(inner))
  }

  async function notifications(bucket: string, signal: AbortSignal | undefined): Promise<string> {
    return (await client.call({ method: 'GET', bucket, query: { notification: '' }, signal })).text
  }

  async function writeNotifications(bucket: string, body: string, signal: AbortSignal | undefined): Promise<void> {
    await client.call({ method: 'PUT', bucket, query: { notification: '' }, body, signal })
  }

  return {
    headBucket,
    listBuckets,

    async ping({ signal } = {}) {
      const accepts = (status: number) => status < 500
      const { headers } = await client.call({ method: 'HEAD', bucket: pingBucket, accepts, signal })
      return { serverDate: serverDateOf(headers) }
    },

    async createBucket(bucket, { signal } = {}) {
      const region = regions.home()
      const create = () => client.call({ method: 'PUT', bucket, ...locationOf(regions.home()), signal })
      await create().catch((error: unknown) => {
        if (regions.home() === region) throw error
        return create() // its body named the region that the store was thought to lie in
      })
    },

    async deleteBucket(bucket, { signal } = {}) {
      await client.call({ method: 'DELETE', bucket, signal })
    },

    async bucketCreatedAt(bucket, options) {
      const found = (await listBuckets(options)).find(({ name }) => name === bucket)
      return found === undefined ? null : found.createdAt
    },

    async subscribe(bucket, { signal, keep = false } = {}) {
      const current = await notifications(bucket, signal)
      if (keep && bucketNotifications(current).fado) return
      await writeNotifications(bucket, withOurEntry(current), signal).catch((error: unknown) => {
        // MinIO calls a target that it does not know an invalid argument.
        if (!(error instanceof StorageError) || error.kind !== 'refused') throw error
        const message = 'The store has no webhook target FADO, so it cannot tell of changes'
        throw new StorageError('unsupported', message, { code: error.code, status: error.status, cause: error })
      })
    },

    async unsubscribe(bucket, { signal } = {}) {
      const rest = withoutOurEntry(await notifications(bucket, signal))
      if (rest !== null) await writeNotifications(bucket, rest, signal)
    },
  }
}
