// Words for how a store's changes become known.
import type { EventForm, EventsSetting } from '../../graphql/generated/operations.ts'

export const eventForms: Readonly<Record<EventForm, string>> = {
  MINIO_WEBHOOK: 'MinIO’s webhook',
  S3_RECORDS: 'S3 records',
  SNS: 'AWS SNS',
  EVENTBRIDGE: 'AWS EventBridge',
}

export const eventSettings: readonly (readonly [EventsSetting, string])[] = [
  ['AUTO', 'FaDO subscribes each bucket, where it can'],
  ['EXTERNAL', 'I set up the store to send them'],
  ['NONE', 'Nobody: look at its buckets in turns'],
]

/** One to a line. */
export const topicsOf = (text: string): readonly string[] =>
  text.split('\n').flatMap((line) => (line.trim() === '' ? [] : [line.trim()]))
