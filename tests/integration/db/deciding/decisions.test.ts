import { expect, test } from 'vitest'
import { loadBuckets } from '../../../../server/db/deciding/bucket-states.ts'
import { writeDecisions } from '../../../../server/db/deciding/decisions.ts'
import { loadFleet } from '../../../../server/db/deciding/fleet-state.ts'
import type { BucketState } from '../../../../server/domain/decide/bucket-state.ts'
import { decideBucket } from '../../../../server/domain/decide/decide-bucket.ts'
import { differenceOf } from '../../../../server/domain/decide/difference.ts'
import { applyDecision } from '../../../support/apply-decision.ts'
import { decidedOf } from '../../../support/decided.ts'
import { freshPool } from '../../../support/fresh-pool.ts'
import { fleet } from '../../../support/world/fleet.ts'

async function start() {
  const pool = await freshPool(3)
  const rows = fleet(pool)
  const hpc = await rows.cluster('hpc', { urls: ['http://hpc.invalid'] })
  await rows.cluster('edge', { urls: ['http://edge.invalid'] })
  const { id } = await hpc.store.bucket('photos')
  const load = async () => {
    const fleet = await loadFleet(pool)
    const [bucket] = await loadBuckets(pool, [id], fleet.globalPolicies)
    if (bucket === undefined) throw new Error('no bucket')
    return { bucket, fleet }
  }
  /** What was foretold of the next decision, and what stands there when it is written. */
  const step = async () => {
    const { bucket, fleet } = await load()
    const foretold = applyDecision(bucket.state, decideBucket(bucket.state, fleet))
    const woken: string[] = []
    const off = pool.onWake((topic) => void woken.push(topic))
    await pool.transaction((tx) => writeDecisions(tx, [decidedOf(bucket, fleet)]))
    off()
    return { foretold: told(foretold), written: told((await load()).bucket.state), woken: woken.toSorted() }
  }
  return { pool, rows, id, load, step }
}

/** What both must tell: ids of new rows and the numbers of a sequence are chosen when it is written. */
function told({ replicas, route, masterTask, masterTrouble }: BucketState) {
  return {
    masterTask,
    masterTrouble,
    replicas: replicas.map(({ id: _, withdrawnNumber, withdrawnSeconds, ...row }) => ({
      ...row,
      withdrawn: withdrawnNumber !== null,
      drained: withdrawnSeconds !== null,
    })),
    table: route?.table ?? null,
  }
}

test('what a decision leaves is what was foretold of it, from the first copy to the last trace of it', async () => {
  const { pool, rows, id, step } = await start()
  const steps: (() => Promise<unknown>)[] = [
    () => rows.policy(id, 'target_replica_count', 1),
    () => pool.query(`UPDATE replica SET observed = 'complete'`),
    () => pool.query(`UPDATE replica_task SET trouble = '{"kind": "call"}'`),
    () => rows.policy(id, 'drain_delay', 0),
    () => rows.policy(id, 'target_replica_count', 0),
    () => rows.policy(id, 'target_replica_count', 1),
    () => rows.policy(id, 'target_replica_count', 0),
    () => Promise.resolve(), // no proxy counts: drained
    () => Promise.resolve(), // to be evicted
    () => pool.query(`UPDATE replica SET observed = 'absent'`),
    () => pool.query(`UPDATE bucket SET state = 'deleting'`),
    () => Promise.resolve(), // its route is withdrawn: the master goes
  ]
  for (const [n, change] of steps.entries()) {
    await change()
    const { foretold, written } = await step()
    expect(written, `step ${n}`).toEqual(foretold)
  }
})

test('who acts on a decision is woken by it, and nobody by one that changes nothing', async () => {
  const { pool, rows, id, step } = await start()
  await rows.policy(id, 'target_replica_count', 1)
  expect((await step()).woken).toEqual(['event', 'route', 'task']) // the first route, a copy to be made
  expect((await step()).woken).toEqual([])
  await pool.query(`UPDATE replica SET observed = 'complete'`)
  expect((await step()).woken).toEqual(['event', 'route', 'task'])
})

test('what is written once is no difference any more', async () => {
  const { rows, id, step, load } = await start()
  await rows.policy(id, 'target_replica_count', 1)
  await step()
  const { bucket, fleet } = await load()
  const decision = decideBucket(bucket.state, fleet)
  expect(differenceOf(bucket.state, bucket.stored, decision)).toEqual({
    gone: false,
    placement: null,
    moves: false,
    route: null,
    override: null,
    changes: [],
    tasks: [],
  })
})

test("that a user's change is decided is told, though it changes nothing; for others there is nothing to tell", async () => {
  const { pool, step, load } = await start()
  await step()
  const told = async () =>
    (await pool.query<{ topic: string }>('SELECT topic FROM event ORDER BY topic')).rows.map((row) => row.topic)
  const decide = async (intent: boolean) => {
    await pool.query('DELETE FROM event')
    const { bucket, fleet } = await load()
    await pool.transaction((sql) => writeDecisions(sql, [{ ...decidedOf(bucket, fleet), intent }]))
    return told()
  }
  expect(await decide(false)).toEqual([])
  expect(await decide(true)).toEqual(['bucket', 'route'])
})

