import { v7 } from 'uuid'
import { expect, onTestFinished, test } from 'vitest'
import { createWakeups } from '../../../server/db/core/notify.ts'
import type { Pool, Tx } from '../../../server/db/core/pool.ts'
import { createLog } from '../../../server/log.ts'
import { type DecisionMetrics, startBucketReconciler } from '../../../server/reconcile/bucket-reconciler.ts'
import { eventually } from '../../support/eventually.ts'
import { freshPool } from '../../support/fresh-pool.ts'
import { untilSomebodyWaits } from '../../support/until-somebody-waits.ts'
import { fleet } from '../../support/world/fleet.ts'

async function start() {
  const pool = await freshPool(3)
  const wakeups = await createWakeups(pool, () => undefined)
  onTestFinished(() => wakeups.stop())
  const rows = fleet(pool)
  const hpc = await rows.cluster('hpc', { urls: ['http://hpc.invalid'] })
  const reconcile = (own: Pool, metrics?: DecisionMetrics) => {
    const log = createLog('silent', 'test')
    const running = startBucketReconciler({
      ...{ pool: own, wakeups, log },
      ...(metrics ? { metrics } : {}),
    })
    onTestFinished(() => running.stop())
  }
  const routed = async () =>
    (await pool.query<{ name: string }>('SELECT bucket_name AS name FROM route ORDER BY 1')).rows.map((row) => row.name)
  return { pool, rows, hpc, reconcile, routed }
}

test('a bucket that cannot be decided holds up no other, and is tried again', async () => {
  const { pool, rows, hpc, reconcile, routed } = await start()
  const [bad, good] = [(await hpc.store.bucket('bad')).id, (await hpc.store.bucket('good')).id]
  await pool.query(
    `CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'not this one'; END $$;
     CREATE TRIGGER refuse BEFORE INSERT ON route FOR EACH ROW WHEN (NEW.bucket_name = 'bad') EXECUTE FUNCTION refuse()`,
  )
  await rows.mark({ kind: 'ids', ids: [bad, good] })
  reconcile(pool)
  await eventually('the other is decided', async () => (await routed()).includes('good'))
  const left = async () =>
    (await pool.query<{ id: string; attempts: number }>('SELECT bucket_id AS id, attempts FROM dirty_bucket')).rows
  await eventually('it is tried again', async () => ((await left())[0]?.attempts ?? 0) > 1)
  expect(await left()).toMatchObject([{ id: bad }])
  expect(await routed()).toEqual(['good'])
})

test('a bucket that is marked by itself does not wait for those that were marked with all others', async () => {
  const { pool, rows, hpc, reconcile, routed } = await start()
  for (const name of ['many-1', 'many-2']) await hpc.store.bucket(name)
  const one = await hpc.store.bucket('one')
  // Who decides many is held up.
  await pool.query(
    `CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_advisory_xact_lock(1); RETURN NEW; END $$;
     CREATE TRIGGER wait BEFORE UPDATE ON dirty_bucket FOR EACH ROW WHEN (NEW.turn > 0 AND NEW.lease_owner IS NOT NULL)
       EXECUTE FUNCTION wait()`,
  )
  await rows.mark({ kind: 'all' })
  await pool.transaction(async (tx) => {
    await tx.query('SELECT pg_advisory_xact_lock(1)')
    reconcile(pool)
    await rows.mark({ kind: 'ids', ids: [one.id] })
    await eventually('it is decided', async () => (await routed()).length > 0)
    expect(await routed()).toEqual(['one'])
  })
  await eventually('the others are, too', async () => (await routed()).length === 3)
})

test('one of many that is marked by itself while it is decided is decided again as soon as that is done', async () => {
  const { pool, rows, hpc, reconcile } = await start()
  const { id } = await hpc.store.bucket('one')
  await pool.query(
    `CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_advisory_xact_lock(1); RETURN NEW; END $$;
     CREATE TRIGGER wait BEFORE INSERT ON route_table FOR EACH ROW EXECUTE FUNCTION wait()`,
  )
  await rows.mark({ kind: 'all' })
  let markedAt = 0
  await pool.transaction(async (tx) => {
    await tx.query('SELECT pg_advisory_xact_lock(1)')
    reconcile(pool)
    await untilSomebodyWaits(pool)
    await rows.policy(id, 'invocation_timeout', 7)
    await rows.mark({ kind: 'ids', ids: [id] })
    markedAt = performance.now()
  })
  const decided = `SELECT 1 FROM route r JOIN route_table t ON t.id = r.table_id WHERE t.timeout_ms = 7000`
  await eventually('it is decided again', async () => (await pool.query(decided)).rowCount === 1)
  // Nobody woke for it, that would be when the lease of the first decision is over.
  expect(performance.now() - markedAt).toBeLessThan(3_000)
})

test('each decision is counted once, by what it came to, and not before it is committed', async () => {
  const { pool, rows, hpc, reconcile } = await start()
  const made = await Promise.all(Array.from({ length: 7 }, (_, i) => hpc.store.bucket(`b${i}`)))
  const buckets = made.map(({ id }) => id)
  for (const id of buckets.slice(0, 3)) await rows.policy(id, 'target_replica_count', 5)
  for (const id of buckets.slice(3, 5)) await rows.policy(id, 'zones', ['nowhere'])
  await pool.query(
    `CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'not this one'; END $$;
     CREATE TRIGGER refuse BEFORE INSERT ON route FOR EACH ROW WHEN (NEW.bucket_name = 'b6') EXECUTE FUNCTION refuse()`,
  )
  const counts = new Map<string, number>()
  const count = (what: string) => counts.set(what, (counts.get(what) ?? 0) + 1)
  const seconds: number[] = []
  await rows.mark({ kind: 'ids', ids: buckets })
  reconcile(pool, {
    decided(result, took) {
      count(result)
      seconds.push(took)
    },
    failed: () => count('failed'),
  })
  await eventually('one is tried again and again', () => (counts.get('failed') ?? 0) > 1)
  const { rows: stored } = await pool.query<{ condition: string; n: number }>(
    `SELECT lower(placement_condition) AS condition, count(*) AS n FROM bucket WHERE name <> 'b6' GROUP BY 1`,
  )
  expect(stored.length).toBeGreaterThan(1)
  counts.delete('failed')
  expect(counts).toEqual(new Map(stored.map(({ condition, n }) => [condition, n])))
  expect(seconds).toHaveLength(6)
  for (const took of seconds) expect(took).toBeGreaterThan(0)
})

test('a decision whose lease has run out is not written', async () => {
  const { pool, rows, hpc, reconcile, routed } = await start()
  await rows.mark({ kind: 'ids', ids: [(await hpc.store.bucket('photos')).id] })
  let tried = 0
  /** Before the decision is written another process has taken the bucket. */
  const late: Pool = {
    ...pool,
    transaction: (work: (tx: Tx) => Promise<never>) => {
      return pool
        .query('UPDATE dirty_bucket SET lease_owner = $1', [v7()])
        .then(() => pool.transaction(work))
        .finally(() => tried++) as Promise<never>
    },
  }
  reconcile(late)
  await eventually('it was tried, and then alone', () => tried === 2)
  expect((await pool.query('SELECT 1 FROM dirty_bucket')).rowCount).toBe(1)
  expect(await routed()).toEqual([])
})
