// Who may speak for a store by SNS, and who may make FaDO ask an address.
import { beforeAll, describe, expect, test } from 'vitest'
import { createLog } from '../../../../../../server/log.ts'
import { createSnsDoor } from '../../../../../../server/services/events/sns/sns-door.ts'
import { certificateUrl, type SnsFields, startSns, type TestSns, topicArn } from '../../../../../support/sns.ts'

let sns: TestSns
beforeAll(async () => {
  sns = await startSns()
})

function door(options: { now?: () => number; topics?: readonly string[] } = {}) {
  const ended: string[][] = []
  const from = sns.asked.length
  const { topics = [topicArn], now = Date.now } = options
  const one = createSnsDoor({
    log: createLog('silent', 'test'),
    fetchText: sns.fetchText,
    storesOf: async (arn) => (topics.includes(arn) ? ['cloud'] : []),
    onEnd: async (stores) => void ended.push([...stores]),
    now,
  })
  return {
    ended,
    answer: (fields: SnsFields) => one.answer(JSON.stringify(fields)),
    raw: one.answer,
    asked: () => sns.asked.slice(from),
  }
}

test.each(['1', '2'])('a message that is signed by version %s is for the stores of its topic', async (version) => {
  const { answer, asked } = door()
  const fields = sns.notification('{"Records":[]}', { SignatureVersion: version })
  expect(await answer(fields)).toEqual({ is: 'notified', stores: ['cloud'], message: '{"Records":[]}' })
  expect(await answer(fields)).toMatchObject({ is: 'notified' })
  expect(asked(), 'its certificate is kept').toEqual([certificateUrl])
})

test('a message without a subject is signed without one', async () => {
  const { Subject: _, ...fields } = sns.notification('x')
  expect(await door().answer(sns.sign(fields))).toMatchObject({ is: 'notified' })
})

describe('a message is refused', () => {
  const changed: readonly (readonly [string, SnsFields])[] = [
    ['another message', { Message: 'other' }],
    ['another id', { MessageId: 'other' }],
    ['another subject', { Subject: 'other' }],
    ['another time', { Timestamp: new Date(Date.now() - 1_000).toISOString() }],
    ['another type', { Type: 'UnsubscribeConfirmation', SubscribeURL: 'https://sns.eu-central-1.amazonaws.com/' }],
    ['no signature', { Signature: '' }],
    ['a signature that is none', { Signature: '????' }],
    ['the digest of the other version', { SignatureVersion: '1' }],
  ]
  test.each(changed)('with %s than what was signed', async (_, more) => {
    expect(await door().answer({ ...sns.notification('x'), ...more })).toMatchObject({ is: 'refused' })
  })

  test('of a topic that nobody named for a store, and nothing is asked', async () => {
    const { answer, asked } = door({ topics: [] })
    expect(await answer(sns.notification('x'))).toMatchObject({
      is: 'refused',
      why: expect.stringContaining('--sns-topic'),
    })
    expect(asked()).toEqual([])
  })

  test.each([
    'https://sns.eu-central-1.amazonaws.com.evil.example/a.pem',
    'https://evil.example/sns.eu-central-1.amazonaws.com/a.pem',
    'https://sns.us-east-1.amazonaws.com/a.pem', // another region than its topic's
    'https://bucket.s3.amazonaws.com/a.pem',
    'https://sns.eu-central-1.amazonaws.com@evil.example/a.pem',
    'https://evil.example@sns.eu-central-1.amazonaws.com/a.pem',
    'https://sns.eu-central-1.amazonaws.com:8443/a.pem',
    'http://sns.eu-central-1.amazonaws.com/a.pem',
    'https://sns.eu-central-1.amazonaws.com/?Action=ConfirmSubscription',
    'https://sns.eu-central-1.amazonaws.com/a.pem?x=1',
    'https://127.0.0.1/a.pem',
    'file:///etc/passwd.pem',
    'a.pem',
    '',
  ])('whose certificate lies at %s, and nothing is asked', async (url) => {
    const { answer, asked } = door()
    expect(await answer(sns.notification('x', { SigningCertURL: url }))).toMatchObject({ is: 'refused' })
    expect(asked()).toEqual([])
  })

  test.each([
    ['long ago', -3_600_000 - 16 * 60_000],
    ['far in the future', 16 * 60_000],
  ])('that was sent %s', async (_, off) => {
    const timestamp = new Date(Date.now() + off).toISOString()
    expect(await door().answer(sns.notification('x', { Timestamp: timestamp }))).toMatchObject({ is: 'refused' })
  })

  test('again an hour later, though it was good once', async () => {
    let now = Date.now()
    const { answer } = door({ now: () => now })
    const fields = sns.notification('x')
    expect(await answer(fields)).toMatchObject({ is: 'notified' })
    now += 3_600_000 + 16 * 60_000
    expect(await answer(fields)).toMatchObject({ is: 'refused' })
  })

  test.each([
    '',
    'null',
    '[]',
    '"Type"',
    'x'.repeat(400_000),
    '['.repeat(200_000),
    '{"__proto__":{"Type":"Notification"}}',
    JSON.stringify({ Type: 'toString', TopicArn: topicArn, Message: 'x' }),
    JSON.stringify({ Type: ['Notification'], TopicArn: { a: topicArn }, Message: 7 }),
  ])('that is none (%#), and nothing is asked', async (body) => {
    const { raw, asked } = door()
    expect(await raw(body)).toMatchObject({ is: 'refused' })
    expect(asked()).toEqual([])
  })
})