test('another kind of work on a copy begins without the trouble and the orders that the former had, and at once', async () => {
  const { pool, rows, id, step } = await start()
  await rows.policy(id, 'drain_delay', 0)
  await rows.policy(id, 'target_replica_count', 1)
  await step()
  await pool.query(`UPDATE replica SET observed = 'complete'`)
  await pool.query(
    `UPDATE replica_task SET trouble = '{"kind": "bucket_missing"}', trouble_since = now(), attempts = 5, not_before = now() + interval '1 h',
       allow_deletes = generation WHERE kind = 'first_sync'`,
  )
  await rows.policy(id, 'target_replica_count', 0)
  for (let steps = 0; steps < 3; steps++) await step() // withdrawn, drained, to be evicted
  const { rows: tasks } = await pool.query<object>(
    `SELECT trouble, trouble_since AS since, attempts, not_before <= now() AS due, allow_deletes > 0 AS "allowDeletes"
     FROM replica_task WHERE kind = 'evict'`,
  )
  expect(tasks).toEqual([{ trouble: null, since: null, attempts: 0, due: true, allowDeletes: false }])
})

test('a copy that is wanted anew follows the master that the bucket has by then', async () => {
  const { pool, rows, id, step } = await start()
  await rows.policy(id, 'target_replica_count', 1)
  await step()
  await pool.query(`UPDATE replica SET observed = 'complete'`)
  await rows.policy(id, 'target_replica_count', 0)
  await step()
  await pool.query('UPDATE bucket SET epoch = epoch + 1, generation = generation + 1')
  await rows.policy(id, 'target_replica_count', 1)
  await step()
  const { rows: found } = await pool.query<object>(
    `SELECT r.wanted, r.epoch = b.epoch AS "sameMaster", r.generation = b.generation AS "sameGeneration"
     FROM replica r JOIN bucket b ON b.id = r.bucket_id`,
  )
  expect(found).toEqual([{ wanted: true, sameMaster: true, sameGeneration: true }])
})

test('the drain of a copy begins when the last proxy has left its route behind, and not before', async () => {
  const { pool, rows, id, step } = await start()
  await rows.policy(id, 'target_replica_count', 1)
  await step()
  await pool.query(`UPDATE replica SET observed = 'complete'`)
  await step()
  await rows.policy(id, 'target_replica_count', 0)
  await step()
  const { rows: withdrawn } = await pool.query<{ number: number }>('SELECT withdrawn_number AS number FROM replica')
  const number = withdrawn[0]?.number ?? 0
  const proxy = await rows.proxy('edge-1', { stream: { ackedThrough: number + 10 } })
  await proxy.exception('photos', number, 'nacked')
  const isDrained = async () => (await step()).written.replicas.map(({ drained }) => drained)
  expect(await isDrained()).toEqual([false])
  await pool.query('UPDATE proxy_exception SET number = number + 1') // it has the withdrawal, and refuses what came after it
  expect(await isDrained()).toEqual([true])
})

test('the history of a bucket and what came on time go with it', async () => {
  const { pool, id, step } = await start()
  await pool.query(
    `INSERT INTO replication_run (id, bucket_id, storage_id, kind, outcome, quiet, began_at, ended_at, seconds)
     SELECT gen_random_uuid(), id, master_storage_id, 'master_sweep', 'done', true, now(), now(), 1 FROM bucket`,
  )
  await pool.query(
    `INSERT INTO replica_conformance (bucket_id, storage_id, month, slowest_seconds, slowest_key, slowest_at, slowest_cause)
     SELECT id, master_storage_id, now(), 1, 'k', now(), '{}' FROM bucket`,
  )
  await step()
  await pool.query(`UPDATE bucket SET state = 'deleting', master_done = true WHERE id = $1`, [id])
  await step() // its route is withdrawn
  await expect(step()).rejects.toThrow('no bucket') // it is gone when the decision is written
  const { rows } = await pool.query(
    'SELECT (SELECT count(*) FROM bucket), (SELECT count(*) FROM replication_run) AS runs, (SELECT count(*) FROM replica_conformance) AS months',
  )
  expect(rows).toEqual([{ count: 0, runs: 0, months: 0 }])
})

test('numbers of routes are taken last, and copies that are withdrawn before marks', async () => {
  const { pool, rows, id, step, load } = await start()
  await rows.policy(id, 'target_replica_count', 1)
  await step()
  await pool.query(`UPDATE replica SET observed = 'complete'`)
  await step()
  await rows.policy(id, 'target_replica_count', 0)
  const { bucket, fleet } = await load()
  const free = async (table: string) => (await pool.query(`SELECT 1 FROM ${table} FOR UPDATE SKIP LOCKED`)).rowCount
  let others: unknown
  const beforeNumbers = async () => {
    others = { copies: await free('replica'), numbers: await free('fleet') }
  }
  await pool.transaction((tx) => writeDecisions(tx, [decidedOf(bucket, fleet)], beforeNumbers))
  expect(others).toEqual({ copies: 0, numbers: 1 })
  const { route, replicas } = (await load()).bucket.state
  expect(replicas).toMatchObject([{ wanted: false, withdrawnNumber: route?.number }])
})
