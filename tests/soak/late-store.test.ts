// A store that does late what it was told, or says that it has not done what it has; movers that die, decisions that end what is under
// way, a copy that is taken away and wanted again: nobody but FaDO writes there, so nothing is ever in the way.
import { randomInt } from 'node:crypto'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import { v7 } from 'uuid'
import { expect, test } from 'vitest'
import type { Pool, Sql } from '../../server/db/core/pool.ts'
import { createLog } from '../../server/log.ts'
import { createMover } from '../../server/replication/mover.ts'
import { StorageError } from '../../server/storage/storage-error.ts'
import { eventually } from '../support/eventually.ts'
import { minios } from '../support/minios.ts'
import { type MoverFleet, quickTimes, shortLeases } from '../support/mover-fleet.ts'
import { withCalls } from '../support/with-calls.ts'

const stores = minios('hpc', 'edge')
const lifeMs = 120_000
const times = { ...quickTimes, ...shortLeases, lateWrite: 700 }
/** In this time the store does what was cut off. */
const latestMs = times.lateWrite / 2
const partSize = 5 * 2 ** 20
/** Only a few contents, so that many versions have one ETag. */
const contents = ['', 'one', 'two']

const chance = (share: number) => Math.random() < share
const anyOf = <T>(all: readonly T[]): T => all[randomInt(all.length)] as T

/** Calls of the store that are cut off and done late, done without an answer, or not done at all. */
function late<T>(call: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  const cut = (how: string) => Promise.reject(new StorageError(anyOf(['timeout', 'server-error']), how))
  if (chance(0.2)) {
    void delay(randomInt(latestMs))
      .then(call)
      .catch(() => undefined)
    return cut('The answer did not come')
  }
  if (chance(0.1)) return call().then(() => cut('The answer was lost'))
  if (chance(0.1)) return cut('It was not done')
  return call().then((done) => {
    signal?.throwIfAborted()
    return done
  })
}
const lateStore = (fleet: MoverFleet) =>
  withCalls(fleet, 'edge', (driver) => ({
    async put(bucket, key, { signal, ...options }) {
      const body = await buffer(Readable.from(options.body instanceof Uint8Array ? [options.body] : options.body))
      return late(() => driver.put(bucket, key, { ...options, body }), signal)
    },
    putTags: (bucket, key, tags, { signal } = {}) => late(() => driver.putTags(bucket, key, tags), signal),
    completeUpload: (bucket, key, { signal, ...options }) =>
      late(() => driver.completeUpload(bucket, key, options), signal),
    delete: (bucket, key, { signal } = {}) => late(() => driver.delete(bucket, key), signal),
  }))

/** A mover that dies together with PostgreSQL: what it said lazily shortly before is lost. */
function mortalMover(fleet: MoverFleet) {
  let state: 'lives' | 'loses' | 'dead' = 'lives'
  const dead = () => Promise.reject(new Error('the mover is dead'))
  const { pool, wakeups } = fleet
  const query: Sql['query'] = (...args) => {
    if (state !== 'lives') state = 'dead'
    return state === 'dead' ? dead() : pool.query(...args)
  }
  const lazily: Sql['query'] = async (...args) => {
    if (state === 'lives') return pool.lazily.query(...args)
    return state === 'dead' ? dead() : { rows: [], rowCount: 0 }
  }
  const mortal: Pool = {
    ...{ ...pool, query, lazily: { ...pool.lazily, query: lazily } },
    transaction: (work, options) => (state === 'lives' ? pool.transaction(work, options) : dead()),
  }
  const log = createLog('silent', 'mover')
  const mover = createMover({ pool: mortal, wakeups, storageFor: lateStore(fleet), log, owner: v7(), times })
  mover.start()
  const stop = () => mover.stop().catch(() => undefined)
  fleet.onEnd(stop)
  return async () => {
    state = 'loses'
    await delay(randomInt(60))
    state = 'dead'
    void stop()
  }
}

