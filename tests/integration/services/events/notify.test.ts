// What arrives at /api/notify in every form, at a real control plane: which keys are marked, and what is known of its source.
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { cephRecord, eventBridge, minioBody, s3Record, s3Test } from '../../../support/event-bodies.ts'
import { eventually } from '../../../support/eventually.ts'
import { type SnsFields, startSns, type TestSns, topicArn } from '../../../support/sns.ts'
import { startTestWeb, type TestWeb } from '../../../support/web.ts'
import { fleet, fromNow, type TestBucket } from '../../../support/world/fleet.ts'

let sns: TestSns
let web: TestWeb
let token: string
/** Buckets of one name on two stores. */
let onCloud: TestBucket
let onEdge: TestBucket
beforeAll(async () => {
  sns = await startSns()
  web = await startTestWeb({ webhook: { askAws: sns.fetchText } })
  const rows = fleet(web.pool)
  const external = { events: 'external', capabilities: [] }
  const cloud = await rows.cluster('cloud', { store: { ...external, snsTopics: [topicArn] } })
  const edge = await rows.cluster('edge', { store: external })
  onCloud = await cloud.store.bucket('photos', { masterBucketName: 'shared' })
  onEdge = await edge.store.bucket('videos', { masterBucketName: 'shared' })
  for (const bucket of [onCloud, onEdge]) await bucket.task('master_sweep', { notBefore: fromNow(3600) })
  token = (await web.mutate('tokenCreate', { name: 'stores', role: 'NOTIFY' }, 'secret')).secret
})
afterAll(() => web?.stop())
beforeEach(async () => {
  await web.pool.query('DELETE FROM dirty_object')
  await web.pool.query('DELETE FROM bucket_events')
})

const marked = async () => {
  const { rows } = await web.pool.query<{ at: string }>(
    `SELECT b.name || '/' || d.key || CASE WHEN d.may_delete THEN ' removed' ELSE '' END AS at
     FROM dirty_object d JOIN bucket b ON b.id = d.bucket_id ORDER BY 1`,
  )
  return rows.map(({ at }) => at)
}
const heard = async () => {
  const { rows } = await web.pool.query<{ at: string }>(
    `SELECT b.name || ' ' || e.heard_from AS at FROM bucket_events e JOIN bucket b ON b.id = e.bucket_id
     WHERE e.heard_at > now() - interval '1 min' ORDER BY 1`,
  )
  return rows.map(({ at }) => at)
}
const post = async (body: unknown, { path = '/api/notify', headers = {} as Record<string, string> } = {}) =>
  (await web.fetch(path, { method: 'POST', headers, body: typeof body === 'string' ? body : JSON.stringify(body) }))
    .status
const bearer = () => ({ authorization: `Bearer ${token}` })
const basic = () => ({ authorization: `Basic ${Buffer.from(`fado:${token}`).toString('base64')}` })
const fromSns = (fields: SnsFields) =>
  post(fields, { headers: { 'x-amz-sns-message-type': fields['Type'] ?? '', 'content-type': 'text/plain' } })
const becomes = (keys: readonly string[]) =>
  eventually(`marked are ${keys.join()}`, async () => (await marked()).join() === keys.join())

test.each([
  ['minio-webhook', () => minioBody('shared', 'a+b'), 'a b'],
  ['s3-records', () => ({ Records: [s3Record('shared', 'a+b')] }), 'a b'],
  ['s3-records', () => ({ Records: [cephRecord('shared', 'ab')] }), 'ab'],
  ['eventbridge', () => eventBridge('shared', 'a+b'), 'a+b'],
] as const)(
  '%s tells of every bucket of that name, and of one store where it says which',
  async (source, body, key) => {
    expect(await post(body(), { headers: bearer() })).toBe(204)
    await becomes([`photos/${key}`, `videos/${key}`])
    await web.pool.query('DELETE FROM dirty_object')
    expect(await post(body(), { path: '/api/notify/edge', headers: basic() })).toBe(204)
    await becomes([`videos/${key}`])
    await eventually('it is known who tells', async () => (await heard()).join() === `videos ${source}`)
  },
)

