import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { storeRefusal } from '../../../../server/services/stores/probe-store.ts'
import { createStorageDriver } from '../../../../server/storage/create-storage-driver.ts'

async function refusal(endpoint: string): Promise<unknown> {
  const driver = createStorageDriver({ endpoint, accessKey: 'a', secretKey: 'b' })
  onTestFinished(() => driver.close())
  return storeRefusal(await driver.listBuckets().catch((error: unknown) => error), endpoint)
}

async function plainHttp(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return (server.address() as AddressInfo).port
}

test('a store that answers and speaks no TLS is told from one that does not answer', async () => {
  const endpoint = `https://127.0.0.1:${await plainHttp()}`
  expect(await refusal(endpoint)).toMatchObject({
    code: 'UNREACHABLE',
    message: `What answers at ${endpoint} does not speak TLS: give an http endpoint, or the port at which the store does`,
    path: ['endpoint'],
  })
  expect(await refusal('https://127.0.0.1:1')).toMatchObject({
    message: 'The store at https://127.0.0.1:1 is not reachable: it does not answer',
  })
})
