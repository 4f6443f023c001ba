// The ways to a store: names, regions, certificates, paths and keys that were lent.
import dns from 'node:dns'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse, request as send } from 'node:http'
import { syncBuiltinESMExports } from 'node:module'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test, vi } from 'vitest'
import { createStorageDriver, type StorageDriverOptions } from '../../../server/storage/create-storage-driver.ts'
import { certificateProblem } from '../../../server/storage/map-error.ts'
import type { StorageDriver } from '../../../server/storage/storage-driver.ts'
import { StorageError } from '../../../server/storage/storage-error.ts'
import { createAuthority } from '../../support/certificates.ts'
import { startMinio } from '../../support/minio.ts'
import { lentKeys } from '../../support/minio-session.ts'
import type { StoreProcess } from '../../support/store-process.ts'
import { bytes, contentOf, kindOf, listAll, uploadParts } from './store-under-test.ts'

async function forTest(starting: Promise<StoreProcess>): Promise<StoreProcess> {
  const store = await starting
  onTestFinished(() => store.stop())
  return store
}

function driverWith(store: StoreProcess, options: Partial<StorageDriverOptions>): StorageDriver {
  const { endpoint, accessKey, secretKey } = store
  const driver = createStorageDriver({ endpoint, accessKey, secretKey, ...options })
  onTestFinished(() => driver.close())
  return driver
}

/** All kinds of request: with a body and without, of the store, a bucket and an object, signed in headers and in addresses. */
async function works(driver: StorageDriver, bucket: string): Promise<void> {
  await driver.createBucket(bucket)
  expect((await driver.listBuckets()).map(({ name }) => name)).toContain(bucket)
  await driver.put(bucket, 'a b/ü', bytes('content'))
  expect(await contentOf(driver, bucket, 'a b/ü')).toBe('content')
  await uploadParts(driver, bucket, 'parts', [5])
  expect((await listAll(driver, bucket)).map(({ key }) => key)).toEqual(['a b/ü', 'parts'])
  for (const key of ['a b/ü', 'parts']) await driver.delete(bucket, key)
  await driver.deleteBucket(bucket)
}

async function worksWhenPresigned(driver: StorageDriver, bucket: string): Promise<string> {
  await driver.createBucket(bucket)
  const put = await driver.presignPut(bucket, 'a b', { expiresInSeconds: 60, metadata: { 'x-amz-meta-a': 'b' } })
  expect((await fetch(put.url, { method: 'PUT', headers: put.headers, body: 'content' })).status).toBe(200)
  const { url } = await driver.presignGet(bucket, 'a b', { expiresInSeconds: 60 })
  expect(await (await fetch(url)).text()).toBe('content')
  return url
}

test('a store that has a name for each bucket is asked by those names', async () => {
  const asked = new Set<string>()
  // No machine resolves names that a test makes up: here all that end so are this one. (Signed addresses are called by others.)
  for (const by of [dns, dns.promises]) {
    const lookup = by.lookup as (name: string, ...rest: unknown[]) => unknown
    vi.spyOn(by, 'lookup').mockImplementation(((name: string, ...rest: unknown[]) => {
      asked.add(name)
      return lookup(name.endsWith('.store.test') ? '127.0.0.1' : name, ...rest)
    }) as never)
  }
  syncBuiltinESMExports()
  onTestFinished(() => {
    vi.restoreAllMocks()
    syncBuiltinESMExports()
  })
  const store = await forTest(startMinio({ env: { MINIO_DOMAIN: 'eu.store.test' } }))
  const endpoint = store.endpoint.replace('127.0.0.1', 'eu.store.test')
  await works(driverWith(store, { endpoint, addressing: 'virtual-hosted' }), 'by-name')
  expect(asked).toContain('by-name.eu.store.test')
  await works(driverWith(store, { endpoint, addressing: 'auto' }), 'by-path')
  expect(asked).not.toContain('by-path.eu.store.test')
  const url = await worksWhenPresigned(driverWith(store, { endpoint, addressing: 'virtual-hosted' }), 'signed')
  expect(new URL(url).hostname).toBe('signed.eu.store.test')
})

