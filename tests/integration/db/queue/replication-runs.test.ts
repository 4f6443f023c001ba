// What the history of a copy keeps: what ends alike is one row, a copy has its last rows only, and what is old goes.
import { v7 } from 'uuid'
import { beforeEach, expect, test } from 'vitest'
import { listRuns } from '../../../../server/db/catalogue/replication-runs.ts'
import type { Pool } from '../../../../server/db/core/pool.ts'
import { claimTasks } from '../../../../server/db/queue/claim-tasks.ts'
import { finishTask } from '../../../../server/db/queue/finish-task.ts'
import { type EndedRun, endedRun, noFigures, type RunFigures } from '../../../../server/domain/replica/run.ts'
import type { TaskEnd } from '../../../../server/domain/replica/task-end.ts'
import { freshPool } from '../../../support/fresh-pool.ts'
import { fleet } from '../../../support/world/fleet.ts'

let pool: Pool
let place: { bucketId: string; storageId: string }
beforeEach(async () => {
  pool = await freshPool(4)
  const rows = fleet(pool)
  const [hpc, edge] = [await rows.cluster('hpc'), await rows.cluster('edge')]
  const bucket = await hpc.store.bucket('photos')
  await bucket.task('sweep', { at: edge.store })
  place = { bucketId: bucket.id, storageId: edge.store.id }
})

const room = { free: new Map<string, number>(), otherwise: 1, brokenMasters: [], served: null }
const done: TaskEnd = { end: 'done', kind: 'sweep', seconds: 0, quietLooks: 0 }
const found = (objects: number): RunFigures => ({ ...noFigures, found: { objects, bytes: objects * 10 } })
const quiet = endedRun('sweep', { outcome: 'done', cause: null }, found(0))
const busy = endedRun('sweep', { outcome: 'done', cause: null }, found(3))
const failed = (detail: string): EndedRun | null =>
  endedRun(
    'sweep',
    { outcome: 'failed', cause: { kind: 'call', store: 'edge', error: 'access-denied', detail } },
    noFigures,
  )

async function claim(seconds = 30) {
  const [one] = await claimTasks(pool, { owner: v7(), seconds }, room)
  if (one === undefined) throw new Error('nothing was due')
  return one
}
async function run(ended: EndedRun | null): Promise<void> {
  const { rows } = await pool.query<{ owner: string }>('SELECT gen_random_uuid() AS owner')
  const owner = rows[0]?.owner ?? ''
  const [one] = await claimTasks(pool, { owner, seconds: 30 }, room)
  if (one === undefined) throw new Error('nothing was due')
  await pool.transaction((tx) => finishTask(tx, owner, one, done, ended))
}
const list = (all = true, after?: string, limit = 100) => listRuns(pool, { ...place, quiet: all }, after, limit)
const shown = async (all = true) => (await list(all)).map(({ outcome, runs }) => `${outcome} ${runs}`)

test('what ends alike and found nothing is one row, with the begin of the first and the end of the last', async () => {
  for (const ended of [quiet, quiet, busy, busy, quiet, failed('no'), failed('no'), failed('other'), null])
    await run(ended)
  expect(await shown()).toEqual(['failed 1', 'failed 2', 'done 1', 'done 1', 'done 1', 'done 2'])
  expect(await shown(false)).toEqual(['failed 1', 'failed 2', 'done 1', 'done 1'])
  const [, , , second] = await list()
  expect(second).toMatchObject({ kind: 'sweep', objectsFound: 3, bytesFound: 30, objectsDone: null, cause: null })
  const first = (await list()).at(-1)
  expect((first?.endedAt?.getTime() ?? 0) >= (first?.beganAt.getTime() ?? Number.NaN)).toBe(true)
})

test('a row is not shared for longer than a week', async () => {
  await run(quiet)
  await pool.query(`UPDATE replication_run SET began_at = now() - interval '8 days'`)
  await run(quiet)
  expect(await shown()).toEqual(['done 1', 'done 1'])
})

test('a copy keeps its last 50 rows, and what is older than 30 days goes with the next one of any copy', async () => {
  await run(busy)
  await pool.query(`UPDATE replication_run SET began_at = now() - interval '31 days', bucket_id = gen_random_uuid()`)
  for (let i = 0; i < 52; i++) await run(failed(`${i}`))
  const all = await list()
  expect(all.length).toBe(50)
  expect(all.at(-1)?.cause).toMatchObject({ detail: '2' })
  const { rows } = await pool.query<{ count: number }>('SELECT count(*)::int AS count FROM replication_run')
  expect(rows[0]?.count).toBe(50)
})

test('a run goes on while its lease does; when that ran out it is lost, before and after another takes its place', async () => {
  const first = await claim()
  expect(await list()).toMatchObject([{ id: first.runId, outcome: 'running', endedAt: null, kind: 'sweep' }])
  expect(await shown(false)).toEqual([]) // a comparison that goes on
  await pool.query(`UPDATE replica_task SET lease_until = now() - interval '1 s', not_before = now() - interval '1 s'`)
  const [lost] = await list(false)
  expect(lost).toMatchObject({ id: first.runId, outcome: 'lost', kind: 'sweep' })
  expect(lost?.endedAt).not.toBeNull()
  const second = await claim()
  expect(await list()).toMatchObject([
    { id: second.runId, outcome: 'running' },
    { id: first.runId, outcome: 'lost', place: lost?.place },
  ])
  // The first comes back: what was told of it stands.
  await pool.transaction((tx) => finishTask(tx, v7(), first, done, busy))
  expect((await list())[1]).toMatchObject({ id: first.runId, outcome: 'lost' })
})

test('pages go on behind the last run, whatever came meanwhile', async () => {
  for (let i = 0; i < 5; i++) await run(failed(`${i}`))
  const details = (runs: Awaited<ReturnType<typeof list>>) =>
    runs.map(({ cause }) => (cause?.kind === 'call' ? cause.detail : ''))
  const first = await list(true, undefined, 2)
  const last = first.at(-1)
  await run(failed('new'))
  expect(details(first)).toEqual(['4', '3'])
  expect(details(await list(true, `${last?.place} ${last?.id}`))).toEqual(['2', '1', '0'])
})
