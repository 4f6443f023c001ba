import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { loadBuckets } from '../../../../server/db/deciding/bucket-states.ts'
import { writeDecisions } from '../../../../server/db/deciding/decisions.ts'
import { loadFleet } from '../../../../server/db/deciding/fleet-state.ts'
import { markMisjudged } from '../../../../server/db/deciding/freshness.ts'
import { claimBuckets, finishBuckets } from '../../../../server/db/queue/dirty-buckets.ts'
import { decidedOf } from '../../../support/decided.ts'
import { freshPool } from '../../../support/fresh-pool.ts'
import { fleet, fromNow } from '../../../support/world/fleet.ts'
import { insert } from '../../../support/world/insert.ts'

const owner = randomUUID()

/** A bucket with a complete copy on `edge`, decided. */
async function start() {
  const pool = await freshPool(3)
  const rows = fleet(pool)
  const hpc = await rows.cluster('hpc', { urls: ['http://hpc.invalid'] })
  const edge = await rows.cluster('edge', { urls: ['http://edge.invalid'] })
  const { id } = await hpc.store.bucket('photos')
  await rows.policy(id, 'target_replica_count', 1)
  await rows.policy(id, 'max_staleness', 30)
  const decide = () =>
    pool.transaction(async (sql) => {
      const fleet = await loadFleet(sql)
      const loaded = await loadBuckets(sql, [id], fleet.globalPolicies)
      await writeDecisions(
        sql,
        loaded.map((one) => decidedOf(one, fleet)),
      )
    })
  await decide()
  await pool.query(`UPDATE replica SET observed = 'complete'`)
  await decide()
  return {
    pool,
    id,
    rows,
    decide,
    /** A key waits for so long at the copy. */
    wait: (seconds: number) =>
      insert(pool, 'dirtyObject', { bucketId: id, storageId: edge.store.id, key: 'a', since: fromNow(-seconds) }, [
        'bucketId',
        'storageId',
        'key',
      ]),
    serves: async () => (await pool.query<{ serving: boolean }>('SELECT serving FROM replica')).rows[0]?.serving,
    marked: async () => {
      let woken = false
      const off = pool.onWake((topic) => {
        woken ||= topic === 'bucket'
      })
      await markMisjudged(pool, 60)
      off()
      return woken
    },
  }
}

test('a copy that lacks a change for too long leaves the route, and comes back when it has caught up', async () => {
  const { pool, decide, wait, serves, marked } = await start()
  expect(await serves()).toBe(true)
  await wait(29)
  expect(await marked()).toBe(false)
  await wait(31)
  expect(await marked()).toBe(true)
  await decide()
  expect(await serves()).toBe(false)
  expect(await marked()).toBe(false)
  await pool.query('DELETE FROM dirty_object')
  expect(await marked()).toBe(true)
  await decide()
  expect(await serves()).toBe(true)
  expect(await marked()).toBe(false)
})

test('a copy that was found well just before an old change became known is judged again', async () => {
  const { pool, decide, wait, serves, marked } = await start()
  await wait(31)
  await decide()
  await pool.query('DELETE FROM dirty_object')
  await decide()
  expect(await serves()).toBe(true)
  await wait(300)
  expect(await marked()).toBe(true)
  await decide()
  expect(await serves()).toBe(false)
})

test('deletes that the brake holds count as changes that are missing', async () => {
  const { pool, decide, serves, marked } = await start()
  await pool.query(`UPDATE replica SET braked = 5, braked_since = now() - interval '31 s'`)
  expect(await marked()).toBe(true)
  await decide()
  expect(await serves()).toBe(false)
})

test('while its master is stopped a copy stays as old as it was then: nobody can copy, and what is told may be of a stranger', async () => {
  const { pool, decide, wait, serves, marked } = await start()
  /** The stop was so many seconds ago. */
  const stopped = (seconds: number) =>
    pool.query(
      `UPDATE bucket SET master_stopped = 'missing', master_stopped_since = now() - make_interval(secs => $1)`,
      [seconds],
    )
  const serving = async () => {
    await decide()
    expect(await marked(), 'what was decided stays so').toBe(false)
    return serves()
  }
  await wait(100)
  await stopped(71)
  expect(await serving(), 'it lacked a change for 29 s').toBe(true)
  await stopped(200)
  expect(await serving(), 'it lacked nothing').toBe(true)
  await stopped(69)
  expect(await marked()).toBe(true)
  expect(await serving(), 'it lacked a change for 31 s').toBe(false)
  await stopped(71)
  expect(await serving()).toBe(true)
  await pool.query('UPDATE bucket SET master_stopped = NULL, master_stopped_since = NULL')
  expect(await marked(), 'the master is back, and the change still missing').toBe(true)
  expect(await serving()).toBe(false)
})

test('who held a lease too long is told so before it writes', async () => {
  const { pool, rows } = await start()
  await rows.mark({ kind: 'all' })
  const [claim] = await claimBuckets(pool, owner, 10, 0.001, 'bulk')
  if (claim === undefined) throw new Error('nothing to claim')
  const finished = [{ claim, outcome: { kind: 'done' } as const }]
  await pool.query('SELECT pg_sleep(0.01)')
  expect((await claimBuckets(pool, randomUUID(), 10, 30, 'bulk')).length).toBe(1)
  expect(await finishBuckets(pool, owner, finished)).toBe(0)
})

test('a copy that the mover has begun to delete is not taken back unseen', async () => {
  const { pool, id, rows } = await start()
  await rows.policy(id, 'target_replica_count', 0)
  const load = async () => {
    const fleet = await loadFleet(pool)
    const [bucket] = await loadBuckets(pool, [id], fleet.globalPolicies)
    if (bucket === undefined) throw new Error('no bucket')
    return decidedOf(bucket, fleet)
  }
  const first = await load()
  await pool.transaction((tx) => writeDecisions(tx, [first]))
  await rows.policy(id, 'target_replica_count', 1)
  const again = await load()
  await pool.query(`UPDATE replica SET observed = 'deleting'`)
  await expect(pool.transaction((sql) => writeDecisions(sql, [again]))).rejects.toThrow('a copy changed')
})
