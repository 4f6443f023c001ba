// A fleet of several makes of store: what each can hold is equal everywhere, what one cannot is told by name and holds up
// nothing else. Of the other makes those are tried that the set-up has made: all of them in the soak.
import { createHash, randomBytes, randomInt } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { recordMovingDates } from '../../../server/db/copies/moving-dates.ts'
import { eventually } from '../../support/eventually.ts'
import { startMinio } from '../../support/minio.ts'
import { type MoverFleet, moverFleet } from '../../support/mover-fleet.ts'
import { isTried, startMoto, startVersitygw } from '../../support/other-stores.ts'
import type { StoreProcess } from '../../support/store-process.ts'

type Make = 'minio' | 'moto' | 'versitygw'
const starts: Readonly<Record<Make, () => Promise<StoreProcess>>> = {
  minio: startMinio,
  moto: startMoto,
  versitygw: startVersitygw,
}
const makes = (['minio', 'moto', 'versitygw'] as const).filter(isTried)

/** Names that all of them can hold. */
const oddKeys = ['sp ace', 'pl+us', 'per%2Fcent', 'a&<>"\'b', 'ü😀', 'q?a=b#c', '00123', "!'()*", 'deep/er/k', '~']
/** What one make cannot hold and the others can: an object that is also a folder, a name with a line feed. */
const impossible: Partial<Record<Make, string>> = { versitygw: 'folder/', moto: 'c\nd' }

const stores = new Map<Make, StoreProcess>()
beforeAll(async () => {
  await Promise.all(makes.map(async (make) => stores.set(make, await starts[make]())))
})
afterAll(() => Promise.all([...stores.values()].map((store) => store.stop())))

async function fleetOf(): Promise<MoverFleet> {
  const fleet = await moverFleet(
    [...stores].map(([name, { endpoint, accessKey, secretKey }]) => ({ name, endpoint, accessKey, secretKey })),
  )
  if (isTried('versitygw')) await recordMovingDates(fleet.pool, fleet.storeId('versitygw')) // as its registration finds out
  return fleet
}

/** All that a user can see of an object. */
async function seen(fleet: MoverFleet, at: Make, bucket: string, key: string) {
  const driver = fleet.store(at)
  const { head, body } = await driver.open(bucket, key)
  const digest = createHash('sha256')
  for await (const chunk of body as AsyncIterable<Uint8Array>) digest.update(chunk)
  const tags = head.tagCount > 0 ? await driver.getTags(bucket, key) : []
  return { key, size: head.size, sha256: digest.digest('hex'), metadata: head.metadata, tags }
}

const seenAll = async (fleet: MoverFleet, at: Make, bucket: string) =>
  Promise.all((await fleet.keys(at, bucket)).map((key) => seen(fleet, at, bucket, key)))

async function putAt(fleet: MoverFleet, master: Make, bucket: string, key: string, size = randomInt(3_000)) {
  const metadata = { 'content-type': 'text/x-test', 'x-amz-meta-n': String(randomInt(1e9)) }
  const tags = randomInt(2) === 0 ? [{ key: 'a b', value: 'c=d' }] : []
  await fleet.store(master).put(bucket, key, { body: randomBytes(size), size, metadata, tags })
}

/** Writes and deletes until it is told to end, each told as an event would be. */
function churn(fleet: MoverFleet, bucketId: string, master: Make, bucket: string) {
  const ending = new AbortController()
  const running = (async () => {
    while (!ending.signal.aborted) {
      const key = `k${randomInt(30)}`
      if (randomInt(4) === 0) await fleet.store(master).delete(bucket, key)
      else await putAt(fleet, master, bucket, key, randomInt(15) === 0 ? 700_000 : randomInt(3_000))
      await fleet.event(bucketId, key)
    }
  })()
  return async () => {
    ending.abort()
    await running
  }
}

/** An object in two parts. */
async function putInParts(fleet: MoverFleet, master: Make, bucket: string, key: string) {
  const driver = fleet.store(master)
  const uploadId = await driver.createUpload(bucket, key, { metadata: { 'content-type': 'text/x-parts' } })
  const parts = []
  for (const [index, size] of [5 * 2 ** 20, 11].entries()) {
    const part = { uploadId, partNumber: index + 1, body: randomBytes(size), size }
    parts.push({ partNumber: index + 1, etag: (await driver.uploadPart(bucket, key, part)).etag })
  }
  await driver.completeUpload(bucket, key, { uploadId, parts })
}

describe.for(makes.filter((make) => make !== 'moto'))('with the master on %s', (master) => {
  const copies = makes.filter((make) => make !== master)

  test('copies on other makes are equal after changes, and after a mover was killed in the middle', async () => {
    const fleet = await fleetOf()
    const bucket = `mixed-${master}`
    const id = await fleet.bucket(bucket, master)
    for (const key of oddKeys) await putAt(fleet, master, bucket, key)
    await putAt(fleet, master, bucket, 'empty', 0)
    await putInParts(fleet, master, bucket, 'in parts')
    for (const at of copies) await fleet.replica(id, at)
    const killed = await fleet.spawnMover()
    const end = churn(fleet, id, master, bucket)
    await delay(randomInt(500, 1_500))
    await killed.kill9()
    fleet.startMover()
    await delay(randomInt(500, 1_000))
    await end()
    for (const at of copies) await fleet.settled(id, at, 60)
    const wanted = await seenAll(fleet, master, bucket)
    expect(wanted.length).toBeGreaterThan(oddKeys.length)
    for (const at of copies) {
      expect(await seenAll(fleet, at, bucket), at).toEqual(wanted)
      expect(await fleet.causes(id, at), at).toEqual([])
      await fleet.sweep(id, at)
    }
    for (const at of copies) expect(await seenAll(fleet, at, bucket), at).toEqual(wanted)
  }, 120_000)

  test('what a store cannot hold is told by name, and all else is there', async () => {
    const fleet = await fleetOf()
    const bucket = `cannot-${master}`
    const id = await fleet.bucket(bucket, master)
    const lacking = copies.flatMap((at) => (impossible[at] === undefined ? [] : [[at, impossible[at]] as const]))
    for (const key of [...lacking.map(([, one]) => one), ...oddKeys]) await putAt(fleet, master, bucket, key)
    fleet.startMover()
    for (const at of copies) await fleet.replica(id, at)
    for (const at of copies) {
      const others = async () => (await fleet.keys(at, bucket)).filter((key) => oddKeys.includes(key))
      await eventually(`${at} has all others`, async () => (await others()).length === oddKeys.length, 60)
    }
    for (const [at, key] of lacking) {
      const messages = async () => (await fleet.causes(id, at)).map(({ message }) => message).join()
      const said = await eventually(`${at} says what it lacks`, messages, 60)
      expect(said).toContain(at)
      expect(said).toContain(JSON.stringify(key).slice(1, -1))
    }
  }, 120_000)
})
