// S3's event records, as MinIO, Ceph RGW and others post them, and AWS in messages of SNS.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
// https://docs.ceph.com/en/latest/radosgw/s3-notification-compatibility/
import { type BucketEvent, type EventReader, get, isBucket, toBucketEvent } from './bucket-event.ts'

/** MinIO's envelope around the records names the event and the key once more. */
export const readMinioWebhook: EventReader = (body) =>
  typeof get(body, 'EventName') === 'string' ? readS3Records(body) : undefined

export const readS3Records: EventReader = (body) => {
  const records = get(body, 'Records')
  return Array.isArray(records) ? { events: records.flatMap(toEvents), tested: [] } : undefined
}

/** What AWS sends once when a bucket's notifications are set. */
export const readS3Test: EventReader = (body) => {
  if (get(body, 'Event') !== 's3:TestEvent') return undefined
  const bucket = get(body, 'Bucket')
  return { events: [], tested: isBucket(bucket) ? [bucket] : [] }
}

/** AWS and Ceph leave out the `s3:`. Ceph calls expirations `ObjectLifecycle:Expiration:Current`. */
const removal = /^(s3:)?(ObjectRemoved|LifecycleExpiration|ObjectLifecycle:Expiration):/

function toEvents(record: unknown): BucketEvent[] {
  const s3 = get(record, 's3')
  const object = get(s3, 'object')
  const eventName = get(record, 'eventName')
  const told = {
    bucket: get(get(s3, 'bucket'), 'name'),
    removed: typeof eventName === 'string' && removal.test(eventName),
    size: get(object, 'size'),
  }
  return keysOf(get(object, 'key'), get(record, 'eventSource')).flatMap((key) => toBucketEvent({ ...told, key }))
}

/**
 * Keys are escaped as in a query: `dir%2Fx+y%2B`. Ceph's versions do not agree on that, so both readings of its keys are looked
 * at: a hint about a key that is not there costs one request.
 */
function keysOf(escaped: unknown, source: unknown): readonly string[] {
  if (typeof escaped !== 'string') return []
  const plain = unescapeKey(escaped)
  return [...new Set([...(plain === null ? [] : [plain]), ...(source === 'ceph:s3' ? [escaped] : [])])]
}

function unescapeKey(escaped: string): string | null {
  try {
    return decodeURIComponent(escaped.replaceAll('+', '%20'))
  } catch {
    return null
  }
}
