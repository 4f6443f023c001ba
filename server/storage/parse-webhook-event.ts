// Bucket events as stores post them to a webhook: S3's event records, and MinIO's envelope around them.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html

import { isObjectKey } from '../domain/object-key.ts'
import { isAskable } from './object-path.ts'

/** Only a hint: look at the key. Neither order nor completeness can be relied on. */
export type BucketEvent = {
  readonly bucket: string
  readonly key: string
  /** It tells of a delete: `s3:ObjectRemoved:Delete`, `LifecycleExpiration:DeleteMarkerCreated` and the like. */
  readonly removed: boolean
  /** Bytes, where the store tells (MinIO does not of an empty object). */
  readonly size?: number
}

/** All events in the body that name a bucket and a possible key; anything else in it is passed over. Never throws. */
export function parseWebhookEvent(body: string): BucketEvent[] {
  const records = get(parseJson(body), 'Records')
  return Array.isArray(records) ? records.flatMap(toEvent) : []
}

/** AWS leaves out the `s3:`. */
const removal = /^(s3:)?(ObjectRemoved|LifecycleExpiration):/

function toEvent(record: unknown): BucketEvent[] {
  const s3 = get(record, 's3')
  const bucket = get(get(s3, 'bucket'), 'name')
  const object = get(s3, 'object')
  const escaped = get(object, 'key')
  const size = get(object, 'size')
  const key = typeof escaped === 'string' ? unescapeKey(escaped) : null
  const eventName = get(record, 'eventName')
  // One that the database refuses would hold up all others with it, and one that no store can be asked for tells nothing.
  if (typeof bucket !== 'string' || !isObjectKey(bucket) || key === null || !isAskable(key)) return []
  const removed = typeof eventName === 'string' && removal.test(eventName)
  return [{ bucket, key, removed, ...(isSize(size) && !removed ? { size } : {}) }]
}

const isSize = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0

/** Keys are escaped as in a query: `dir%2Fx+y%2B`. */
function unescapeKey(escaped: string): string | null {
  try {
    return decodeURIComponent(escaped.replaceAll('+', '%20'))
  } catch {
    return null
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function get(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined
}
