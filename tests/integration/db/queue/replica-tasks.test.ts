import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import type { Tx } from '../../../../server/db/core/pool.ts'
import { claimTasks } from '../../../../server/db/queue/claim-tasks.ts'
import { finishTask } from '../../../../server/db/queue/finish-task.ts'
import { findFillable } from '../../../../server/db/queue/held-objects.ts'
import { beginProgress, renewTasks, saveCheckpoint } from '../../../../server/db/queue/running-tasks.ts'
import { orderResync, sweepAfterCommit, sweepSoon, sweepWithin } from '../../../../server/db/queue/sweeps.ts'
import type { CopyId } from '../../../../server/domain/replica/copy-id.ts'
import type { TaskEnd } from '../../../../server/domain/replica/task-end.ts'
import { freshPool } from '../../../support/fresh-pool.ts'
import { fleet } from '../../../support/world/fleet.ts'

const owner = randomUUID()
const room = { free: new Map(), otherwise: 10, brokenMasters: [], served: null }

/** A sweep with orders, claimed. */
async function start() {
  const pool = await freshPool()
  const world = fleet(pool)
  const [hpc, edge] = [await world.cluster('hpc'), await world.cluster('edge')]
  const replica = await (await hpc.store.bucket('photos')).replica(edge.store)
  await replica.task('sweep', { allowDeletes: 1, overwrite: 1, resubscribe: 1 })
  const claimAs = async (by: string) => {
    const [claimed] = await claimTasks(pool, { owner: by, seconds: 30 }, room)
    if (claimed === undefined) throw new Error('nothing to claim')
    return claimed
  }
  const claim = await claimAs(owner)
  const finish = (end: TaskEnd) => pool.transaction((sql) => finishTask(sql, owner, claim, end, null))
  const row = async () =>
    (
      await pool.query<object>(
        `SELECT allow_deletes > 0 AS "allowDeletes", overwrite > 0 AS overwrite, resubscribe > 0 AS resubscribe, attempts, not_before <= now() AS due FROM replica_task`,
      )
    ).rows[0]
  return { pool, claim, claimAs, finish, row }
}
const orders = { allowDeletes: true, overwrite: true, resubscribe: true }
const done = { end: 'done', kind: 'sweep', seconds: 60, quietLooks: 0 } as const

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

test.each<TaskEnd>([done, { end: 'again', seconds: 60, failed: true }, { end: 'gone', did: true }])(
  'what was asked for while a run was under way is due at once, with its orders, however the run ends ($end)',
  async (end) => {
    const { pool, claim, finish, row } = await start()
    await orderResync(pool, claim, 'sweep', { allowDeletes: true, overwrite: true })
    await finish(end)
    expect(await row()).toEqual({ ...orders, resubscribe: end.end !== 'done', attempts: 0, due: true })
  },
)

test('what was ordered of a run holds for it alone, also where another was ordered meanwhile', async () => {
  const { pool, claim, claimAs, finish } = await start()
  await orderResync(pool, claim, 'sweep', { allowDeletes: false, overwrite: false })
  await finish(done)
  expect(await claimAs(owner)).toMatchObject({ allowDeletes: false, overwrite: false, full: true })
})

test('what a run did and learnt ends with it though it was asked for again: its orders, and that it found something', async () => {
  const { pool, claim, claimAs, finish, row } = await start()
  await pool.query('UPDATE replica_task SET quiet_looks = 5, quiet_since = now()')
  await sweepSoon(pool, claim.bucketId, claim.storageId)
  await finish(done)
  expect(await row()).toEqual({ allowDeletes: false, overwrite: false, resubscribe: false, attempts: 0, due: true })
  expect((await claimAs(owner)).quietLooks).toBe(0)
})

