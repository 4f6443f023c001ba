// Bodies as the makes send them, after their documentation.
import { describe, expect, test } from 'vitest'
import { readEvents } from '../../../../../server/storage/events/read-events.ts'
import { cephRecord, eventBridge, minioBody, s3Record, s3Test } from '../../../../support/event-bodies.ts'

const read = (body: unknown) => readEvents(JSON.stringify(body))
const told = (key: string, more: { bucket?: string; removed?: boolean; size?: number } = {}) => ({
  bucket: 'photos',
  key,
  removed: false,
  ...more,
})

test("MinIO's webhook", () => {
  expect(read(minioBody('photos', 'dir%2Fx+y%2B%C3%BC'))).toEqual({
    source: 'minio-webhook',
    events: [told('dir/x y+ü', { size: 224_662 })],
    tested: [],
  })
})

test('records of AWS S3, whose names of events have no s3:', () => {
  const body = {
    Records: [s3Record('photos', 'red+flower.jpg'), s3Record('photos', 'gone', 'ObjectRemoved:DeleteMarkerCreated')],
  }
  expect(read(body)).toEqual({
    source: 's3-records',
    events: [told('red flower.jpg', { size: 1024 }), told('gone', { removed: true })],
    tested: [],
  })
})

describe('records of Ceph RGW', () => {
  test('whose size is a text', () => {
    expect(read({ Records: [cephRecord('photos', 'myimage1.jpg')] })).toEqual({
      source: 's3-records',
      events: [told('myimage1.jpg')],
      tested: [],
    })
  })
  test('are looked at in both readings, for its versions do not agree on escapes', () => {
    expect(read({ Records: [cephRecord('photos', 'a+b%20c')] }).events).toEqual([told('a b c'), told('a+b%20c')])
    expect(read({ Records: [cephRecord('photos', '100%')] }).events).toEqual([told('100%')])
  })
  test.each(['ObjectRemoved:Delete', 's3:ObjectRemoved:Delete', 'ObjectLifecycle:Expiration:Current'])(
    'tell of a delete by %s',
    (name) => {
      expect(read({ Records: [cephRecord('photos', 'k', name)] }).events).toEqual([told('k', { removed: true })])
    },
  )
})

describe('EventBridge', () => {
  test('hands on keys as they are', () => {
    expect(read(eventBridge('photos', 'a+b%20c'))).toEqual({
      source: 'eventbridge',
      events: [told('a+b%20c', { size: 5 })],
      tested: [],
    })
  })
  test.each([
    ['Object Deleted', true],
    ['Object Created', false],
    ['Object Tags Added', false],
    ['Object Restore Completed', false],
  ])('%s', (type, removed) => {
    expect(read(eventBridge('photos', 'k', type)).events[0]?.removed).toBe(removed)
  })
  test('of another service is none of ours', () => {
    expect(read({ ...eventBridge('photos', 'k'), source: 'aws.ec2' })).toMatchObject({ source: null, events: [] })
  })
})

test('what names a bucket that no store can have tells nothing: it could stand for the key of another one', () => {
  expect(read(minioBody('photos/x', 'y')).events).toEqual([])
  expect(read(eventBridge('photos/x', 'y')).events).toEqual([])
})

test("AWS's test says that a bucket's events arrive, and tells of none", () => {
  expect(read(s3Test('photos'))).toEqual({ source: 's3-records', events: [], tested: ['photos'] })
})

test.each([
  '',
  '{',
  'null',
  '{"Records":7}',
  '{"detail-type":7,"source":"aws.s3"}',
  '['.repeat(500_000),
  `{"Records":${'['.repeat(100_000)}${']'.repeat(100_000)}}`,
  `{"a":`.repeat(100_000),
  JSON.stringify({ 'detail-type': 'Object Created', source: 'aws.s3', detail: null }),
  JSON.stringify(eventBridge('photos', 'a\0b')),
  JSON.stringify(eventBridge('pho\0tos', 'a')),
  JSON.stringify(s3Test('\ud800')),
])('what is hostile (%#) tells nothing and breaks nothing', (body) => {
  expect(readEvents(body)).toMatchObject({ events: [], tested: [] })
})
