import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { expect, onTestFinished, test } from 'vitest'
import { createStorageDriver } from '../../../../server/storage/create-storage-driver.ts'

/** A store that says yes to everything: MinIO knows one region only. Resolves to what it was asked. */
async function asked(region: string): Promise<string> {
  const requests: string[] = []
  const server = createServer(async (request, response) => {
    requests.push(`${request.method} ${request.url} ${await text(request)}`)
    response.end()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const driver = createStorageDriver({ endpoint, region, accessKey: 'a', secretKey: 'b' })
  onTestFinished(async () => {
    await driver.close()
    server.close()
  })
  await driver.createBucket('photos')
  return requests.join('\n')
}

test('a bucket is made in the region of its store, which is named where it is not the first', async () => {
  expect(await asked('us-east-1')).toBe('PUT /photos ')
  expect(await asked('eu-west-1')).toBe(
    'PUT /photos <CreateBucketConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">' +
      '<LocationConstraint>eu-west-1</LocationConstraint></CreateBucketConfiguration>',
  )
})
