import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { createStores } from '../../../../../server/replication/stores/stores.ts'
import { copyObject } from '../../../../../server/storage/copy-object.ts'
import { createStorageDriver } from '../../../../../server/storage/create-storage-driver.ts'
import type { StorageDriver } from '../../../../../server/storage/storage-driver.ts'

const size = 2_000_000
const etag = 'd41d8cd98f00b204e9800998ecf8427e'

async function driverOf(handle: RequestListener): Promise<StorageDriver> {
  const server = createServer(handle).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const endpoint = `http://127.0.0.1:${port}`
  const driver = createStorageDriver({ endpoint, region: 'us-east-1', accessKey: 'a', secretKey: 'b' })
  onTestFinished(async () => {
    await driver.close()
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  })
  return driver
}

/** Gives half of the object, then what `half` says. */
const source =
  (half: 'waits' | 'dies'): RequestListener =>
  (request, response) => {
    request.resume()
    response.writeHead(200, {
      etag: `"${etag}"`,
      'content-length': size,
      'last-modified': 'Tue, 24 Nov 2026 12:00:00 GMT',
    })
    response.write(Buffer.alloc(size / 2), () => {
      if (half === 'dies') response.socket?.resetAndDestroy()
    })
  }
const target =
  (onData: 'takes' | 'dies'): RequestListener =>
  (request, response) => {
    if (request.method === 'HEAD') response.writeHead(404).end()
    else if (onData === 'dies') request.once('data', () => request.socket.resetAndDestroy())
    request.resume()
  }

async function copyBetween(from: StorageDriver, to: StorageDriver) {
  const broken: string[] = []
  const stores = createStores({
    storageFor: async (id) => ({ driver: id === 'from' ? from : to, name: id }),
    retryMs: 1_000,
    onBroken: ({ name }, trouble) => broken.push(`${name}: ${trouble}`),
    onWell: () => undefined,
  })
  const [one, other] = [await stores.get('from'), await stores.get('to')]
  const error: unknown = await copyObject({
    source: { driver: one.driver, bucket: 'photos' },
    target: { driver: other.driver, bucket: 'photos' },
    key: 'k',
    sourceEtag: etag,
    condition: { ifNoneMatch: '*' },
  }).catch((failure: unknown) => failure)
  await new Promise(setImmediate)
  return { broken, origin: stores.originOf(error) }
}

test('a target that dies in the middle of a copy is not taken for a source that died', async () => {
  const { broken, origin } = await copyBetween(await driverOf(source('waits')), await driverOf(target('dies')))
  expect({ broken, origin }).toEqual({ broken: ['to: to cannot be reached'], origin: 'to' })
})

test('a source that dies in the middle of a copy is not taken for a target that died', async () => {
  const { broken, origin } = await copyBetween(await driverOf(source('dies')), await driverOf(target('takes')))
  expect({ broken, origin }).toEqual({ broken: ['from: from cannot be reached'], origin: 'from' })
})
