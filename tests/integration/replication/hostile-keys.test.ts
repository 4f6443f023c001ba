// Every name that MinIO can hold, by every way on which FaDO learns of it: listings, MinIO's own events, comparisons.
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { isDeepStrictEqual } from 'node:util'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createLog } from '../../../server/log.ts'
import { createEventIntake } from '../../../server/services/events/event-intake.ts'
import { readEvents } from '../../../server/storage/events/read-events.ts'
import type { StorageDriver } from '../../../server/storage/storage-driver.ts'
import { hostileKeys } from '../../conformance/storage/hostile-keys.ts'
import { eventually } from '../../support/eventually.ts'
import { startMinio } from '../../support/minio.ts'
import { moverFleet } from '../../support/mover-fleet.ts'
import type { StoreProcess } from '../../support/store-process.ts'

/** 1 024 bytes, the most that S3 allows, in parts that a file system can hold. */
const longest = Array(5).fill('n'.repeat(204)).join('/')
const names = [...hostileKeys, longest, '...dots', '.hidden', 'dir/.hidden', 'marker/', 'marker/below']

const running: Record<string, StoreProcess> = {}
let take: (body: string) => void = () => undefined
const receiver = createServer(async (request, response) => {
  const body = await text(request)
  response.end()
  if (request.method === 'POST') take(body)
})
beforeAll(async () => {
  receiver.listen(0, '127.0.0.1')
  await once(receiver, 'listening')
  const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`
  const [hpc, edge] = await Promise.all([startMinio({ webhook: { url } }), startMinio()])
  Object.assign(running, { hpc, edge })
})
afterAll(async () => {
  await Promise.all(Object.values(running).map((store) => store.stop()))
  receiver.close()
})

/** All that is to be the same; null: there is none. */
async function shown(driver: StorageDriver, bucket: string, key: string) {
  const head = await driver.head(bucket, key)
  return head && { size: head.size, etag: head.etag, metadata: head.metadata, tags: await driver.getTags(bucket, key) }
}

test('objects of all names that a store can hold are followed by listings, by events and by comparisons, to their deletion', async () => {
  const fleet = await moverFleet(Object.entries(running).map(([name, { endpoint }]) => ({ name, endpoint })))
  const intake = createEventIntake({ pool: fleet.pool, log: createLog('silent', 'test') })
  fleet.onEnd(() => intake.stop())
  const bucket = 'all-names'
  const [hpc, edge] = [fleet.store('hpc'), fleet.store('edge')]
  const id = await fleet.bucket(bucket, 'hpc')
  const keys: string[] = []
  const put = (key: string, round: string) => {
    const body = round === 'empty' ? Buffer.alloc(0) : gzipSync(randomBytes(100))
    const metadata = { 'content-type': 'text/x-odd', 'content-encoding': 'gzip', 'x-amz-meta-round': round }
    return hpc.put(bucket, key, { body, size: body.length, metadata, tags: [{ key: 'round', value: round }] })
  }
  for (const key of names)
    await put(key, 'first').then(
      () => keys.push(key),
      () => undefined,
    )
  expect(keys.length).toBeGreaterThan(60)
  expect(keys).toEqual(
    expect.arrayContaining(['f', 'f/g', 'marker/', longest, '...dots', '😀', 'nfde\u0301', 'c\u0001d']),
  )
  const isEqual = (what: string, some = keys) =>
    eventually(
      what,
      async () => {
        await Promise.all(
          some.map(async (key) => {
            const [at, copy] = await Promise.all([shown(hpc, bucket, key), shown(edge, bucket, key)])
            if (!isDeepStrictEqual(at, copy)) throw new Error(`${JSON.stringify(key)} is ${JSON.stringify(copy)}`)
          }),
        )
        return true
      },
      30,
    )

  fleet.startMover({ times: { sweepMinS: 600 } })
  await fleet.task(id, 'hpc', 'master_sweep')
  await fleet.replica(id, 'edge')
  await fleet.settled(id, 'edge', 40)
  const listed = await fleet.keys('hpc', bucket)
  expect(await fleet.keys('edge', bucket)).toEqual(listed)
  await isEqual('what is listed is there', listed)

  await hpc.subscribe(bucket)
  take = (body) => intake.take(readEvents(body).events)
  for (const round of ['second', 'empty']) {
    for (const key of keys) await put(key, round)
    await isEqual(`events told of all (${round})`)
  }

  // Nobody tells: f/g is hidden by f, and stays as it was told of last.
  take = () => undefined
  await fleet.settled(id, 'edge')
  await fleet.nextSecond()
  for (const key of listed) await put(key, 'third')
  await fleet.task(id, 'hpc', 'master_sweep')
  await fleet.sweep(id, 'edge')
  await isEqual('a comparison found all')

  take = (body) => intake.take(readEvents(body).events)
  for (const key of keys) await hpc.delete(bucket, key)
  await isEqual('events told of all deletes')
  await fleet.settled(id, 'edge')
  expect(await fleet.keys('edge', bucket)).toEqual([])
  expect(await fleet.replicaRow(id, 'edge')).toMatchObject({ conflicts: 0, braked: 0 })
  expect((await fleet.pool.query('SELECT key FROM replica_object')).rows).toEqual([])
}, 120_000)
