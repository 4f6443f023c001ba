import { describe, expect, test } from 'vitest'
import { withOurEntry, withoutOurEntry } from '../../../../server/storage/notification-config.ts'
import { StorageError } from '../../../../server/storage/storage-error.ts'

const root = (inner: string) =>
  `<NotificationConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${inner}</NotificationConfiguration>`
const ours =
  '<QueueConfiguration><Id>fado</Id><Queue>arn:minio:sqs::FADO:webhook</Queue><Event>s3:ObjectCreated:*</Event><Event>s3:ObjectRemoved:*</Event></QueueConfiguration>'
const theirs = [
  '<TopicConfiguration>\n  <Id>t &amp; t</Id><Topic>arn:x</Topic><Event>s3:ObjectCreated:*</Event><Future a="1">?</Future></TopicConfiguration>',
  '<QueueConfiguration><Id>fado-2</Id><Queue>arn:minio:sqs::FADO:webhook</Queue><Event>s3:ObjectCreated:*</Event></QueueConfiguration>',
  '<EventBridgeConfiguration/>',
].join('')

describe("the bucket's notification configuration", () => {
  test.for<[string, string]>([
    ['nothing', root('')],
    ['an empty element', '<NotificationConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"/>'],
    ['an XML declaration', `<?xml version="1.0" encoding="UTF-8"?>\n${root('')}`],
  ])('with %s gets our entry', ([, xml]) => {
    expect(withOurEntry(xml)).toBe(root(ours))
    expect(withoutOurEntry(xml)).toBeNull()
  })

  test('keeps the entries of others to the letter', () => {
    expect(withOurEntry(root(theirs))).toBe(root(theirs + ours))
    expect(withoutOurEntry(root(theirs))).toBeNull()
    expect(withoutOurEntry(root(theirs + ours))).toBe(root(theirs))
  })

  test('has our entry once, in its present form, however often it is added', () => {
    const old =
      '<QueueConfiguration><Event>s3:ObjectCreated:Put</Event><Id>fado</Id><Queue>arn:old</Queue></QueueConfiguration>'
    expect(withOurEntry(root(old + theirs + old))).toBe(root(theirs + ours))
    expect(withOurEntry(withOurEntry(root(theirs)))).toBe(root(theirs + ours))
  })

  test('that is none is refused', () => {
    for (const xml of ['', '<html></html>', root('').slice(0, -5), `<!DOCTYPE x>${root('')}`]) {
      expect(() => withOurEntry(xml)).toThrow(StorageError)
      expect(() => withoutOurEntry(xml)).toThrow(StorageError)
    }
  })
})