async function putInParts(fleet: MoverFleet, bucket: string, key: string, n: number): Promise<void> {
  const store = fleet.store('hpc')
  const uploadId = await store.createUpload(bucket, key, { metadata: { 'x-amz-meta-n': `${n}` } })
  const bodies = [Buffer.alloc(partSize, `${n}`), Buffer.from(`${n}`)]
  const parts = []
  for (const [i, body] of bodies.entries()) {
    const { etag } = await store.uploadPart(bucket, key, { uploadId, partNumber: i + 1, body, size: body.length })
    parts.push({ partNumber: i + 1, etag })
  }
  await store.completeUpload(bucket, key, { uploadId, parts })
}

/** With tags that fit in its headers, or not. */
async function putSmall(fleet: MoverFleet, bucket: string, key: string, n: number): Promise<void> {
  const body = Buffer.from(anyOf(contents))
  const many = [...'abcdefgh'].map((name) => ({ key: name, value: '/'.repeat(250) }))
  const tags = [{ key: 'n', value: `${n}` }, ...(chance(0.4) ? many : [])]
  const metadata = { 'x-amz-meta-n': `${n}`, ...(chance(0.5) ? { 'x-amz-meta-long': 'x'.repeat(1_500) } : {}) }
  await fleet.store('hpc').put(bucket, key, { body, size: body.length, metadata, ...(chance(0.5) ? { tags } : {}) })
}

test('a store that does late what it was told never has anything of FaDO in the way, whoever dies and whatever is decided', {
  timeout: 3 * lifeMs,
}, async () => {
  const fleet = await stores.fleet()
  const bucket = 'late-store'
  const id = await fleet.bucket(bucket, 'hpc')
  const ending = new AbortController()
  const until = async (end: number, work: () => Promise<unknown>) => {
    while (!ending.signal.aborted) {
      await work()
      await delay(randomInt(20, end), undefined, { signal: ending.signal }).catch(() => undefined)
    }
  }
  let die = mortalMover(fleet)
  await fleet.replica(id, 'edge')
  let written = 0
  async function write(key: string): Promise<void> {
    written++
    if (chance(0.25)) await fleet.store('hpc').delete(bucket, key)
    else await (chance(0.15) ? putInParts : putSmall)(fleet, bucket, key, written)
    await fleet.event(id, key)
  }
  async function decide(): Promise<void> {
    await fleet.pool.query('UPDATE replica SET generation = generation + 1')
    fleet.pool.wake('bucket')
  }
  async function moveAway(): Promise<void> {
    await fleet.withdraw(id, 'edge')
    await delay(randomInt(4_000))
    await fleet.pool.query('UPDATE replica SET wanted = true, generation = generation + 1, withdrawn_at = NULL')
    const { observed } = await eventually('it is not being taken away', async () => {
      const now = await fleet.replicaRow(id, 'edge')
      return now.observed === 'deleting' ? null : now
    })
    await fleet.task(id, 'edge', observed === 'complete' ? 'sweep' : 'first_sync')
  }
  async function kill(): Promise<void> {
    await die()
    die = mortalMover(fleet)
  }
  const inTheWay = async () =>
    (
      await fleet.pool.query<object>(
        `SELECT key, state FROM replica_object WHERE state IN ('conflict', 'foreign')
         UNION ALL SELECT bucket_name, 'bucket' FROM foreign_bucket`,
      )
    ).rows
  const wrong: object[] = []
  const look = async () => {
    wrong.push(...(await inTheWay()))
    if (wrong.length > 0) ending.abort()
  }
  const all = Promise.all([
    ...['a', 'b', 'c', 'd', 'e'].map((key) => until(1_500, () => write(key))),
    ...[until(900, decide), until(6_000, moveAway), until(6_000, kill), until(40, look)],
  ])
  await Promise.race([all, delay(lifeMs)])
  ending.abort()
  await all
  expect(wrong).toEqual([])
  await eventually(
    'the copy is as its master',
    async () => (await fleet.differences(id, bucket, 'hpc', 'edge')).length === 0,
    120,
  )
  expect(await inTheWay()).toEqual([])
})
