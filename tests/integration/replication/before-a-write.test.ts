// What is said and asked before a byte is written to a copy, or anything is taken from it.
import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import type { Sql } from '../../../server/db/core/pool.ts'
import { eventually } from '../../support/eventually.ts'
import { minios } from '../../support/minios.ts'
import type { MoverFleet } from '../../support/mover-fleet.ts'
import { withCalls } from '../../support/with-calls.ts'
import { insert } from '../../support/world/insert.ts'

const stores = minios('hpc', 'edge')

async function putInParts(fleet: MoverFleet, bucket: string, key: string): Promise<void> {
  const store = fleet.store('hpc')
  const uploadId = await store.createUpload(bucket, key)
  const parts = []
  for (const [i, size] of [5 * 2 ** 20, 1000].entries()) {
    const partNumber = i + 1
    const { etag } = await store.uploadPart(bucket, key, { uploadId, partNumber, body: randomBytes(size), size })
    parts.push({ partNumber, etag })
  }
  await store.completeUpload(bucket, key, { uploadId, parts })
}

/** The journal's writes take longer than many answers of a store. */
function slowJournal(fleet: MoverFleet, bucket: string): void {
  const { query } = fleet.pool
  fleet.pool.query = async <R extends object = never>(...[text, ...rest]: Parameters<Sql['query']>) => {
    if (/INSERT INTO replica_object|SET state = 'deleting'/.test(text))
      for (let answers = 0; answers < 20; answers++) await fleet.store('edge').headBucket(bucket)
    return query<R>(text, ...rest)
  }
}

test('the journal says what will be done before the store is asked to do it', async () => {
  const fleet = await stores.fleet()
  const bucket = 'said-before'
  const id = await fleet.bucket(bucket, 'hpc')
  const said: string[] = []
  /** What stands in the journal now. */
  async function look(call: string, key: string, uploadId: string | null = null): Promise<void> {
    const { rows } = await fleet.pool.query<{ state: string; upload: string | null }>(
      'SELECT state, upload_id AS upload FROM replica_object WHERE key = $1',
      [key],
    )
    const known = uploadId === null || rows[0]?.upload === uploadId
    said.push(`${call} ${key}: ${rows[0]?.state ?? 'nothing'}${known ? '' : ', of another upload'}`)
  }
  const storageFor = withCalls(fleet, 'edge', (driver) => ({
    async put(name, key, options) {
      await look('put', key)
      return driver.put(name, key, options)
    },
    async createUpload(name, key, options) {
      await look('upload', key)
      return driver.createUpload(name, key, options)
    },
    async uploadPart(name, key, options) {
      await look(`part ${options.partNumber}`, key, options.uploadId)
      return driver.uploadPart(name, key, options)
    },
    async completeUpload(name, key, options) {
      await look('complete', key, options.uploadId)
      return driver.completeUpload(name, key, options)
    },
    async delete(name, key, options) {
      await look('delete', key)
      return driver.delete(name, key, options)
    },
  }))
  slowJournal(fleet, bucket)
  await fleet.put('hpc', bucket, 'whole', 'v')
  await putInParts(fleet, bucket, 'parts')
  fleet.startMover({ storageFor })
  await fleet.replica(id, 'edge')
  await fleet.settled(id, 'edge')
  await fleet.store('hpc').delete(bucket, 'whole')
  await fleet.event(id, 'whole')
  await eventually('it is followed', async () => (await fleet.text('edge', bucket, 'whole')) === null)
  expect(said.toSorted()).toEqual([
    'complete parts: writing',
    'delete whole: deleting',
    'part 1 parts: writing',
    'part 2 parts: writing',
    'put whole: writing',
    'upload parts: writing',
  ])
})

test('each step of a copy in parts asks whether the write is still allowed, also when nobody else looks', async () => {
  const fleet = await stores.fleet()
  const bucket = 'asked-before'
  const id = await fleet.bucket(bucket, 'hpc')
  await putInParts(fleet, bucket, 'k')
  const steps: string[] = []
  let upload = ''
  const storageFor = withCalls(fleet, 'edge', (driver) => ({
    async uploadPart(name, key, options) {
      const part = await driver.uploadPart(name, key, options)
      steps.push('part')
      upload = options.uploadId
      // Nobody is woken by it, and the guard's own look is an hour away.
      if (steps.length === 2) await insert(fleet.pool, 'dirtyBucket', { bucketId: id, narrowing: true }, ['bucketId'])
      return part
    },
    async completeUpload(name, key, options) {
      steps.push('complete')
      return driver.completeUpload(name, key, options)
    },
  }))
  fleet.startMover({ storageFor, times: { guard: 3_600_000 } })
  await fleet.replica(id, 'edge')
  await eventually('the copy ended', async () => {
    const { rowCount } = await fleet.pool.query('SELECT 1 FROM dirty_object WHERE lease_owner IS NOT NULL')
    return steps.length >= 2 && rowCount === 0
  })
  expect(steps).toEqual(['part', 'part'])
  expect(await fleet.store('edge').head(bucket, 'k')).toBeNull()
  await expect(fleet.store('edge').uploadedParts(bucket, 'k', upload), 'no part stays').rejects.toMatchObject({
    kind: 'no-such-upload',
  })
})

test('an object that is written again while its delete is followed is copied again, though nobody tells of that', async () => {
  const fleet = await stores.fleet()
  const bucket = 'written-again'
  const id = await fleet.bucket(bucket, 'hpc')
  await fleet.put('hpc', bucket, 'a', 'first')
  const storageFor = withCalls(fleet, 'edge', (driver) => ({
    async delete(...args) {
      const deleted = await driver.delete(...args)
      await fleet.put('hpc', bucket, 'a', 'again')
      return deleted
    },
  }))
  fleet.startMover({ storageFor, times: { sweepMinS: 600 } })
  await fleet.replica(id, 'edge')
  await fleet.settled(id, 'edge')
  await fleet.store('hpc').delete(bucket, 'a')
  await fleet.event(id, 'a')
  await fleet.settled(id, 'edge')
  expect(await fleet.text('edge', bucket, 'a')).toBe('again')
})

test('an object that changes while it is written to its copy is copied again, though nobody tells of that', async () => {
  const fleet = await stores.fleet()
  const bucket = 'changed-while-written'
  const id = await fleet.bucket(bucket, 'hpc')
  const tagged = (body: string) =>
    fleet
      .store('hpc')
      .put(bucket, 'a', { body: Buffer.from(body), size: body.length, tags: [{ key: 'needs', value: 'both sides' }] })
  let changes = 0
  const storageFor = withCalls(fleet, 'edge', (driver) => ({
    async put(...args) {
      const written = await driver.put(...args)
      if (changes++ === 0) await tagged('second')
      return written
    },
  }))
  await tagged('first')
  fleet.startMover({ storageFor, times: { sweepMinS: 600 } })
  await fleet.replica(id, 'edge')
  await fleet.settled(id, 'edge')
  expect(await fleet.text('edge', bucket, 'a')).toBe('second')
})
