import { randomUUID } from 'node:crypto'
import { expect, onTestFinished, test } from 'vitest'
import { createPool } from '../../../../server/db/core/pool.ts'
import { claimTasks, finishTask, type TaskEnd } from '../../../../server/db/queue/replica-tasks.ts'
import { freshDatabase } from '../../../support/postgres.ts'
import { fleet } from '../../../support/world/fleet.ts'

const owner = randomUUID()
const room = { free: new Map(), otherwise: 10, brokenMasters: [] }

/** A sweep with orders, claimed. */
async function start() {
  const pool = createPool(await freshDatabase(), { max: 2, onError: () => undefined })
  onTestFinished(() => pool.end())
  const world = fleet(pool)
  const [hpc, edge] = [await world.cluster('hpc'), await world.cluster('edge')]
  const replica = await (await hpc.store.bucket('photos')).replica(edge.store)
  await replica.task('sweep', { allowDeletes: true, overwrite: true, resubscribe: true })
  const [claim] = await claimTasks(pool, { owner, seconds: 30 }, room)
  if (claim === undefined) throw new Error('nothing to claim')
  const finish = (end: TaskEnd) => pool.transaction((sql) => finishTask(sql, owner, claim, end))
  const row = async () =>
    (
      await pool.query<object>(
        `SELECT allow_deletes AS "allowDeletes", overwrite, resubscribe, attempts, not_before <= now() AS due FROM replica_task`,
      )
    ).rows[0]
  return { pool, finish, row }
}
const orders = { allowDeletes: true, overwrite: true, resubscribe: true }
const done = { end: 'done', kind: 'sweep', seconds: 60, intervalS: 60 } as const

test('orders hold for the run that they were given for, and stay in force when it fails', async () => {
  const failed = await start()
  await failed.finish({ end: 'again', seconds: 60, failed: true })
  expect(await failed.row()).toEqual({ ...orders, attempts: 1, due: false })
  const well = await start()
  await well.finish(done)
  expect(await well.row()).toEqual({
    allowDeletes: false,
    overwrite: false,
    resubscribe: false,
    attempts: 0,
    due: false,
  })
})

test('what was asked for while a run was under way is due at once, with its orders', async () => {
  const { pool, finish, row } = await start()
  await pool.query('UPDATE replica_task SET generation = generation + 1')
  await finish(done)
  expect(await row()).toEqual({ ...orders, attempts: 0, due: true })
})