test('the region that a store names is taken, and found out when it is registered', async () => {
  const store = await forTest(startMinio({ env: { MINIO_SITE_REGION: 'eu-test-1' } }))
  const driver = driverWith(store, { region: 'us-west-2' })
  expect((await driver.probe()).region).toBe('eu-test-1')
  await works(driver, 'in-its-region')
  await works(driverWith(store, { region: 'eu-test-1' }), 'at-once')
  expect((await driverWith(store, {}).probe()).region).toBe('eu-test-1')
})

test('a certificate is checked by its authority and its name, unless nobody wants to', async () => {
  const authority = await createAuthority()
  const { cert, key } = await authority.issue(['IP:127.0.0.1'])
  const store = await forTest(startMinio({ tls: { cert, key, ca: authority.ca } }))
  const caCertificates = authority.ca
  const problemOf = (options: Partial<StorageDriverOptions>) =>
    driverWith(store, options)
      .listBuckets()
      .then(
        () => 'none',
        (error: unknown) => (error instanceof StorageError ? [error.kind, certificateProblem(error)] : error),
      )
  const elsewhere = store.endpoint.replace('127.0.0.1', 'localhost')
  expect(await problemOf({})).toEqual(['unreachable', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'])
  expect(await problemOf({ caCertificates: (await createAuthority()).ca })).toEqual(['unreachable', expect.any(String)])
  expect(await problemOf({ caCertificates, endpoint: elsewhere })).toEqual([
    'unreachable',
    'ERR_TLS_CERT_ALTNAME_INVALID',
  ])
  expect(await problemOf({ endpoint: 'https://127.0.0.1:1' })).toEqual(['unreachable', null])
  await works(driverWith(store, { caCertificates }), 'trusted')
  await works(driverWith(store, { skipTlsVerify: true }), 'unchecked')
  await works(driverWith(store, { skipTlsVerify: true, endpoint: elsewhere }), 'unchecked-name')
})

test('keys that were lent work with their token, in headers and in addresses, and only with it', async () => {
  const store = await forTest(startMinio())
  const lent = await lentKeys(store)
  await works(driverWith(store, lent), 'lent')
  await worksWhenPresigned(driverWith(store, lent), 'lent-address')
  const without = driverWith(store, { ...lent, sessionToken: null })
  expect(await kindOf(without.listBuckets())).toBe('signature')
})

/** Hands on what comes below the path, without it. Some such paths are taken off before the signature is checked. */
async function startStrippingProxy(store: StoreProcess, prefix: string): Promise<string> {
  const { hostname, port } = new URL(store.endpoint)
  const proxy = createServer((request: IncomingMessage, response: ServerResponse) => {
    const path = request.url ?? ''
    if (!path.startsWith(`${prefix}/`)) return void response.writeHead(404, { 'content-type': 'text/html' }).end()
    const { method, headers } = request
    const onward = send({ hostname, port, method, headers, path: path.slice(prefix.length) }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers)
      answer.pipe(response)
    })
    onward.on('error', () => response.destroy())
    request.pipe(onward)
  }).listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  onTestFinished(async () => {
    proxy.closeAllConnections()
    proxy.close()
    await once(proxy, 'close')
  })
  return `http://127.0.0.1:${(proxy.address() as AddressInfo).port}${prefix}`
}

test('a store below a path that is taken off before the signature is checked is signed without it', async () => {
  const store = await forTest(startMinio())
  const endpoint = await startStrippingProxy(store, '/gate/s3')
  await works(driverWith(store, { endpoint }), 'below-a-path')
  await works(driverWith(store, { endpoint: `${endpoint}/` }), 'below-a-path-2')
  const url = await worksWhenPresigned(driverWith(store, { endpoint }), 'signed-below')
  expect(url.startsWith(`${endpoint}/signed-below/a%20b?`)).toBe(true)
  const wrong = driverWith(store, { endpoint, secretKey: 'not-the-secret' })
  expect(await kindOf(wrong.listBuckets())).toBe('signature')
})
