import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { createStores } from '../../../../../server/replication/stores/stores.ts'
import { copyObject } from '../../../../../server/storage/copy-object.ts'
import { createStorageDriver } from '../../../../../server/storage/create-storage-driver.ts'
import type { StorageDriver } from '../../../../../server/storage/storage-driver.ts'
import { eventually } from '../../../../support/eventually.ts'

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

/** Gives half of the object, then what `half` says. One that died answers nothing any more. */
function source(half: 'waits' | 'dies'): RequestListener {
  let dead = false
  return (request, response) => {
    if (dead) return void request.socket.resetAndDestroy()
    request.resume()
    response.writeHead(200, {
      etag: `"${etag}"`,
      'content-length': size,
      'last-modified': 'Tue, 24 Nov 2026 12:00:00 GMT',
    })
    response.write(Buffer.alloc(size / 2), () => {
      if (half !== 'dies') return
      dead = true
      response.socket?.resetAndDestroy()
    })
  }
}
/** `fails`: only the write dies, all else is answered. */
function target(onData: 'takes' | 'dies' | 'fails'): RequestListener {
  let dead = false
  return (request, response) => {
    if (dead) return void request.socket.resetAndDestroy()
    if (request.method === 'HEAD') response.writeHead(404).end()
    else if (request.method === 'GET') response.writeHead(404).end('<Error><Code>NoSuchBucket</Code></Error>')
    else if (onData !== 'takes')
      request.once('data', () => {
        dead = onData === 'dies'
        request.socket.resetAndDestroy()
      })
    request.resume()
  }
}

async function copyBetween(from: StorageDriver, to: StorageDriver) {
  const broken: string[] = []
  const stores = createStores({
    bandwidth: { known: () => true, of: () => null, stop: async () => undefined },
    storageFor: async (id) => ({ driver: id === 'from' ? from : to, name: id }),
    ...{ retryMs: 1_000, noWritesMs: 15_000 },
    onProblem: ({ name }, problem) => broken.push(`${name}: ${problem}`),
  })
  const [one, other] = [await stores.get('from'), await stores.get('to')]
  const error: unknown = await copyObject({
    source: { driver: one.driver, bucket: 'photos' },
    target: { driver: other.driver, bucket: 'photos' },
    key: 'k',
    sourceEtag: etag,
    condition: { ifNoneMatch: '*' },
  }).catch((failure: unknown) => failure)
  return { outage: await stores.isOutage(error), broken, origin: stores.originOf(error) }
}

test('a target that dies in the middle of a copy is not taken for a source that died', async () => {
  const told = await copyBetween(await driverOf(source('waits')), await driverOf(target('dies')))
  expect(told).toEqual({ outage: true, broken: ['to: unreachable'], origin: 'to' })
})

test('a source that dies in the middle of a copy is not taken for a target that died', async () => {
  const told = await copyBetween(await driverOf(source('dies')), await driverOf(target('takes')))
  expect(told).toEqual({ outage: true, broken: ['from: unreachable'], origin: 'from' })
})

test('a write that dies alone is no outage of its store', async () => {
  const told = await copyBetween(await driverOf(source('waits')), await driverOf(target('fails')))
  expect(told).toEqual({ outage: false, broken: [], origin: 'to' })
})

test('a broken store is asked for want of work, until it answers again', async () => {
  let dead = true
  let asked = 0
  const driver = await driverOf((request, response) => {
    asked++
    if (dead) request.socket.resetAndDestroy()
    else response.writeHead(200).end()
  })
  const problems: (string | null)[] = []
  const stores = createStores({
    storageFor: async () => ({ driver, name: 'edge' }),
    bandwidth: { of: () => null, known: () => true, stop: async () => undefined },
    ...{ retryMs: 5, noWritesMs: 15_000 },
    onProblem: (_, problem) => void problems.push(problem),
  })
  const store = await stores.get('1')
  const failed = await store.driver.head('bucket', 'k').catch((error: unknown) => error)
  expect(await stores.isOutage(failed)).toBe(true)
  const before = asked
  await eventually('it is asked again', () => {
    stores.askUntried()
    return asked >= before + 2
  })
  expect(problems).toEqual(['unreachable'])
  dead = false
  await eventually('it is well', () => {
    stores.askUntried()
    return stores.broken().size === 0
  })
  expect(problems).toEqual(['unreachable', null])
})

const own = { fromStorageId: '1', toStorageId: '1' }

/** A store whose settings change: `change` gives it another driver. */
function changing(first: StorageDriver) {
  const problems: (string | null)[] = []
  let driver = first
  const stores = createStores({
    storageFor: async () => ({ driver, name: 'edge' }),
    bandwidth: { of: () => null, known: () => true, stop: async () => undefined },
    ...{ retryMs: 1_000, noWritesMs: 15_000 },
    onProblem: (_, problem) => void problems.push(problem),
  })
  return {
    ...{ stores, problems },
    async change(next: StorageDriver) {
      driver = next
      await stores.get('1')
    },
  }
}
const well: RequestListener = (_, response) => void response.writeHead(200).end()
const failureOf = (call: Promise<unknown>): Promise<unknown> => call.catch((error: unknown) => error)

test('what a store suffers ends when its settings change', async () => {
  const { stores, problems, change } = changing(await driverOf((request) => request.socket.resetAndDestroy()))
  const store = await stores.get('1')
  expect(await stores.isOutage(await failureOf(store.driver.head('bucket', 'k')))).toBe(true)
  expect(stores.troubleSince(own, 0)).toMatchObject({ store: 'edge', problem: 'unreachable' })
  await change(await driverOf(well))
  expect(problems).toEqual(['unreachable', null])
  await eventually('only what was before it was in trouble', () => stores.troubleSince(own, 0) === null)
  expect(stores.troubleSince(own, 60)).toMatchObject({ problem: 'unreachable' })
  expect(stores.awayMs('1')).toBe(0)
})

test('a call that was in hand when the settings changed tells nothing of the store as it is now', async () => {
  const asked = Promise.withResolvers<() => void>()
  let dead = false
  const old = await driverOf((request) => {
    if (dead) request.socket.resetAndDestroy()
    else asked.resolve(() => request.socket.resetAndDestroy())
  })
  const { stores, problems, change } = changing(old)
  const failed = failureOf((await stores.get('1')).driver.head('bucket', 'k'))
  const cut = await asked.promise
  await change(await driverOf(well))
  dead = true
  cut()
  expect(await stores.isOutage(await failed)).toBe(true)
  expect(problems).toEqual([])
  expect([stores.broken().size, stores.awayMs('1')]).toEqual([0, 0])
  expect(stores.troubleSince(own, 60)).toBeNull()
})