test('a subscription is confirmed by asking the address that AWS gave, which does nothing else', async () => {
  const { answer, asked } = door()
  const good = sns.confirmation('SubscriptionConfirmation')
  expect(await answer(good)).toEqual({ is: 'confirmed' })
  expect(asked()).toEqual([certificateUrl, good['SubscribeURL']])
  for (const url of [
    'https://evil.example/?Action=ConfirmSubscription',
    'https://sns.eu-central-1.amazonaws.com/?Action=DeleteTopic',
    `https://sns.eu-central-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn=${topicArn}2`,
  ])
    expect(await answer(sns.confirmation('SubscriptionConfirmation', { SubscribeURL: url }))).toMatchObject({
      is: 'refused',
    })
  expect(asked()).toHaveLength(2)
})

test('the end of a subscription is taken note of, and is not undone by asking its address', async () => {
  const { answer, asked, ended } = door()
  expect(await answer(sns.confirmation('UnsubscribeConfirmation'))).toEqual({ is: 'confirmed' })
  expect(ended).toEqual([['cloud']])
  expect(asked()).toEqual([certificateUrl])
})

test('while the certificate cannot be had SNS is to try again, and it is asked for again then', async () => {
  const { answer, asked } = door()
  sns.answers.delete(certificateUrl)
  expect(await answer(sns.notification('x'))).toEqual({ is: 'later' })
  sns.answers.set(certificateUrl, 'no certificate')
  expect(await answer(sns.notification('x'))).toEqual({ is: 'later' })
  sns.answers.set(certificateUrl, sns.certificate)
  expect(await answer(sns.notification('x'))).toMatchObject({ is: 'notified' })
  expect(asked()).toHaveLength(3)
})

test('a certificate that is not valid any more is not believed', async () => {
  const later = Date.now() + 4 * 86_400_000
  const fields = sns.notification('x', { Timestamp: new Date(later).toISOString() })
  expect(await door({ now: () => later }).answer(fields)).toEqual({ is: 'later' })
})

test('who posts many addresses of certificates makes few requests', async () => {
  const { promise: held, resolve: free } = Promise.withResolvers<void>()
  const asked: string[] = []
  const one = createSnsDoor({
    log: createLog('silent', 'test'),
    fetchText: async ({ href }) => {
      asked.push(href)
      await held
      throw new Error('not there')
    },
    storesOf: async () => ['cloud'],
    onEnd: async () => undefined,
  })
  const posts = Array.from({ length: 50 }, (_, i) =>
    one.answer(
      JSON.stringify(sns.notification('x', { SigningCertURL: `https://sns.eu-central-1.amazonaws.com/${i}.pem` })),
    ),
  )
  const refused = await Promise.all(posts.slice(4))
  free()
  expect([...(await Promise.all(posts.slice(0, 4))), ...refused].every(({ is }) => is === 'later')).toBe(true)
  expect(asked).toHaveLength(4)
})
