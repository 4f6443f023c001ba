import { once } from 'node:events'
import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { BucketEvent } from '../../../server/storage/events/bucket-event.ts'
import { readEvents } from '../../../server/storage/events/read-events.ts'
import { eventually } from '../../support/eventually.ts'
import { startMinio, webhookTarget } from '../../support/minio.ts'
import { rawClient } from '../../support/raw-store.ts'
import { bytes, driverForTest, kindOf, type Suite } from './store-under-test.ts'

const foreignEntry =
  '<QueueConfiguration><Id>theirs</Id><Filter><S3Key><FilterRule><Name>prefix</Name><Value>fado &amp; co/</Value>' +
  '</FilterRule></S3Key></Filter><Event>s3:ObjectCreated:*</Event><Queue>arn:minio:sqs::OTHER:webhook</Queue></QueueConfiguration>'

export function describeNotifications({ get, test: it, lacks }: Suite): void {
  if (!lacks.includes('webhook-events')) return
  describe('notifications', () => {
    it('a store without the webhook target says that it does not offer events', async () => {
      const { driver, bucket } = get()
      expect(await kindOf(driver.subscribe(await bucket()))).toBe('unsupported')
    })
  })
}

/** These need a MinIO with targets of its own. */
export function describeMinioNotifications(): void {
  test('subscribing and unsubscribing keep the entries of others to the letter', async () => {
    const nobody = { url: 'http://127.0.0.1:9/' }
    const store = await startMinio({ webhook: nobody, env: webhookTarget('OTHER', nobody) })
    onTestFinished(() => store.stop())
    const driver = driverForTest(store)
    const raw = rawClient(store)
    await driver.createBucket('shared')
    // MinIO answers before it has read what targets it has.
    await eventually('the targets are known', () =>
      raw
        .write('shared', 'notification', `<NotificationConfiguration>${foreignEntry}</NotificationConfiguration>`)
        .then(() => true),
    )
    const before = await raw.read('shared', 'notification')
    await driver.subscribe('shared')
    await driver.subscribe('shared')
    const subscribed = await raw.read('shared', 'notification')
    expect(subscribed).toContain(foreignEntry)
    expect(subscribed.match(/<Id>fado<\/Id>/g)).toHaveLength(1)
    await driver.unsubscribe('shared')
    await driver.unsubscribe('shared')
    expect(await raw.read('shared', 'notification')).toBe(before)
  })

  test('a subscribed bucket tells of each change with the very key, also after a restart and a new subscription', async () => {
    const receiver = await startReceiver()
    const store = await startMinio({ webhook: { url: receiver.url } })
    onTestFinished(() => store.stop())
    const driver = driverForTest(store)
    await driver.createBucket('watched')
    // MinIO takes calls before it has read which targets it has.
    const subscribed = async () => {
      await driver.subscribe('watched')
      return true
    }
    await eventually('it knows its target', subscribed)
    for (const key of ['dir/ü +%2F&.txt', 'c\u0001d', '😀']) {
      const created = receiver.next()
      await driver.put('watched', key, bytes('v'))
      expect(await created).toMatchObject({ bucket: 'watched', key, removed: false })
      const removed = receiver.next()
      await driver.delete('watched', key)
      expect(await removed).toMatchObject({ bucket: 'watched', key, removed: true })
    }
    await store.kill9()
    await store.restart()
    await eventually('it knows its target again', subscribed)
    const again = receiver.next()
    await driver.put('watched', 'after', bytes('v'))
    expect(await again).toMatchObject({ key: 'after' })
  })
}

/** A webhook endpoint that answers 204 and hands out the events one by one. */
async function startReceiver() {
  const waiting: ((event: BucketEvent) => void)[] = []
  const server = createServer(async (request, response) => {
    response.writeHead(204).end()
    for (const event of readEvents(await text(request)).events) waiting.shift()?.(event)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(async () => {
    server.close()
    server.closeAllConnections()
    await once(server, 'close')
  })
  const address = server.address()
  const port = address !== null && typeof address === 'object' ? address.port : 0
  return {
    url: `http://127.0.0.1:${port}/`,
    next: () => new Promise<BucketEvent>((resolve) => waiting.push(resolve)),
  }
}
