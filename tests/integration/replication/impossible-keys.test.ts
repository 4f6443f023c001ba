// Names that no store can be asked for: whoever tells of one, the bucket and its other objects do not suffer for it.
import { expect, test } from 'vitest'
import type { StorageDriver } from '../../../server/storage/storage-driver.ts'
import type { ListedObject } from '../../../server/storage/storage-values.ts'
import { eventually } from '../../support/eventually.ts'
import { minios } from '../../support/minios.ts'
import { withCalls } from '../../support/with-calls.ts'

const stores = minios('hpc', 'edge')

test('an event that names an object that nobody can have leaves nothing behind', async () => {
  const fleet = await stores.fleet()
  const bucket = 'impossible-event'
  const id = await fleet.bucket(bucket, 'hpc')
  await fleet.put('hpc', bucket, 'good', 'v')
  fleet.startMover()
  await fleet.replica(id, 'edge')
  await fleet.settled(id, 'edge')
  // HTTP resolves the first; MinIO itself refuses the others.
  const keys = ['.', '..', 'a/../b', '../../etc/passwd', 'a//b', '/a', 'n'.repeat(300)]
  await fleet.event(id, ...keys)
  await fleet.settled(id, 'edge')
  expect(await fleet.replicaRow(id, 'edge')).toMatchObject({ conflicts: 0 })
  expect(await fleet.differences(id, bucket, 'hpc', 'edge')).toEqual([])
  await fleet.sweep(id, 'edge')
})

/** As a store does that takes `a/../b` from programs that do not resolve it. */
const alsoLists =
  (odd: () => ListedObject | null) =>
  ({ list }: StorageDriver): Partial<StorageDriver> => ({
    async *list(bucket, { prefix = '' } = {}) {
      const also = odd()
      const listed: ListedObject[] = also === null ? [] : [also]
      for await (const page of list(bucket)) listed.push(...page)
      const wanted = listed.filter(({ key }) => key.startsWith(prefix))
      yield wanted.sort((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)))
    },
  })

test('an object that the master lists and cannot be asked for is told of by name, and forgotten when it is gone', async () => {
  const fleet = await stores.fleet()
  const bucket = 'impossible-object'
  const id = await fleet.bucket(bucket, 'hpc')
  for (const key of ['a', 'z']) await fleet.put('hpc', bucket, key, 'v')
  let odd: ListedObject | null = { key: 'a/../b', size: 1, etag: 'e', lastModified: Date.now() }
  fleet.startMover({
    storageFor: withCalls(
      fleet,
      'hpc',
      alsoLists(() => odd),
    ),
  })
  await fleet.task(id, 'hpc', 'master_sweep')
  await fleet.replica(id, 'edge')
  await fleet.settled(id, 'edge')
  expect(await fleet.conflicts(id, 'edge', 1)).toBe('edge cannot hold 1 object of the master as it is: a/../b')
  expect(await fleet.keys('edge', bucket)).toEqual(['a', 'z'])
  await eventually('the master was looked at', async () => (await fleet.bucketRow(id)).objects === 3)
  await fleet.sweep(id, 'edge')
  await fleet.sweep(id, 'edge', { overwrite: true })
  expect(await fleet.conflicts(id, 'edge', 1)).toContain('a/../b')

  odd = null
  await fleet.task(id, 'hpc', 'master_sweep')
  await eventually('its record is gone', async () => (await fleet.bucketRow(id)).objects === 2)
  await fleet.sweep(id, 'edge')
  await fleet.conflicts(id, 'edge', 0)

  odd = { key: 'a/../b', size: 1, etag: 'e', lastModified: Date.now() }
  await fleet.sweep(id, 'edge')
  await fleet.conflicts(id, 'edge', 1)
  await fleet.withdraw(id, 'edge')
  await eventually('the copy is gone', async () => (await fleet.replicaRow(id, 'edge')).observed === 'absent')
  expect(await fleet.store('edge').headBucket(bucket)).toBeNull()
})
