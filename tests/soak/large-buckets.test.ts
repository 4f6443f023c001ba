// Buckets as large as they get. Only the soak has the time.
import { execFile } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { manyKeys, multiply } from '../support/many-objects.ts'
import { minios } from '../support/minios.ts'

const stores = minios('hpc', 'edge')
const run = promisify(execFile)

const manyObjects = Number(process.env['FADO_SOAK_OBJECTS'] ?? 100_000)
const mostObjects = 10 * manyObjects
/** Megabytes for the heap of who lists a million objects three times at once: kept, they would take ten times as much. */
const heapMb = 48

test('very many objects below one prefix come to a copy, each as its master has it', async () => {
  const fleet = await stores.fleet()
  const bucket = 'many'
  const id = await fleet.bucket(bucket, 'hpc')
  await fleet.put('hpc', bucket, 'all', 'v', { 'content-type': 'text/x-many' })
  await multiply(stores.process('hpc').dataDir, bucket, 'all', manyKeys(manyObjects))
  await fleet.store('hpc').delete(bucket, 'all') // it would hide them
  fleet.startMover()
  await fleet.replica(id, 'edge')
  await fleet.settled(id, 'edge', 3_000)
  const etags = new Set<string>()
  let count = 0
  for await (const page of fleet.store('edge').list(bucket, { prefix: 'all/' }))
    for (const { etag } of page) {
      etags.add(etag)
      count++
    }
  expect(count).toBe(manyObjects)
  expect(etags.size).toBe(1)
  await fleet.sweep(id, 'edge')
  expect(await fleet.causes(id, 'edge')).toEqual([])
}, 3_600_000)

test('a million objects are listed and compared in constant memory', async () => {
  const fleet = await stores.fleet()
  const bucket = 'million'
  await fleet.bucket(bucket, 'hpc')
  await fleet.put('hpc', bucket, 'all', 'v')
  await multiply(stores.process('hpc').dataDir, bucket, 'all', manyKeys(mostObjects))
  await fleet.store('hpc').delete(bucket, 'all')
  const script = path.join(import.meta.dirname, '../support/count-listing.ts')
  const args = [`--max-old-space-size=${heapMb}`, script, stores.process('hpc').endpoint, bucket]
  const { stdout } = await run(process.execPath, args)
  expect(Number(stdout)).toBe(mostObjects)
}, 3_600_000)
