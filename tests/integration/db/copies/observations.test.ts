// What movers write of masters and replicas, where a later fact must not be lost to an earlier one.
import { expect, test } from 'vitest'
import { beginEviction, copiesInSync } from '../../../../server/db/copies/evictions.ts'
import { recordMasterSweep, stopMaster } from '../../../../server/db/copies/master.ts'
import { noteConflict, observe, recordVerified } from '../../../../server/db/copies/replica.ts'
import { databaseNow } from '../../../../server/db/core/clock.ts'
import { sweepStore } from '../../../../server/db/queue/sweeps.ts'
import type { MasterStop } from '../../../../server/domain/trouble/trouble.ts'
import { freshPool } from '../../../support/fresh-pool.ts'
import { fleet, fromNow } from '../../../support/world/fleet.ts'

async function start() {
  const pool = await freshPool()
  const world = fleet(pool)
  const [hpc, edge, cloud] = [await world.cluster('hpc'), await world.cluster('edge'), await world.cluster('cloud')]
  const bucket = await hpc.store.bucket('photos')
  return { pool, hpc, edge, cloud, bucket }
}

test('a whole look at a master closes the gap before it, and none that opened since it began', async () => {
  const { pool, hpc, bucket } = await start()
  const isOpen = async () =>
    (await pool.query<{ open: boolean }>('SELECT gap_since IS NOT NULL AS open FROM bucket')).rows[0]?.open
  const look = (startedAt: number) =>
    pool.transaction((sql) => recordMasterSweep(sql, bucket.id, { startedAt, createdOn: null }))
  const startedAt = await databaseNow(pool)
  await pool.query('SELECT pg_sleep(0.01)')
  await sweepStore(pool, hpc.store.id, 'not-known')
  await look(startedAt)
  expect(await isOpen()).toBe(true)
  await pool.query('SELECT pg_sleep(0.01)')
  await look(await databaseNow(pool))
  expect(await isOpen()).toBe(false)
})

test('the brake holds since it first did, until a comparison finds nothing to hold', async () => {
  const { pool, edge, bucket } = await start()
  const { id } = await bucket.replica(edge.store, { braked: 3, brakedSince: fromNow(-60) })
  const since = async () =>
    (
      await pool.query<{ ago: number | null }>(
        'SELECT extract(epoch FROM now() - braked_since)::float8 AS ago FROM replica',
      )
    ).rows[0]?.ago
  const turn = { key: null, since: Date.now(), ended: true }
  const compared = (braked: number) =>
    pool.transaction((sql) => recordVerified(sql, id, { startedAt: Date.now(), braked, turn }))
  const marked = async () => ((await pool.query('DELETE FROM dirty_bucket')).rowCount ?? 0) > 0
  await compared(4)
  expect(await since()).toBeCloseTo(60, -1)
  expect(await marked(), 'the bucket is decided again').toBe(true)
  await compared(4)
  expect(await marked(), 'nothing is new').toBe(false)
  await compared(0)
  expect(await since()).toBeNull()
  expect(await marked()).toBe(true)
})

test('a conflict that is found does not undo the count of those that are known', async () => {
  const { pool, edge, bucket } = await start()
  const { id } = await bucket.replica(edge.store, { conflicts: 3 })
  await pool.transaction((tx) => noteConflict(tx, id, 'foreign', 'k'))
  expect((await pool.query('SELECT conflicts FROM replica')).rows).toEqual([{ conflicts: 3 }])
  await pool.query('UPDATE replica SET conflicts = 0')
  await pool.transaction((tx) => noteConflict(tx, id, 'foreign', 'k'))
  expect((await pool.query('SELECT conflicts FROM replica')).rows).toEqual([{ conflicts: 1 }])
})

