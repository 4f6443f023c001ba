import { expect, test } from 'vitest'
import { finishTask } from '../../../../server/db/queue/finish-task.ts'
import { orderResync, sweepSoon } from '../../../../server/db/queue/sweeps.ts'
import type { TaskEnd } from '../../../../server/domain/replica/task-end.ts'
import { claimedSweep, done, owner } from './claimed-sweep.ts'

const orders = { allowDeletes: true, overwrite: true, resubscribe: true }

test('orders hold for the run that they were given for, and stay in force when it fails', async () => {
  const failed = await claimedSweep()
  await failed.finish({ end: 'again', seconds: 60, failed: true })
  expect(await failed.row()).toEqual({ ...orders, attempts: 1, due: false })
  const well = await claimedSweep()
  await well.finish(done)
  expect(await well.row()).toEqual({
    allowDeletes: false,
    overwrite: false,
    resubscribe: false,
    attempts: 0,
    due: false,
  })
})

test.each<TaskEnd>([done, { end: 'again', seconds: 60, failed: true }, { end: 'gone', did: true }])(
  'what was asked for while a run was under way is due at once, with its orders, however the run ends ($end)',
  async (end) => {
    const { pool, claim, finish, row } = await claimedSweep()
    await orderResync(pool, claim, 'sweep', { allowDeletes: true, overwrite: true })
    await finish(end)
    expect(await row()).toEqual({ ...orders, resubscribe: end.end !== 'done', attempts: 0, due: true })
  },
)

test('what was ordered of a run holds for it alone, also where another was ordered meanwhile', async () => {
  const { pool, claim, claimAs, finish } = await claimedSweep()
  await orderResync(pool, claim, 'sweep', { allowDeletes: false, overwrite: false })
  await finish(done)
  expect(await claimAs(owner)).toMatchObject({ allowDeletes: false, overwrite: false, full: true })
})

test('what a run did and learnt ends with it though it was asked for again: its orders, and that it found something', async () => {
  const { pool, claim, claimAs, finish, row } = await claimedSweep()
  await pool.query('UPDATE replica_task SET quiet_looks = 5, quiet_since = now()')
  await sweepSoon(pool, claim.bucketId, claim.storageId)
  await finish(done)
  expect(await row()).toEqual({ allowDeletes: false, overwrite: false, resubscribe: false, attempts: 0, due: true })
  expect((await claimAs(owner)).quietLooks).toBe(0)
})

test('a run that ends well takes the trouble of the one before away, and the bucket is decided again', async () => {
  const { pool, claim, claimAs, finish } = await claimedSweep()
  const seen = async () =>
    (
      await pool.query<object>(
        `SELECT t.trouble, t.trouble_since AS since, d.bucket_id IS NOT NULL AS marked
         FROM replica_task t LEFT JOIN dirty_bucket d USING (bucket_id)`,
      )
    ).rows[0]
  const trouble = { kind: 'foreign_bucket', store: 'edge', bucket: 'photos' } as const
  await finish({ end: 'again', seconds: 0, failed: true, trouble })
  expect(await seen()).toMatchObject({ trouble, marked: true })
  await pool.query('DELETE FROM dirty_bucket')
  const next = await claimAs(owner)
  expect(next.mark).toBe(claim.mark)
  await pool.transaction((sql) => finishTask(sql, owner, next, done, null))
  expect(await seen()).toEqual({ trouble: null, since: null, marked: true })
})

test('what a run suffered says nothing of the work of another kind that was decided in its place', async () => {
  const { pool, claim, finish } = await claimedSweep()
  await pool.query(`UPDATE replica_task SET kind = 'evict', generation = generation + 1, trouble = NULL`)
  await finish({
    end: 'again',
    seconds: 60,
    failed: true,
    trouble: { kind: 'foreign_bucket', store: 'edge', bucket: 'photos' },
  })
  const { rows } = await pool.query<object>('SELECT kind, trouble, lease_owner AS owner FROM replica_task')
  expect(rows).toEqual([{ kind: 'evict', trouble: null, owner: null }])
  expect(claim.kind).toBe('sweep')
})
