import { randomBytes, randomInt } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { eventually } from '../../support/eventually.ts'
import { unfinishedUploads } from '../../support/minio.ts'
import { minios } from '../../support/minios.ts'
import { type MoverFleet, shortLeases } from '../../support/mover-fleet.ts'

const stores = minios('hpc', 'edge')

/** Changes at the master, told as events would be, until it is ended. */
function keepWriting(fleet: MoverFleet, bucketId: string, bucket: string) {
  const ending = new AbortController()
  async function write(): Promise<void> {
    for (let round = 0; !ending.signal.aborted; round++) {
      const key = `k${randomInt(40)}`
      if (randomInt(4) === 0) await fleet.store('hpc').delete(bucket, key)
      else {
        const body = randomBytes(randomInt(20) === 0 ? 3_000_000 : randomInt(2_000))
        await fleet.put('hpc', bucket, key, body, { 'x-amz-meta-round': String(round) })
      }
      await fleet.event(bucketId, key)
    }
  }
  const running = Promise.all([write(), write()])
  return async () => {
    ending.abort()
    await running
  }
}

test('a mover that is killed at random moments of a first sync and of changes is replaced, and all becomes equal', async () => {
  const fleet = await stores.fleet()
  const bucket = 'killed'
  const id = await fleet.bucket(bucket, 'hpc')
  for (let i = 0; i < 120; i++) await fleet.put('hpc', bucket, `first${i}`, randomBytes(i * 20))
  await fleet.replica(id, 'edge')
  const endWriting = keepWriting(fleet, id, bucket)
  for (let kills = 0; kills < 4; kills++) {
    const mover = await fleet.spawnMover(shortLeases)
    await delay(randomInt(50, 900))
    await mover.kill9()
  }
  await endWriting()
  fleet.startMover()
  await fleet.settled(id, 'edge', 30)
  expect(await fleet.differences(id, bucket, 'hpc', 'edge')).toEqual([])
  expect(await fleet.replicaRow(id, 'edge')).toMatchObject({ conflicts: 0, braked: 0 })
  expect(await fleet.causes(id, 'edge')).toEqual([])
})

test('a killed copy in parts leaves no upload behind when it is made again', async () => {
  const fleet = await stores.fleet()
  const bucket = 'killed-upload'
  const id = await fleet.bucket(bucket, 'hpc')
  const uploadId = await fleet.store('hpc').createUpload(bucket, 'big')
  const parts = []
  for (let partNumber = 1; partNumber <= 12; partNumber++) {
    const body = randomBytes(5 * 2 ** 20)
    const { etag } = await fleet
      .store('hpc')
      .uploadPart(bucket, 'big', { uploadId, partNumber, body, size: body.length })
    parts.push({ partNumber, etag })
  }
  await fleet.store('hpc').completeUpload(bucket, 'big', { uploadId, parts })
  const { dataDir } = stores.process('edge')
  const mover = await fleet.spawnMover(shortLeases)
  await fleet.replica(id, 'edge')
  await eventually('an upload is journaled', async () => {
    const { rowCount } = await fleet.pool.query('SELECT 1 FROM replica_object WHERE upload_id IS NOT NULL')
    return (rowCount ?? 0) > 0
  })
  await mover.kill9()
  expect((await unfinishedUploads(dataDir)).length).toBeGreaterThan(0)
  fleet.startMover()
  await fleet.settled(id, 'edge')
  expect(await fleet.differences(id, bucket, 'hpc', 'edge')).toEqual([])
  await eventually('no upload is left', async () => (await unfinishedUploads(dataDir)).length === 0)
})

test('an eviction that is killed at random moments is finished, and foreign objects stay', async () => {
  const fleet = await stores.fleet()
  const bucket = 'killed-evict'
  const id = await fleet.bucket(bucket, 'hpc')
  for (let i = 0; i < 150; i++) await fleet.put('hpc', bucket, `k${i}`, `${i}`)
  const first = fleet.startMover()
  await fleet.replica(id, 'edge')
  await fleet.settled(id, 'edge')
  await first.stop()
  await fleet.put('edge', bucket, 'theirs', 'theirs')
  await fleet.put('edge', bucket, 'k7', 'theirs')
  await fleet.withdraw(id, 'edge')
  for (let kills = 0; kills < 2; kills++) {
    const mover = await fleet.spawnMover(shortLeases)
    await delay(randomInt(20, 250))
    await mover.kill9()
  }
  fleet.startMover()
  await eventually('it is gone', async () => (await fleet.replicaRow(id, 'edge')).observed === 'absent')
  expect(await fleet.keys('edge', bucket)).toEqual(['k7', 'theirs'])
  expect((await fleet.keys('hpc', bucket)).length).toBe(150)
})

test('two movers on one queue do every key once and leave the same as one', async () => {
  const fleet = await stores.fleet()
  const bucket = 'two-movers'
  const id = await fleet.bucket(bucket, 'hpc')
  for (let i = 0; i < 100; i++) await fleet.put('hpc', bucket, `first${i}`, `${i}`)
  fleet.startMover()
  fleet.startMover()
  await fleet.replica(id, 'edge')
  const endWriting = keepWriting(fleet, id, bucket)
  await delay(1_500)
  await endWriting()
  await fleet.settled(id, 'edge')
  expect(await fleet.differences(id, bucket, 'hpc', 'edge')).toEqual([])
})

test('a deletion with data is finished by the next mover, and one without data touches nothing', async () => {
  const fleet = await stores.fleet()
  for (const [bucket, deleteData] of [
    ['deleted', true],
    ['kept', false],
  ] as const) {
    const id = await fleet.bucket(bucket, 'hpc')
    for (const key of ['a/b', 'a', 'c']) await fleet.put('hpc', bucket, key, key)
    await fleet.pool.query(`UPDATE bucket SET state = 'deleting', delete_data = $2 WHERE id = $1`, [id, deleteData])
    await fleet.task(id, 'hpc', 'master_delete')
    const mover = await fleet.spawnMover(shortLeases)
    await delay(randomInt(5, 60))
    await mover.kill9()
    const next = fleet.startMover()
    await eventually(`${bucket} is done`, async () => (await fleet.bucketRow(id)).masterDone)
    await next.stop()
  }
  expect(await fleet.store('hpc').headBucket('deleted')).toBeNull()
  expect(await fleet.keys('hpc', 'kept')).toEqual(['a', 'c'])
  expect(await fleet.text('hpc', 'kept', 'a/b')).toBe('a/b')
})
