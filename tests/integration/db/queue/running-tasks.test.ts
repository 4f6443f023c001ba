import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { finishTask } from '../../../../server/db/queue/finish-task.ts'
import { beginProgress, renewTasks, saveCheckpoint, takeOverwrite } from '../../../../server/db/queue/running-tasks.ts'
import { orderResync } from '../../../../server/db/queue/sweeps.ts'
import { claimedSweep, done, owner } from './claimed-sweep.ts'

test.for(['finishes it', 'prolongs it'])(
  'a task that another mover holds by now stays as that one has it when its former holder %s',
  async (what) => {
    const { pool, claim, claimAs, finish } = await claimedSweep()
    const all = async () => (await pool.query<object>('SELECT * FROM replica_task')).rows
    await pool.query(`UPDATE replica_task SET lease_until = now() - interval '1 ms'`)
    await claimAs(randomUUID())
    const before = await all()
    expect(before).toHaveLength(1)
    if (what === 'finishes it') await finish(done)
    else expect(await renewTasks(pool, { owner, seconds: 60 }, [claim])).toEqual([])
    expect(await all()).toEqual(before)
  },
)

test('how far a look is stays with its task where its run was lost or cut off, and goes with any other end', async () => {
  const { pool, claim, claimAs, finish } = await claimedSweep()
  const checkpoint = {
    kind: 'sweep',
    mark: claim.mark,
    shape: 1,
    buckets: [1, 2],
    after: 'k "1"',
    startedAt: 7,
    sums: {},
  } as const
  expect(claim.checkpoint).toBeNull()
  await saveCheckpoint(pool, claim, checkpoint)
  await finish({ end: 'again', seconds: 0, failed: false, cutOff: true })
  const second = await claimAs(owner)
  expect(second.checkpoint).toEqual({ ...checkpoint, savedAt: expect.any(Number) as number })
  await saveCheckpoint(pool, claim, { ...checkpoint, after: 'of a run whose place another took' })
  await pool.query(`UPDATE replica_task SET lease_until = now() - interval '1 ms'`)
  const third = await claimAs(owner)
  expect(third.checkpoint).toEqual(second.checkpoint)
  await pool.transaction((sql) => finishTask(sql, owner, third, { end: 'again', seconds: 0, failed: false }, null))
  expect((await claimAs(owner)).checkpoint).toBeNull()
})

test('why the work on a copy failed before is past when it goes on, and its bucket is decided again', async () => {
  const { pool, claim } = await claimedSweep()
  const trouble = { kind: 'call', store: 'edge', error: 'refused', detail: 'no' }
  await pool.query('UPDATE replica_task SET trouble = $1::jsonb, trouble_since = now()', [JSON.stringify(trouble)])
  const goesOn = () => pool.transaction((tx) => beginProgress(tx, claim, { objects: 3, bytes: 30 }))
  const marked = async () => (await pool.query('DELETE FROM dirty_bucket')).rowCount
  await marked()
  await goesOn()
  expect((await pool.query('SELECT trouble, trouble_since AS since, phase FROM replica_task')).rows).toEqual([
    { trouble: null, since: null, phase: 'copying' },
  ])
  expect(await marked()).toBe(1)
  await goesOn()
  expect(await marked()).toBe(0)
})

test('an order to overwrite is followed by one run: not by one whose place another took, nor by one that began before it', async () => {
  const { pool, claim, claimAs } = await claimedSweep()
  await pool.query(`UPDATE replica_task SET lease_until = now() - interval '1 ms'`)
  const second = await claimAs(randomUUID())
  const takes = (run: typeof claim) => pool.transaction((tx) => takeOverwrite(tx, run))
  expect(await takes(claim)).toBe(false)
  expect(await takes(second)).toBe(true)
  expect(await takes(second), 'once').toBe(false)
  await orderResync(pool, second, 'sweep', { allowDeletes: false, overwrite: true })
  expect(await takes(second), 'of a later order').toBe(false)
})

test.for(['somebody asked for a look', 'its run ended well'])(
  'how far a look is is not noted any more once %s',
  async (what) => {
    const { pool, claim, finish } = await claimedSweep()
    if (what.startsWith('somebody')) await orderResync(pool, claim, 'sweep', { allowDeletes: false, overwrite: false })
    else await finish(done)
    await saveCheckpoint(pool, claim, {
      kind: 'sweep',
      mark: claim.mark,
      shape: 1,
      buckets: [],
      after: 'k',
      startedAt: 7,
      sums: {},
    })
    expect((await pool.query('SELECT checkpoint FROM replica_task')).rows).toEqual([{ checkpoint: null }])
  },
)
