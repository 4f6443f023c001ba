// A master's store whose clock is set back while it runs: what is written from then on is older than what it replaces.
import { expect, test } from 'vitest'
import type { StorageDriver } from '../../../server/storage/storage-driver.ts'
import { eventually } from '../../support/eventually.ts'
import { minios } from '../../support/minios.ts'
import { withCalls } from '../../support/with-calls.ts'

const stores = minios('hpc', 'edge')
const hour = 3_600_000

/** Objects with these ETags, and the store's answers, are an hour older than they are. */
const setBack =
  (isSetBack: () => boolean, written: ReadonlySet<string>) =>
  (driver: StorageDriver): Partial<StorageDriver> => {
    const aged = <T extends { etag: string; lastModified: number }>(object: T): T =>
      written.has(object.etag) ? { ...object, lastModified: object.lastModified - hour } : object
    const headed = <T extends { etag: string; lastModified: number; serverDate: number | null }>(head: T): T => ({
      ...aged(head),
      serverDate: head.serverDate === null || !isSetBack() ? head.serverDate : head.serverDate - hour,
    })
    return {
      async *list(...args) {
        for await (const page of driver.list(...args)) yield page.map(aged)
      },
      async head(...args) {
        const head = await driver.head(...args)
        return head && headed(head)
      },
      async read(...args) {
        const read = await driver.read(...args)
        return { ...read, head: headed(read.head) }
      },
      async open(...args) {
        const opened = await driver.open(...args)
        return { ...opened, head: headed(opened.head) }
      },
    }
  }

test('a master whose clock is set back is followed all the same', async () => {
  const fleet = await stores.fleet()
  const bucket = 'set-back'
  const id = await fleet.bucket(bucket, 'hpc')
  for (const key of ['a', 'b', 'c']) await fleet.put('hpc', bucket, key, 'before')
  let isSetBack = false
  const written = new Set<string>()
  fleet.startMover({
    storageFor: withCalls(
      fleet,
      'hpc',
      setBack(() => isSetBack, written),
    ),
  })
  await fleet.task(id, 'hpc', 'master_sweep')
  await fleet.replica(id, 'edge')
  await fleet.settled(id, 'edge')
  isSetBack = true
  for (const key of ['a', 'new']) written.add((await fleet.put('hpc', bucket, key, `${key} afterwards`)).etag)
  await fleet.store('hpc').delete(bucket, 'b')
  await fleet.event(id, 'a', 'b', 'new')
  await eventually('all is followed', async () => (await fleet.text('edge', bucket, 'a')) === 'a afterwards')
  await fleet.settled(id, 'edge')
  expect(await fleet.differences(id, bucket, 'hpc', 'edge')).toEqual([])
  expect((await fleet.bucketRow(id)).masterStop).toBeNull()
})
