// What a copy waits for is said, and when that goes the work begins within a second.
import { expect, onTestFinished, test } from 'vitest'
import { retryNow } from '../../../server/db/queue/dirty-objects.ts'
import { orderResync } from '../../../server/db/queue/sweeps.ts'
import { createLinkReads } from '../../../server/services/replication/read-links.ts'
import { StorageError } from '../../../server/storage/storage-error.ts'
import { copiedBucket } from '../../support/copied-bucket.ts'
import { eventually } from '../../support/eventually.ts'
import { minios } from '../../support/minios.ts'
import type { MoverFleet } from '../../support/mover-fleet.ts'
import { withCalls } from '../../support/with-calls.ts'

const stores = minios('hpc', 'edge')

type Place = { readonly fleet: MoverFleet; readonly id: string }
type Case = readonly [
  name: string,
  code: string,
  parts: { readonly begin: (at: Place) => Promise<unknown>; readonly end: (at: Place) => Promise<unknown> },
]
const wake = (fleet: MoverFleet) => fleet.pool.wake('object')
const rows = (insert: string, remove: string): Case[2] => ({
  begin: ({ fleet, id }) => fleet.pool.query(insert, insert.includes('$1') ? [id] : []),
  async end({ fleet }) {
    await fleet.pool.query(remove)
    wake(fleet)
  },
})

const cases: readonly Case[] = [
  [
    'a paused bucket',
    'BUCKET_PAUSED',
    rows(`INSERT INTO bucket_pause (bucket_id, actor) VALUES ($1, 'olga')`, 'DELETE FROM bucket_pause'),
  ],
  [
    'a paused link',
    'LINK_PAUSED',
    rows(
      `INSERT INTO link_pause (from_storage_id, to_storage_id, actor)
       SELECT b.master_storage_id, r.storage_id, 'olga' FROM bucket b JOIN replica r ON r.bucket_id = b.id`,
      'DELETE FROM link_pause',
    ),
  ],
  [
    'a change that is not decided',
    'NARROWING_UNDECIDED',
    rows(
      `INSERT INTO dirty_bucket (bucket_id, narrowing) VALUES ($1, true)
       ON CONFLICT (bucket_id) DO UPDATE SET narrowing = true`,
      'DELETE FROM dirty_bucket',
    ),
  ],
  [
    'a master that is missing',
    'MASTER_MISSING',
    rows(
      `UPDATE bucket SET master_stopped = 'missing', master_stopped_since = now(), master_stopped_seen_at = now()`,
      'UPDATE bucket SET master_stopped = NULL',
    ),
  ],
]

const codes = async ({ fleet, id }: Place): Promise<string[]> => {
  const { id: replica } = await fleet.replicaRow(id, 'edge')
  const [waiting = []] = await createLinkReads(fleet.pool).waitingOfReplicas([replica])
  return waiting.map(({ reason }) => reason.code)
}

const start = (bucket: string) => copiedBucket(stores, bucket)

/** Who sleeps for so long begins because something woke it. */
const idle = 60_000

/** Resolves when the copy has the object, which must begin within a second. */
async function begins({ fleet }: Place, bucket: string, seen: () => boolean): Promise<void> {
  const gone = performance.now()
  await eventually('it begins', seen)
  expect(performance.now() - gone).toBeLessThan(1_000)
  await eventually('it is there', async () => (await fleet.text('edge', bucket, 'k')) === 'v')
}

test.each(cases)('%s is said, and the copy is made when it goes', async (_name, code, { begin, end }) => {
  const bucket = `wait-${code.toLowerCase().replaceAll('_', '-')}`
  const place = await start(bucket)
  const { fleet, id } = place
  let asked = 0
  const storageFor = withCalls(fleet, 'edge', (driver) => ({
    put(...args) {
      asked++
      return driver.put(...args)
    },
  }))
  await begin(place)
  fleet.startMover({ storageFor, times: { idle } })
  await fleet.put('hpc', bucket, 'k', 'v')
  await fleet.event(id, 'k')
  await eventually('it is said', async () => (await codes(place)).includes(code))
  expect(asked).toBe(0)
  await end(place)
  await begins(place, bucket, () => asked > 0)
  await eventually('nothing waits', async () => (await codes(place)).length === 0)
})

test('what failed is said with its cause, and a resync does not wait for its backoff', async () => {
  const bucket = 'wait-retry'
  const place = await start(bucket)
  const { fleet, id } = place
  let failing = true
  let asked = 0
  const storageFor = withCalls(fleet, 'edge', (driver) => ({
    async put(...args) {
      if (failing) return driver.put('no-such-bucket-here', args[1], args[2])
      asked++
      return driver.put(...args)
    },
  }))
  fleet.startMover({ storageFor, times: { idle, backoff: 60_000, maxBackoff: 60_000 } })
  await fleet.put('hpc', bucket, 'k', 'v')
  await fleet.event(id, 'k')
  await eventually('it is said', async () => (await codes(place)).includes('TRIED_AGAIN'))
  failing = false
  const at = { bucketId: id, storageId: fleet.storeId('edge') }
  await orderResync(fleet.pool, at, 'sweep', { allowDeletes: false, overwrite: false })
  await retryNow(fleet.pool, at)
  await begins(place, bucket, () => asked > 0)
})

test('a key waits for a store that hangs also while it tries it', async () => {
  const bucket = 'wait-hung'
  const place = await start(bucket)
  const { fleet, id } = place
  const back = Promise.withResolvers<void>()
  onTestFinished(() => back.resolve())
  let [isBack, tries] = [false, 0]
  const answers = async () => {
    if (!isBack) throw new StorageError('timeout', 'edge hangs')
  }
  const hangs = async () => {
    if (++tries > 1) await back.promise
    await answers()
  }
  const storageFor = withCalls(fleet, 'edge', (driver) => ({
    headBucket: async (...args) => answers().then(() => driver.headBucket(...args)),
    head: async (...args) => hangs().then(() => driver.head(...args)),
    put: async (...args) => hangs().then(() => driver.put(...args)),
  }))
  fleet.startMover({ storageFor })
  await fleet.put('hpc', bucket, 'k', 'v')
  await fleet.event(id, 'k')
  await eventually('it is tried again', () => tries > 1)
  await eventually('it is said', async () => (await codes(place)).join() === 'STORE_UNREACHABLE')
  isBack = true
  back.resolve()
  await eventually('nothing waits', async () => (await codes(place)).length === 0)
})
