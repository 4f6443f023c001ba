import { v7 } from 'uuid'
import { expect, onTestFinished, test } from 'vitest'
import { createWakeups } from '../../../server/db/core/notify.ts'
import { createPool, type Pool, type Sql } from '../../../server/db/core/pool.ts'
import { createLog } from '../../../server/log.ts'
import { startBucketReconciler } from '../../../server/reconcile/bucket-reconciler.ts'
import { eventually } from '../../support/eventually.ts'
import { freshDatabase } from '../../support/postgres.ts'
import { fleet } from '../../support/world/fleet.ts'

async function start() {
  const pool = createPool(await freshDatabase(), { max: 3, onError: () => undefined })
  onTestFinished(() => pool.end())
  const wakeups = await createWakeups(pool, () => undefined)
  onTestFinished(() => wakeups.stop())
  const rows = fleet(pool)
  const hpc = await rows.cluster('hpc', { urls: ['http://hpc.invalid'] })
  const reconcile = (own: Pool) => {
    const running = startBucketReconciler({ pool: own, wakeups, log: createLog('silent', 'test'), owner: v7() })
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

test('a decision whose lease has run out is not written', async () => {
  const { pool, rows, hpc, reconcile, routed } = await start()
  await rows.mark({ kind: 'ids', ids: [(await hpc.store.bucket('photos')).id] })
  let tried = 0
  /** Before the decision is written another process has taken the bucket. */
  const late: Pool = {
    ...pool,
    transaction: (work: (sql: Sql) => Promise<never>) => {
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