test('a run that ends well takes the trouble of the one before away, and the bucket is decided again', async () => {
  const { pool, claim, claimAs, finish } = await start()
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

test.for(['finishes it', 'prolongs it'])(
  'a task that another mover holds by now stays as that one has it when its former holder %s',
  async (what) => {
    const { pool, claim, claimAs, finish } = await start()
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
  const { pool, claim, claimAs, finish } = await start()
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

test('a task is claimed by nobody else while its lease lasts', async () => {
  const { pool, claimAs } = await start()
  await expect(claimAs(randomUUID())).rejects.toThrow('nothing to claim')
  await pool.query(`UPDATE replica_task SET lease_until = now() - interval '1 ms'`)
  await claimAs(randomUUID())
})

test('while a master does not answer nothing is compared with it, but a first copy of what another whole copy holds begins', async () => {
  const pool = await freshPool()
  const world = fleet(pool)
  const [hpc, edge, cloud] = [await world.cluster('hpc'), await world.cluster('edge'), await world.cluster('cloud')]
  const [held, alone] = [await hpc.store.bucket('held'), await hpc.store.bucket('alone')]
  await (await held.replica(edge.store)).task('sweep')
  for (const bucket of [held, alone])
    await (await bucket.replica(cloud.store, { observed: 'absent' })).task('first_sync')
  const claimed = async (brokenMasters: string[]) => {
    const { fillable } = await findFillable(pool, brokenMasters, null)
    const claims = await claimTasks(pool, { owner, seconds: 30 }, { ...room, brokenMasters, fillable })
    return claims.map(({ kind, bucketId }) => [kind, bucketId])
  }
  expect(await claimed([hpc.store.id])).toEqual([['first_sync', held.id]])
  expect(await claimed([])).toHaveLength(2)
})

test('what other copies can fill is found among however many first copies that wait for their master, page by page', async () => {
  const pool = await freshPool()
  const world = fleet(pool)
  const [hpc, edge, cloud] = [await world.cluster('hpc'), await world.cluster('edge'), await world.cluster('cloud')]
  await pool.query(
    `WITH b AS (INSERT INTO bucket (id, name, state, master_storage_id, master_bucket_name)
       SELECT gen_random_uuid(), 'b' || i, 'active', $1::uuid, 'b' || i FROM generate_series(1, 2500) i RETURNING id, name),
     r AS (INSERT INTO replica (id, bucket_id, storage_id, bucket_name, wanted, generation, epoch, observed)
       SELECT gen_random_uuid(), id, s, name, true, 1, 1, CASE WHEN s = $2 AND name IN ('b7', 'b1700') THEN 'complete' ELSE 'absent' END
       FROM b CROSS JOIN unnest(ARRAY[$2::uuid, $3]) AS s)
     INSERT INTO replica_task (bucket_id, storage_id, kind) SELECT id, $3::uuid, 'first_sync' FROM b`,
    [hpc.store.id, edge.store.id, cloud.store.id],
  )
  const found: string[] = []
  let pages = 0
  for (let after: CopyId | null | undefined; after !== null; pages++) {
    const brokenMasters = [hpc.store.id]
    const { fillable, last } = await findFillable(pool, brokenMasters, after ?? null)
    const claims = await claimTasks(pool, { owner, seconds: 30 }, { ...room, brokenMasters, fillable })
    found.push(...claims.map(({ bucketId }) => bucketId))
    after = last
  }
  const { rows } = await pool.query<{ name: string }>('SELECT name FROM bucket WHERE id = ANY($1) ORDER BY name', [
    found,
  ])
  expect({ names: rows.map(({ name }) => name), pages }).toEqual({ names: ['b1700', 'b7'], pages: 3 })
})

test('a bound that is set while a look goes on brings another one, for that look knows nothing of it', async () => {
  const { pool, finish, row } = await start()
  await sweepWithin(pool, null, { seconds: 3_600, of: 'all' })
  await finish({ ...done, seconds: 86_400 })
  expect(await row()).toMatchObject({ due: true })
})

test('a bound of what nobody tells brings looks at masters forward whose events are not believed, and no others', async () => {
  const pool = await freshPool()
  const world = fleet(pool)
  const [hpc, edge] = [await world.cluster('hpc'), await world.cluster('edge')]
  const [believed, untold] = [await hpc.store.bucket('believed'), await hpc.store.bucket('untold')]
  for (const bucket of [believed, untold]) {
    await bucket.task('master_sweep')
    await (await bucket.replica(edge.store)).task('sweep')
  }
  await pool.query(
    `UPDATE replica_task SET not_before = now() + interval '1 day', started_at = now() - interval '1 hour'`,
  )
  await pool.query('INSERT INTO bucket_events (bucket_id, untold_at) VALUES ($1, now())', [untold.id])
  await sweepWithin(pool, null, { seconds: 30, of: 'untold' })
  const { rows } = await pool.query('SELECT kind, bucket_id AS bucket FROM replica_task WHERE not_before <= now()')
  expect(rows).toEqual([{ kind: 'master_sweep', bucket: untold.id }])
})

test('what a run suffered says nothing of the work of another kind that was decided in its place', async () => {
  const { pool, claim, finish } = await start()
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

test('a bound that is set while a look goes on does not hold up the next one, should its mover be gone', async () => {
  const { pool, claimAs } = await start()
  await sweepWithin(pool, null, { seconds: 3_600, of: 'all' })
  await pool.query(`UPDATE replica_task SET lease_until = now() - interval '1 ms'`)
  await claimAs(randomUUID())
})

test.for<[string, (tx: Tx, id: CopyId) => Promise<void>]>([
  ['a look', (tx, { bucketId, storageId }) => sweepAfterCommit(tx, bucketId, storageId)],
  ['a bound', (tx) => sweepWithin(tx, null, { seconds: 3_600, of: 'all' })],
])(
  'who asks for %s in a transaction asks for one that begins after its commit, also where one is due already',
  async ([, ask]) => {
    const { pool, claim, claimAs, finish } = await start()
    await finish({ end: 'again', seconds: 0, failed: false })
    await pool.transaction(async (tx) => {
      await ask(tx, claim)
      await expect(claimAs(owner)).rejects.toThrow('nothing to claim')
    })
    await claimAs(owner)
  },
)

test('why the work on a copy failed before is past when it goes on, and its bucket is decided again', async () => {
  const { pool, claim } = await start()
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

test.for(['bucket', 'link', 'window'] as const)(
  'work on the content of a copy is not begun while its %s holds it, and what takes copies away or looks at masters is',
  async (held) => {
    const pool = await freshPool()
    const world = fleet(pool)
    const [hpc, edge] = [await world.cluster('hpc'), await world.cluster('edge')]
    const bucket = await hpc.store.bucket('photos')
    await bucket.task('master_sweep')
    const replica = await bucket.replica(edge.store)
    await replica.task('sweep')
    const claimed = async () => (await claimTasks(pool, { owner, seconds: 0 }, room)).map(({ kind }) => kind).toSorted()
    expect(await claimed()).toEqual(['master_sweep', 'sweep'])
    switch (held) {
      case 'bucket':
        await pool.query(`INSERT INTO bucket_pause (bucket_id, actor) VALUES ($1, 'somebody')`, [bucket.id])
        break
      case 'link':
        await pool.query(`INSERT INTO link_pause (from_storage_id, to_storage_id, actor) VALUES ($1, $2, 'somebody')`, [
          hpc.store.id,
          edge.store.id,
        ])
        break
      case 'window':
        await pool.query(
          `INSERT INTO closed_window (storage_id, closes_at, opens_at) VALUES ($1, now(), now() + interval '1 h')`,
          [edge.store.id],
        )
    }
    for (const kind of ['sweep', 'first_sync']) {
      await pool.query('UPDATE replica_task SET kind = $1 WHERE storage_id = $2', [kind, edge.store.id])
      expect(await claimed()).toEqual(['master_sweep'])
    }
    for (const kind of ['evict', 'release']) {
      await pool.query('UPDATE replica_task SET kind = $1 WHERE storage_id = $2', [kind, edge.store.id])
      expect(await claimed()).toEqual([kind, 'master_sweep'].toSorted())
    }
  },
)
