// Rows are taken in one order by all who take several, and no row that others only name is taken from them: so nobody waits in a
// circle, and what is waited for is short.
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { beginEviction } from '../../../server/db/copies/evictions.ts'
import { putJournal } from '../../../server/db/copies/journal-edits.ts'
import { recordMasterSweep, stopMaster } from '../../../server/db/copies/master.ts'
import { observe, recordVerified } from '../../../server/db/copies/replica.ts'
import type { Pool, Tx } from '../../../server/db/core/pool.ts'
import { writeStoreHealth } from '../../../server/db/deciding/health.ts'
import { ask, holdTasks } from '../../../server/db/queue/ask.ts'
import { claimTasks } from '../../../server/db/queue/claim-tasks.ts'
import { type ClaimedBucket, claimBuckets, finishBuckets, markBuckets } from '../../../server/db/queue/dirty-buckets.ts'
import { renewTasks } from '../../../server/db/queue/running-tasks.ts'
import { sweepStore } from '../../../server/db/queue/sweeps.ts'
import { freshPool } from '../../support/fresh-pool.ts'
import { untilSomebodyWaits } from '../../support/until-somebody-waits.ts'
import { fleet } from '../../support/world/fleet.ts'

async function start() {
  const pool = await freshPool(6)
  const world = fleet(pool)
  const [hpc, edge] = [await world.cluster('hpc'), await world.cluster('edge')]
  const buckets = [await hpc.store.bucket('a'), await hpc.store.bucket('b')].toSorted((x, y) => (x.id < y.id ? -1 : 1))
  const [first, last] = buckets
  if (first === undefined || last === undefined) throw new Error('no buckets')
  const replica = await first.replica(edge.store)
  return { pool, hpc, edge, first, last, replica }
}
type World = Awaited<ReturnType<typeof start>>

const ill = { health: 'unhealthy', anew: false, cause: 'SILENT', detail: null } as const
const turn = { key: null, since: 1, ended: true }
const holders: Record<string, (tx: Tx, world: World) => Promise<unknown>> = {
  'a whole look at a master': (tx, { first }) => recordMasterSweep(tx, first.id, { startedAt: 1, createdOn: null }),
  'a stop of a master': (tx, { first }) => stopMaster(tx, first.id, 'missing'),
  'what is seen of a copy': (tx, { replica }) => observe(tx, replica.id, 'lost'),
  'an eviction that begins': async (tx, { replica }) => {
    await tx.query('UPDATE replica SET wanted = false WHERE id = $1', [replica.id])
    await beginEviction(tx, replica.id, 1)
  },
  'a whole look at a copy': (tx, { replica }) => recordVerified(tx, replica.id, { startedAt: 1, braked: 0, turn }),
  'the health of a store': (tx, { edge }) => writeStoreHealth(tx, edge.store.id, ill),
}

const versions = { sourceEtag: 'e', sourceModified: 1, carried: '', size: 1, targetEtag: 'e', targetModified: 1 }
const there = { ...versions, state: 'there', targetCarried: null, uploadId: null, verified: true } as const

test.each(Object.entries(holders))('%s holds up nobody who writes what belongs to it', async (_, hold) => {
  const world = await start()
  const { pool, first, hpc, edge, replica } = world
  const at = { replicaId: replica.id, key: 'k', epoch: 1 }
  await pool.transaction(async (tx) => {
    await hold(tx, world)
    const others = [
      pool.query(
        `INSERT INTO object_record (bucket_id, key, size, etag, last_modified) VALUES ($1, 'k', 1, 'e', now())`,
        [first.id],
      ),
      putJournal(pool, null, [{ at, row: there }]),
      pool.query(`INSERT INTO link_month (from_storage_id, to_storage_id, month, bytes) VALUES ($1, $2, now(), 1)`, [
        hpc.store.id,
        edge.store.id,
      ]),
    ]
    expect(await Promise.race([Promise.all(others).then(() => 'written'), sleep(1_500, 'waits')])).toBe('written')
  })
})