test('SNS needs no token: its signature and its topic say for which store it speaks', async () => {
  const message = JSON.stringify({
    Records: [s3Record('shared', 'new'), s3Record('shared', 'old', 'ObjectRemoved:Delete')],
  })
  expect(await fromSns(sns.confirmation('SubscriptionConfirmation'))).toBe(204)
  expect(sns.asked.some((url) => url.includes('Action=ConfirmSubscription'))).toBe(true)
  expect(await fromSns(sns.notification(message))).toBe(204)
  await becomes(['photos/new', 'photos/old removed'])
  await eventually('it is known who tells', async () => (await heard()).join() === 'photos sns')

  await web.pool.query('DELETE FROM dirty_object')
  const asked = sns.asked.length
  expect(await fromSns({ ...sns.notification(message), Message: message.replace('new', 'evil') })).toBe(403)
  expect(await fromSns(sns.notification(message, { TopicArn: topicArn.replace('fado', 'other') }))).toBe(403)
  expect(await fromSns(sns.notification(message, { SigningCertURL: 'https://evil.example/a.pem' }))).toBe(403)
  expect(await fromSns(sns.notification(message, { Timestamp: '2012-05-02T00:54:06.655Z' }))).toBe(403)
  expect(await post(sns.notification(message))).toBe(401)
  expect(sns.asked.length, 'nobody is asked for what is refused').toBe(asked)
  expect(await post(minioBody('shared', 'last'), { headers: bearer() })).toBe(204)
  await becomes(['photos/last', 'videos/last'])
})

test("an EventBridge event and S3's test may come in a message of SNS", async () => {
  expect(await fromSns(sns.notification(JSON.stringify(eventBridge('shared', 'by bridge'))))).toBe(204)
  await becomes(['photos/by bridge'])
  await eventually('it is heard', async () => (await heard()).join() === 'photos sns')
  await web.pool.query('DELETE FROM bucket_events')
  expect(await fromSns(sns.notification(JSON.stringify(s3Test('shared'))))).toBe(204)
  await eventually('the test counts as heard', async () => (await heard()).join() === 'photos sns')
})

test('a subscription that somebody ended is not believed any more', async () => {
  await web.pool.query(
    `INSERT INTO bucket_events (bucket_id, heard_at, heard_from) VALUES ($1, now(), 'sns'), ($2, now(), 'sns')
     ON CONFLICT (bucket_id) DO UPDATE SET heard_at = now(), heard_from = 'sns'`,
    [onCloud.id, onEdge.id],
  )
  const state = async (bucket: string) =>
    (await web.ask('query ($b: String!) { bucket(name: $b) { master { events { state } } } }', { b: bucket })).data
      .bucket.master.events.state
  expect([await state('photos'), await state('videos')]).toEqual(['BELIEVED', 'BELIEVED'])
  expect(await fromSns(sns.confirmation('UnsubscribeConfirmation'))).toBe(204)
  expect([await state('photos'), await state('videos')]).toEqual(['UNHEARD', 'BELIEVED'])
})

test('what is in no form that is known is answered, told in the log once, and marks nothing', async () => {
  for (const body of ['', 'x', '{"a":1}', '['.repeat(500_000)])
    expect(await post(body, { headers: bearer() })).toBe(204)
  expect(web.log().split('in no form that FaDO knows')).toHaveLength(2)
  expect(await marked()).toEqual([])
})

test('no token is in the log', async () => {
  await post('x', { headers: basic() })
  await post('x', { headers: { authorization: 'Basic nonsense' } })
  expect(web.log()).not.toContain(token)
  expect(web.log()).not.toContain(basic().authorization)
})
