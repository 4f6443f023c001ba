// Commands on copies: how far they are, what holds them up, how they went.
import { v7 } from 'uuid'
import { expect, onTestFinished, test } from 'vitest'
import { addArrivals } from '../../../server/db/copies/conformance.ts'
import { recordRun } from '../../../server/db/queue/replication-runs.ts'
import { addArrival } from '../../../server/domain/replica/conformance.ts'
import { type EndedRun, endedRun, noFigures } from '../../../server/domain/replica/run.ts'
import { startCommands } from '../../support/commands.ts'
import { fromNow } from '../../support/world/fleet.ts'

test('fado get replicas says how far behind a copy is while the brake holds deletes, and as of when it is', async () => {
  const { web, rows, cell } = await startCommands()
  const [hpc, edge] = [await rows.cluster('hpc'), await rows.cluster('edge')]
  const bucket = await hpc.store.bucket('brake')
  await bucket.replica(edge.store)
  expect(await cell('replicas', 'brake', 'BEHIND')).toBe('-')
  expect(await cell('replicas', 'brake', 'AS OF')).toBe('now')

  await web.pool.query(`UPDATE replica SET braked = 140, braked_since = now() - interval '133 s'`)
  expect(await cell('replicas', 'brake', 'BEHIND')).toMatch(/^13[3-9] s$/)
  expect(await cell('replicas', 'brake', 'AS OF')).toMatch(/^13[3-9] s ago$/)
  expect(await cell('replicas', 'brake', 'CAUSE')).toContain('holds 140 deletes')

  await web.pool.query(`UPDATE bucket SET master_stopped = 'missing', master_stopped_since = '2026-11-28T08:00:00Z'`)
  expect(await cell('replicas', 'brake', 'AS OF')).toBe('2026-11-28T08:00:00.000Z')
})

test('fado bucket resync orders a comparison, and says what it may do and what held the copy up', async () => {
  const { web, rows, fado } = await startCommands()
  const [hpc, edge] = [await rows.cluster('hpc'), await rows.cluster('edge')]
  const bucket = await hpc.store.bucket('brake')
  const copy = await bucket.replica(edge.store)
  await copy.task('sweep', { notBefore: fromNow(600) })
  await web.pool.query(`UPDATE replica SET braked = 140, braked_since = now()`)
  const ordered = async () => {
    const { rows: tasks } = await web.pool.query(
      `SELECT not_before <= now() AS due, allow_deletes > 0 AS deletes, overwrite > 0 AS overwrite,
         "full" > 0 AS "full" FROM replica_task`,
    )
    return tasks[0]
  }
  expect(await fado('bucket', 'resync', 'brake', '--store', 'edge')).toBe(
    'A resync of brake on edge begins. npx fado get replicas shows how it goes.\n' +
      'Until now it was held up: The delete brake holds 140 deletes on edge until a resync allows deletes.',
  )
  expect(await ordered()).toEqual({ due: true, deletes: false, overwrite: false, full: true })
  expect(await fado('bucket', 'resync', 'brake', '--store', 'edge', '--allow-deletes', '--overwrite')).toContain(
    "begins; it deletes what the master has no more, however much that is, and replaces objects in the way by the master's.",
  )
  expect(await ordered()).toEqual({ due: true, deletes: true, overwrite: true, full: true })
})

test('fado pause, resume, get links, get waiting and wait tell what holds a copy up', async () => {
  const { web, rows, fado, cell } = await startCommands()
  const [hpc, edge] = [await rows.cluster('hpc'), await rows.cluster('edge')]
  const bucket = await hpc.store.bucket('photos')
  const replica = await bucket.replica(edge.store)
  await replica.waits('k')
  expect(await fado('pause', '--link', 'hpc', 'edge')).toBe(
    'Paused the link hpc -> edge: within 2 s nothing of it is copied any more.',
  )
  expect(await cell('links', 'hpc', 'PAUSED')).toBe('yes')
  expect(await cell('waiting', 'photos', 'WAITS FOR')).toBe('The link hpc -> edge is paused until somebody resumes it')
  expect(await fado('resume', '--link', 'hpc', 'edge')).toBe('Resumed the link hpc -> edge.')
  expect(await cell('links', 'hpc', 'PAUSED')).toBe('no')
  expect(await cell('replicas', 'photos', 'COPIED FROM')).toBe('hpc (MASTER_ONLY)')
  await web.pool.query(`UPDATE replica SET source_storage_id = $1, source_why = 'FASTER_LINK'`, [hpc.store.id])
  expect(await cell('links', 'hpc', 'CHOSEN FOR')).toBe('FASTER_LINK')
  await web.pool.query(
    `INSERT INTO link_flow (owner, from_storage_id, to_storage_id, moving, concurrency, in_use, most, lowered_by, lowered_storage_id, lowered_at)
     VALUES (gen_random_uuid(), $1, $2, 3, 20, 3, 128, 'slow-down', $2, now())`,
    [hpc.store.id, edge.store.id],
  )
  expect(await cell('links', 'hpc', 'AT ONCE')).toBe('3/20')
  expect(await cell('links', 'hpc', 'LOWERED BY')).toBe('edge asked to be spared')
  await web.pool.query('DELETE FROM dirty_object')
  expect(await fado('wait', 'photos', '--timeout', '10')).toBe('photos is on edge.')
})