test('a master is stopped since it was first seen not to be the recorded one, and that is told once', async () => {
  const { pool, bucket } = await start()
  const woken: string[] = []
  pool.onWake((topic) => void woken.push(topic))
  const see = async (stop: Exclude<MasterStop, 'regressed'>) => {
    woken.length = 0
    await pool.query('DELETE FROM dirty_bucket')
    await pool.transaction((tx) => stopMaster(tx, bucket.id, stop))
    const { rows } = await pool.query<{ ago: number }>(
      'SELECT extract(epoch FROM now() - master_stopped_since)::float8 AS ago FROM bucket',
    )
    const marked = (await pool.query('SELECT 1 FROM dirty_bucket')).rowCount === 1
    return { ago: rows[0]?.ago, told: marked && woken.includes('object') }
  }
  expect((await see('missing')).told).toBe(true)
  await pool.query(`UPDATE bucket SET master_stopped_since = now() - interval '60 s'`)
  const again = await see('missing')
  expect(again.told).toBe(false)
  expect(again.ago).toBeCloseTo(60, -1)
  expect(await see('replaced')).toEqual({ ago: expect.closeTo(60, -1) as number, told: true })
})

test('of a copy whose bucket is lost nothing is believed to be there', async () => {
  const { pool, edge, bucket } = await start()
  const then = fromNow(-60)
  const seen = { createSentAt: then, createdOn: then, completeAt: then, verifiedAt: then }
  const turn = { comparedKey: 'k', comparingSince: then, comparedSince: then }
  const wrong = { conflicts: 1, braked: 1, brakedSince: then, keysTrouble: { conflicts: [], failing: null } }
  const replica = await bucket.replica(edge.store, { ...seen, ...turn, ...wrong, versioning: { state: 'off' } })
  await replica.object('k')
  await pool.transaction((sql) => observe(sql, replica.id, 'lost'))
  expect((await pool.query('SELECT 1 FROM replica_object')).rowCount).toBe(0)
  const { rows } = await pool.query<object>(
    `SELECT observed, conflicts, braked, create_sent_at, created_on, complete_at, verified_at, compared_key, comparing_since,
       compared_since, braked_since, keys_trouble, versioning FROM replica`,
  )
  const nothing = Object.fromEntries(Object.keys(rows[0] ?? {}).map((name) => [name, null]))
  expect(rows).toEqual([{ ...nothing, observed: 'absent', conflicts: 0, braked: 0 }])
})

test('an eviction begins only by the decision that asked for it', async () => {
  const { pool, edge, bucket } = await start()
  const { id } = await bucket.replica(edge.store, { wanted: false, generation: 2 })
  const begin = (generation: number) => pool.transaction((sql) => beginEviction(sql, id, generation))
  expect(await begin(1)).toBe(false)
  await pool.query('UPDATE replica SET wanted = true')
  expect(await begin(2)).toBe(false)
  await pool.query('UPDATE replica SET wanted = false')
  expect(await begin(2)).toBe(true)
})

test.each([
  ['is not wanted', { wanted: false }],
  ['is not complete', { observed: 'syncing' }],
  ['has something in the way', { conflicts: 1 }],
  ['has deletes that the brake holds', { braked: 1 }],
])('a copy that %s is no proof of another one', async (_, more) => {
  const { pool, edge, cloud, bucket } = await start()
  await bucket.replica(edge.store, more)
  expect(await copiesInSync(pool, bucket.id, cloud.store.id)).toEqual([])
})

test('a copy that lacks a change is no proof of another one, and one that lacks nothing is', async () => {
  const { pool, edge, cloud, bucket } = await start()
  const replica = await bucket.replica(edge.store)
  await replica.waits('later', { since: fromNow(60) })
  expect(await copiesInSync(pool, bucket.id, cloud.store.id)).toHaveLength(1)
  await replica.waits('k', { since: fromNow(-1) })
  expect(await copiesInSync(pool, bucket.id, cloud.store.id)).toEqual([])
  expect(await copiesInSync(pool, bucket.id, edge.store.id), 'never itself').toEqual([])
})

test('a copy that was told of a change in this very moment is no proof of another one, though its time is rounded up', async () => {
  const { pool, edge, cloud, bucket } = await start()
  const replica = await bucket.replica(edge.store)
  await replica.waits('k')
  await pool.transaction(async (tx) => {
    await tx.query(`UPDATE dirty_object SET since = date_trunc('milliseconds', now()) + interval '1 ms'`)
    expect(await copiesInSync(tx, bucket.id, cloud.store.id)).toEqual([])
  })
})
