// Many ask for work on one copy while movers take it and end it: no asking is lost, whenever it comes.

import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import type { Tx } from '../../../../server/db/core/pool.ts'
import { replaceKind, replaceTasks } from '../../../../server/db/queue/ask.ts'
import { type ClaimedTask, claimTasks } from '../../../../server/db/queue/claim-tasks.ts'
import { finishTask } from '../../../../server/db/queue/finish-task.ts'
import {
  orderResync,
  sweepAfterCommit,
  sweepAllowingDeletes,
  sweepStore,
  sweepWithin,
} from '../../../../server/db/queue/sweeps.ts'
import type { CopyId } from '../../../../server/domain/replica/copy-id.ts'
import type { TaskEnd } from '../../../../server/domain/replica/task-end.ts'
import { eventually } from '../../../support/eventually.ts'
import { freshPool } from '../../../support/fresh-pool.ts'
import { fleet } from '../../../support/world/fleet.ts'

const room = { free: new Map(), otherwise: 10, brokenMasters: [], served: null }

async function start(kind: 'sweep' | 'evict' = 'sweep') {
  const pool = await freshPool(8)
  const world = fleet(pool)
  const [hpc, edge] = [await world.cluster('hpc'), await world.cluster('edge')]
  const bucket = await hpc.store.bucket('photos')
  await (await bucket.replica(edge.store)).task(kind)
  const claim = async (owner: string) => (await claimTasks(pool, { owner, seconds: 30 }, room))[0]
  return { pool, copy: { bucketId: bucket.id, storageId: edge.store.id }, claim }
}

type Ask = readonly [ask: (tx: Tx, copy: CopyId) => Promise<void>, order?: 'full' | 'allowDeletes']
const asks: readonly Ask[] = [
  [(tx, { bucketId, storageId }) => sweepAfterCommit(tx, bucketId, storageId)],
  [(tx) => sweepWithin(tx, null, { seconds: 0, of: 'all' })],
  [(tx, copy) => orderResync(tx, copy, 'sweep', { allowDeletes: false, overwrite: false }), 'full'],
  [(tx, { bucketId }) => sweepAllowingDeletes(tx, bucketId), 'allowDeletes'],
  [(tx, { storageId }) => sweepStore(tx, storageId, 'not-known')],
]
const ends: readonly TaskEnd[] = [
  { end: 'done', kind: 'sweep', seconds: 86_400, quietLooks: 1 },
  { end: 'again', seconds: 0, failed: true },
  { end: 'done', kind: 'sweep', seconds: 86_400, quietLooks: 0 },
]

test('each asking is followed by a run that began after it, under its order, and was done', async () => {
  const { pool, copy, claim } = await start()
  await pool.query('CREATE TABLE asked (id int PRIMARY KEY)')
  const perUser = 30
  const lacking = new Map<number, Ask[1]>()
  const askers = [0, 1, 2].map(async (user) => {
    for (let n = 0; n < perUser; n++) {
      const id = user * perUser + n
      const [ask, order] = asks[id % asks.length] ?? []
      lacking.set(id, order)
      await pool.transaction(async (tx) => {
        await tx.query('INSERT INTO asked (id) VALUES ($1)', [id])
        await ask?.(tx, copy)
      })
    }
  })
  let asking = true
  const movers = [0, 1, 2].map(async () => {
    const owner = randomUUID()
    for (let runs = 0; ; runs++) {
      const isLast = !asking
      const task: ClaimedTask | undefined = await claim(owner)
      if (task === undefined) {
        if (isLast) return
        continue
      }
      const { rows } = await pool.query<{ id: number }>('SELECT id FROM asked')
      const end = ends[runs % ends.length] ?? { end: 'gone', did: true }
      await pool.transaction((tx) => finishTask(tx, owner, task, end, null))
      if (end.end !== 'done') continue
      for (const { id } of rows) {
        const order = lacking.get(id)
        if (order === undefined || task[order]) lacking.delete(id)
      }
    }
  })
  await Promise.all(askers)
  asking = false
  await Promise.all(movers)
  expect([...lacking]).toEqual([])
  const { rows } = await pool.query<object>(
    'SELECT lease_owner AS owner, allow_deletes > 0 AS "allowDeletes", "full" > 0 AS "full", not_before > now() AS later FROM replica_task',
  )
  expect(rows).toEqual([{ owner: null, allowDeletes: false, full: false, later: true }])
})

test('a run that ends while somebody asks ends after him', async () => {
  const { pool, copy, claim } = await start()
  const owner = randomUUID()
  const task = await claim(owner)
  if (task === undefined) throw new Error('nothing to claim')
  let ending: Promise<void> | undefined
  await pool.transaction(async (tx) => {
    await sweepAfterCommit(tx, copy.bucketId, copy.storageId)
    ending = pool.transaction((other) => finishTask(other, owner, task, ends[0] ?? { end: 'gone', did: true }, null))
    const isWaiting = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`
    await eventually('the end waits for him', async () => (await pool.query(isWaiting)).rowCount)
  })
  await ending
  expect(await claim(owner)).toMatchObject({ kind: 'sweep' })
})

test('who asks for what is due already does not take its turn away', async () => {
  const { pool, copy } = await start()
  await pool.query(`UPDATE replica_task SET not_before = '2026-01-01'`)
  for (const [ask] of asks) await pool.transaction((tx) => ask(tx, copy))
  expect((await pool.query(`SELECT 1 FROM replica_task WHERE not_before = '2026-01-01'`)).rowCount).toBe(1)
})

test('a copy on which no work was begun is resynced all the same, and once', async () => {
  const { pool, copy, claim } = await start()
  await pool.query('DELETE FROM replica_task')
  await pool.transaction((tx) => orderResync(tx, copy, 'first_sync', { allowDeletes: true, overwrite: false }))
  const owner = randomUUID()
  const task = await claim(owner)
  if (task === undefined) throw new Error('nothing to claim')
  expect(task).toMatchObject({ kind: 'first_sync', full: true, allowDeletes: true, overwrite: false })
  await pool.transaction((tx) => finishTask(tx, owner, task, ends[0] ?? { end: 'gone', did: true }, null))
  const { rows } = await pool.query<object>(
    'SELECT kind, "full" > 0 AS "full", allow_deletes > 0 AS "allowDeletes" FROM replica_task',
  )
  expect(rows).toEqual([{ kind: 'sweep', full: false, allowDeletes: false }])
})

test('an eviction becomes a release, and nothing else does', async () => {
  const { pool, copy } = await start('evict')
  const kinds = async () => (await pool.query<{ kind: string }>('SELECT kind FROM replica_task')).rows
  const release = () => replaceKind(pool, copy, { from: 'evict', to: 'release' })
  await release()
  expect(await kinds()).toEqual([{ kind: 'release' }])
  await replaceTasks(pool, [{ ...copy, kind: 'first_sync' }])
  await release()
  expect(await kinds()).toEqual([{ kind: 'first_sync' }])
})
