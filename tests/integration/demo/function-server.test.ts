import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect } from 'node:net'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { type FunctionServer, startFunctionServer } from '../../../server/demo/function-server.ts'
import { createStorageDriver } from '../../../server/storage/create-storage-driver.ts'
import type { StorageDriver } from '../../../server/storage/storage-driver.ts'
import { startMinio } from '../../support/minio.ts'
import type { StoreProcess } from '../../support/store-process.ts'

const bucket = 'photos'
const body = randomBytes(3_000_000)
let minio: StoreProcess
let store: StorageDriver
let functions: FunctionServer

beforeAll(async () => {
  minio = await startMinio()
  store = createStorageDriver({ ...minio, region: 'us-east-1', endpoint: minio.endpoint })
  await store.createBucket(bucket)
  await store.put(bucket, 'a/b ü.bin', { body, size: body.length })
  functions = await startFunctionServer({ cluster: 'hpc', store, address: '127.0.0.1', port: 0 })
})
afterAll(async () => {
  await functions.stop()
  await store.close()
  await minio.stop()
})

async function call(path: string, init: RequestInit & { bucket?: string } = {}) {
  const headers = { ...(init.bucket === undefined ? {} : { 'x-fado-bucket': init.bucket }) }
  const response = await fetch(`http://127.0.0.1:${functions.port}${path}`, { headers, ...init })
  return { status: response.status, json: (await response.json()) as Record<string, unknown> }
}

test('a function tells which cluster ran it and how it was called', async () => {
  const answer = await call('/function/resize/big?width=3', { method: 'POST', body: 'x', bucket })
  expect(answer).toEqual({
    status: 200,
    json: { cluster: 'hpc', function: 'resize', method: 'POST', path: '/function/resize/big?width=3', bucket },
  })
})

test('the answer to the probe tells whose functions these are', async () => {
  const { status, headers } = await fetch(`http://127.0.0.1:${functions.port}/healthz`)
  expect({ status, cluster: headers.get('x-fado-cluster') }).toEqual({ status: 200, cluster: 'hpc' })
})

test('head tells size and ETag of an object in its own store', async () => {
  const { status, json } = await call(`/function/head?key=${encodeURIComponent('a/b ü.bin')}`, { bucket })
  const etag = createHash('md5').update(body).digest('hex')
  expect({ status, json }).toMatchObject({ status: 200, json: { size: body.length, etag, bucket, function: 'head' } })
})

test('sha256 reads the whole object', async () => {
  const { status, json } = await call(`/function/sha256?key=${encodeURIComponent('a/b ü.bin')}`, { bucket })
  const sha256 = createHash('sha256').update(body).digest('hex')
  expect({ status, json }).toMatchObject({ status: 200, json: { sha256, cluster: 'hpc' } })
})

test.for([
  ['a key that is not there', '/function/head?key=none', bucket, 404],
  ['a key that is not there, read whole', '/function/sha256?key=none', bucket, 404],
  ['a bucket that is not there', '/function/head?key=a', 'no-such-bucket', 404],
  ['a bucket that is not there, read whole', '/function/sha256?key=a', 'no-such-bucket', 404],
  ['a header that names no bucket', '/function/head?key=a', '../../etc', 404],
  ['no key', '/function/head', bucket, 400],
  ['no bucket', '/function/head?key=a', undefined, 400],
  ['a path outside /function/', '/elsewhere', bucket, 404],
  ['a function without a name', '/function/', bucket, 404],
] as const)('%s is answered in JSON and nothing breaks', async ([, path, name, status]) => {
  const answer = await call(path, name === undefined ? {} : { bucket: name })
  expect(answer.status).toBe(status)
})

test('healthz answers 200', async () => {
  expect((await call('/healthz')).status).toBe(200)
})

test('delay holds the answer back', async () => {
  const begun = performance.now()
  expect((await call('/function/echo?delay=250')).status).toBe(200)
  expect(performance.now() - begun).toBeGreaterThanOrEqual(245)
})

test('a store that is away makes a failure of the function, and the server goes on', async () => {
  const away = createStorageDriver({
    endpoint: 'http://127.0.0.1:1',
    region: 'us-east-1',
    accessKey: 'a',
    secretKey: 'b',
  })
  const server = await startFunctionServer({ cluster: 'edge', store: away, address: '127.0.0.1', port: 0 })
  onTestFinished(async () => {
    await server.stop()
    await away.close()
  })
  const url = `http://127.0.0.1:${server.port}/function/head?key=a`
  for (let round = 0; round < 2; round += 1) {
    const { status } = await fetch(url, { headers: { 'x-fado-bucket': bucket } })
    expect(status).toBe(502)
  }
})

test('a request that is no request does not end the server', async () => {
  for (const line of [
    'GET //x HTTP/1.1\r\nhost: a\r\n\r\n',
    'GET http://[ HTTP/1.1\r\nhost: a\r\n\r\n',
    'nonsense\r\n\r\n',
  ]) {
    const socket = connect(functions.port, '127.0.0.1')
    socket.write(line)
    const [answer] = (await once(socket, 'data')) as [Buffer]
    expect(answer.toString()).toMatch(/^HTTP\/1.1 40[04]/)
    socket.destroy()
  }
  expect((await call('/healthz')).status).toBe(200)
})

test('a taken port is told in one sentence', async () => {
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  onTestFinished(() => void other.close())
  const { port } = other.address() as { port: number }
  await expect(startFunctionServer({ cluster: 'x', store, address: '127.0.0.1', port })).rejects.toThrow(
    `Port ${port} on 127.0.0.1 cannot be used (EADDRINUSE): choose another one`,
  )
})