test('a bucket that goes while all are marked is passed over', async () => {
  const { pool, first, last, replica } = await start()
  await pool.query('DELETE FROM replica WHERE id = $1', [replica.id])
  let marking: Promise<void> | undefined
  await pool.transaction(async (tx) => {
    await tx.query('DELETE FROM bucket WHERE id = $1', [first.id])
    marking = markBuckets(pool, { kind: 'all' })
    await untilSomebodyWaits(pool)
  })
  await marking
  expect((await pool.query('SELECT bucket_id AS id FROM dirty_bucket')).rows).toEqual([{ id: last.id }])
})

test('who marks all buckets has marked none while it waits for one', async () => {
  const { pool, first, last } = await start()
  for (const { id } of [first, last]) await markBuckets(pool, { kind: 'ids', ids: [id] })
  let marking: Promise<void> | undefined
  await pool.transaction(async (tx) => {
    await tx.query('SELECT 1 FROM bucket WHERE id = $1 FOR UPDATE', [last.id])
    marking = markBuckets(pool, { kind: 'all' })
    await untilSomebodyWaits(pool)
    expect((await tx.query('SELECT 1 FROM dirty_bucket FOR UPDATE NOWAIT')).rowCount).toBe(2)
  })
  await marking
})

/** `work` waits for the first of two rows: it must not have the second. */
async function expectInOrder(pool: Pool, rows: readonly [string, string], work: () => Promise<unknown>): Promise<void> {
  let working: Promise<unknown> | undefined
  await pool.transaction(async (tx) => {
    await tx.query(`${rows[0]} FOR UPDATE`)
    working = work()
    await untilSomebodyWaits(pool)
    expect((await tx.query(`${rows[1]} FOR UPDATE NOWAIT`)).rowCount).toBe(1)
  })
  await working
}

test('decisions are finished in the order in which all buckets are marked', async () => {
  const { pool, first, last } = await start()
  for (const { id } of [last, first]) await markBuckets(pool, { kind: 'ids', ids: [id] })
  const claims = await claimBuckets(pool, first.id, 2, 60, 'single')
  const finished = claims
    .toSorted((a: ClaimedBucket, b: ClaimedBucket) => (a.bucketId < b.bucketId ? 1 : -1))
    .map((claim) => ({ claim, outcome: { kind: 'done' } as const }))
  const row = (id: string) => `SELECT 1 FROM dirty_bucket WHERE bucket_id = '${id}'`
  await expectInOrder(pool, [row(first.id), row(last.id)], () => finishBuckets(pool, first.id, finished))
})

async function twoTasks() {
  const world = await start()
  const { pool, hpc, edge, first, last, replica } = world
  await last.replica(edge.store).then((copy) => copy.task('sweep'))
  await replica.task('sweep')
  const row = ({ id }: { id: string }) => `SELECT 1 FROM replica_task WHERE bucket_id = '${id}'`
  return { pool, hpc, edge, first, last, rows: [row(first), row(last)] as const }
}

test('who asks for work on many copies takes them in one order', async () => {
  const { pool, edge, first, last, rows } = await twoTasks()
  const values = [edge.store.id]
  const all = { kinds: ['sweep'], where: 't.storage_id = $1', values } as const
  await expectInOrder(pool, rows, () => ask(pool, all))
  await expectInOrder(pool, rows, () => pool.transaction((tx) => holdTasks(tx, [last.id, first.id])))
})

test('who asks for looks at all masters of a store takes them in one order', async () => {
  const { pool, hpc, first, last } = await twoTasks()
  const row = ({ id }: { id: string }) => `SELECT 1 FROM bucket WHERE id = '${id}'`
  await expectInOrder(pool, [row(first), row(last)], () =>
    pool.transaction((tx) => sweepStore(tx, hpc.store.id, 'not-known')),
  )
})

test('leases of tasks are prolonged one by one: who waits for one holds no other', async () => {
  const { pool, first, rows } = await twoTasks()
  const lease = { owner: first.id, seconds: 60 }
  const room = { free: new Map(), otherwise: 10, brokenMasters: [], served: null }
  const claims = await claimTasks(pool, lease, room)
  expect(claims).toHaveLength(2)
  const renew = async () => expect(await renewTasks(pool, lease, claims)).toHaveLength(2)
  await expectInOrder(pool, rows, renew)
  await expectInOrder(pool, [rows[1], rows[0]], renew)
})
