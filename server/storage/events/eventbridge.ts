// Events of S3 as AWS EventBridge hands them on, whole: an input transformer would make something else of them.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
import { type EventReader, get, toBucketEvent } from './bucket-event.ts'

/** Keys are not escaped here. All of its events (of tags, restores, storage classes, too) are a reason to look. */
export const readEventBridge: EventReader = (body) => {
  const type = get(body, 'detail-type')
  if (typeof type !== 'string' || get(body, 'source') !== 'aws.s3') return undefined
  const detail = get(body, 'detail')
  const object = get(detail, 'object')
  const told = {
    bucket: get(get(detail, 'bucket'), 'name'),
    key: get(object, 'key'),
    removed: type === 'Object Deleted',
    size: get(object, 'size'),
  }
  return { events: toBucketEvent(told), tested: [] }
}
