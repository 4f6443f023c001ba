// What somebody has set on a bucket, read and never written. A part that the store does not let FaDO ask for is unknown, and the
// others are told all the same.
import type { Known } from '../domain/adoption/bucket-settings.ts'
import { bucketNotifications } from './notification-config.ts'
import type { S3Client } from './s3-client.ts'
import type { StorageDriver } from './storage-driver.ts'
import { StorageError } from './storage-error.ts'
import type { CallOptions } from './storage-values.ts'
import { elements, textOf } from './xml.ts'

/** For each part. */
const answerMs = 3_000

type Part = 'lifecycle' | 'policy' | 'encryption' | 'replication' | 'notification' | 'requestPayment'

/** Null: the bucket has none, or the store knows no such thing. */
function nullIfNone(error: unknown): null {
  if (error instanceof StorageError && error.code !== 'NoSuchBucket')
    if (error.kind === 'unsupported' || error.status === 404 || error.code?.startsWith('NoSuch')) return null
  throw error
}

/** A bucket that is gone has no settings at all; anything else that fails leaves one part unknown. */
function unknownUnlessGone(error: unknown): 'unknown' {
  if (error instanceof StorageError && error.kind !== 'no-such-bucket') return 'unknown'
  throw error
}

const enabled = (xml: string) => textOf(xml, 'Status') === 'Enabled'

function lifecycleOf(xml: string): { rules: number; expires: boolean } {
  const rules = [...elements(xml, 'Rule')].map(({ inner }) => inner).filter(enabled)
  const expires = ({ inner }: { inner: string }) => textOf(inner, 'Days') !== null || textOf(inner, 'Date') !== null
  return { rules: rules.length, expires: rules.some((rule) => [...elements(rule, 'Expiration')].some(expires)) }
}

/** `arn:aws:s3:::photos`, `arn:minio:replication::<id>:photos`. */
function targetsOf(xml: string): string[] {
  const rules = [...elements(xml, 'Rule')].map(({ inner }) => inner).filter(enabled)
  return rules.map((rule) => (textOf(rule, 'Bucket') ?? '').split(':').at(-1) ?? '')
}

const encryptionOf = (xml: string) => textOf(xml, 'SSEAlgorithm')

export function createSettings(client: S3Client, versioning: StorageDriver['versioning']): StorageDriver['settings'] {
  return async (bucket, { signal } = {}) => {
    const limited = (): CallOptions & { signal: AbortSignal } => {
      const limit = AbortSignal.timeout(answerMs)
      return { signal: signal === undefined ? limit : AbortSignal.any([signal, limit]) }
    }
    /** One part took too long; the caller's own signal ends the whole. */
    const unknown = (error: unknown): 'unknown' => {
      if (signal?.aborted) throw error
      return unknownUnlessGone(error)
    }
    const ask = async <T>(part: Part, read: (xml: string) => T, none: T): Promise<Known<T>> => {
      try {
        const answer = await client
          .call({ method: 'GET', bucket, query: { [part]: '' }, ...limited() })
          .catch(nullIfNone)
        return answer === null ? none : read(answer.text)
      } catch (error) {
        return unknown(error)
      }
    }
    const [versions, lifecycle, policy, encryption, replication, notifications, requesterPays] = await Promise.all([
      versioning(bucket, limited()).catch(unknown),
      ask('lifecycle', lifecycleOf, { rules: 0, expires: false }),
      ask('policy', (text) => text.trim() !== '', false),
      ask('encryption', encryptionOf, null),
      ask('replication', targetsOf, []),
      ask('notification', bucketNotifications, { others: 0, fado: false }),
      ask('requestPayment', (xml) => textOf(xml, 'Payer') === 'Requester', false),
    ])
    return { versioning: versions, lifecycle, policy, encryption, replication, notifications, requesterPays }
  }
}
