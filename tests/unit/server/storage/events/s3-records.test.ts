import { describe, expect, test } from 'vitest'
import { readEvents } from '../../../../../server/storage/events/read-events.ts'

const record = (key: unknown, name: unknown = 'photos', eventName: unknown = 's3:ObjectCreated:Put') => ({
  eventVersion: '2.0',
  eventName,
  s3: { bucket: { name, arn: `arn:aws:s3:::${name}` }, object: { key, eTag: 'e', sequencer: '18EB' } },
})
const eventsIn = (body: string) => readEvents(body).events
const parse = (...records: unknown[]) => eventsIn(JSON.stringify({ Records: records }))

describe('a webhook body', () => {
  test("of MinIO's form gives bucket, unescaped key and name of the event", () => {
    const body = { EventName: 's3:ObjectCreated:Put', Key: 'photos/dir/x y+ü', Records: [record('dir%2Fx+y%2B%C3%BC')] }
    expect(eventsIn(JSON.stringify(body))).toEqual([{ bucket: 'photos', key: 'dir/x y+ü', removed: false }])
  })

  test('of several records gives all of them, in order', () => {
    expect(parse(record('a'), record('b', 'videos', 'ObjectRemoved:Delete'))).toEqual([
      { bucket: 'photos', key: 'a', removed: false },
      { bucket: 'videos', key: 'b', removed: true },
    ])
  })

  test('with broken records among good ones gives the good ones', () => {
    const broken = [
      null,
      1,
      'x',
      [],
      {},
      { s3: null },
      record(7),
      record('a', 7),
      record(''),
      record('a', ''),
      record('%zz'),
      record('a%00b'),
      record('.'),
      record('..%2Fa'),
      record('a%2F..%2Fb'),
      record('a', 'pho\0tos'),
      record('a', '\ud800'),
      record('ü'.repeat(513)),
    ]
    expect(parse(...broken, record('good'), ...broken).map(({ key }) => key)).toEqual(['good'])
  })

  test.each([
    [0, 0],
    [4096, 4096],
    [undefined, undefined],
    [null, undefined],
    ['7', undefined],
    [-1, undefined],
    [1.5, undefined],
    [1e300, undefined],
  ])('that says %j of the size gives %j', (told, size) => {
    const one = record('a')
    expect(parse({ ...one, s3: { ...one.s3, object: { ...one.s3.object, size: told } } })[0]?.size).toBe(size)
  })

  test('without an event name still is a hint', () => {
    expect(parse(record('a', 'photos', null))).toEqual([{ bucket: 'photos', key: 'a', removed: false }])
  })

  test.for(['', 'x', 'null', '[]', '7', '{}', '{"Records":{}}', '{"Records":null}', '{"__proto__":{"Records":[1]}}'])(
    'that is %j gives nothing',
    (body) => {
      expect(eventsIn(body)).toEqual([])
    },
  )
})