test('fado wait does not take a key that nobody has for one that arrived, unless its delete is waited for', async () => {
  const { web, rows, fado, refusal } = await startCommands()
  const [hpc, edge] = [await rows.cluster('hpc'), await rows.cluster('edge')]
  const bucket = await hpc.store.bucket('photos')
  await bucket.replica(edge.store)
  // In a mover's place: whatever is to be looked at was looked at.
  const looked = setInterval(() => void web.pool.query('DELETE FROM dirty_object').catch(() => undefined), 20)
  onTestFinished(() => clearInterval(looked))
  expect(await refusal(1, 'wait', 'photos', 'nokey')).toContain('Neither the master of photos nor a replica has nokey')
  expect(await fado('wait', 'photos', 'nokey', '--deleted')).toBe('nokey of photos is deleted, on edge too.')
  await web.pool.query(
    `INSERT INTO object_record (bucket_id, key, size, etag, last_modified) VALUES ($1, 'k', 1, 'e', now())`,
    [bucket.id],
  )
  await web.pool.query(
    `INSERT INTO replica_object (replica_id, key, state, epoch) SELECT id, 'k', 'foreign', 1 FROM replica`,
  )
  expect(await fado('wait', 'photos', 'k')).toBe('k of photos is on edge.')
  expect(await refusal(1, 'wait', 'photos', 'k', '--deleted')).toContain('k of photos is not deleted')
  expect(await refusal(2, 'wait', 'photos', '--deleted')).toContain('KEY')
})

test('fado get runs and get conformance tell how copying went, of all or of one bucket', async () => {
  const { web, rows, fado, cell } = await startCommands()
  const [hpc, edge] = [await rows.cluster('hpc'), await rows.cluster('edge')]
  const bucket = await hpc.store.bucket('photos')
  await hpc.store.bucket('films')
  await bucket.replica(edge.store)
  const at = { bucketId: bucket.id, storageId: edge.store.id }
  const store = { kind: 'store', store: 'edge', problem: 'unreachable' } as const
  const amount = { objects: 0, bytes: 0 }
  for (const run of [
    endedRun('sweep', { outcome: 'postponed', cause: store }, noFigures),
    endedRun('sweep', { outcome: 'done', cause: null }, { ...noFigures, found: amount }),
  ])
    await recordRun(web.pool, { ...at, runId: v7(), beganAt: Date.now() - 65_000 }, run as EndedRun)
  await addArrivals(web.pool, at, addArrival(null, { seconds: 41.2, key: 'slow', cause: store }))

  expect(await cell('runs', 'photos', 'OUTCOME')).toBe('postponed')
  expect(await cell('runs', 'photos', 'TOOK')).toBe('65 s')
  expect(await cell('runs', 'photos', 'WHY')).toBe('edge cannot be reached')
  expect((await fado('get', 'runs')).split('\n').length).toBe(2)
  expect((await fado('get', 'runs', 'photos')).split('\n').length).toBe(3)
  expect((await fado('get', 'runs', 'films')).split('\n\n').length).toBe(2) // titles, and that there is nothing

  expect(await cell('conformance', 'photos', 'ON TIME')).toBe('0 % within 15 s')
  expect(await cell('conformance', 'photos', 'SLOWEST')).toBe('41.2 s')
  expect(await cell('conformance', 'photos', 'LATE FOR')).toBe('edge cannot be reached')
  expect(await fado('get', 'conformance', 'photos')).toContain('slow')
  expect((await fado('get', 'conformance', 'films')).split('\n\n').length).toBe(2) // titles, and that there is nothing
})

test('fado get sweeps tells how often copies are compared, why, and what that costs, of all or of one bucket', async () => {
  const { rows, fado, cell } = await startCommands()
  const [hpc, edge] = [await rows.cluster('hpc'), await rows.cluster('edge')]
  const bucket = await hpc.store.bucket('photos')
  await hpc.store.bucket('films')
  await bucket.task('master_sweep', { quietLooks: 3, notBefore: fromNow(-1) })
  await (await bucket.replica(edge.store)).task('sweep', { quietLooks: 30 })
  expect(await cell('sweeps', 'photos  hpc', 'EVERY')).toBe('480 s')
  expect(await cell('sweeps', 'photos  hpc', 'FOUND RIGHT')).toBe('3 times')
  expect(await cell('sweeps', 'photos  hpc', 'BECAUSE')).toContain('(SWEEP_LEARNING)')
  expect(await cell('sweeps', 'photos  edge', 'COPY')).toBe('replica')
  expect(await cell('sweeps', 'photos  edge', 'EVERY')).toBe('6 h 30 min')
  expect((await fado('get', 'sweeps', 'films')).split('\n\n').length).toBe(2) // titles, and that there is nothing
})
