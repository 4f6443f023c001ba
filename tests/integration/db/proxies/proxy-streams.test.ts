import { randomUUID } from 'node:crypto'
import { expect, onTestFinished, test } from 'vitest'
import { createPool, type Pool } from '../../../../server/db/core/pool.ts'
import {
  closeOrphans,
  closeStream,
  forgetExpired,
  keepStreams,
  openStream,
  runLeases,
  sessionName,
} from '../../../../server/db/proxies/proxy-streams.ts'
import { countingStreams } from '../../../../server/db/terms/agreed.ts'
import { eventually } from '../../../support/eventually.ts'
import { freshDatabase } from '../../../support/postgres.ts'
import { fleet, fromNow } from '../../../support/world/fleet.ts'

const silentSeconds = 10
const leaseSeconds = 600

/** A process that is there: it has a session. */
async function startProcess(url: string): Promise<{ id: string; pool: Pool; end: () => Promise<void> }> {
  const id = randomUUID()
  const pool = createPool(url, { max: 2, name: sessionName(id), onError: () => undefined })
  let ended: Promise<void> | undefined
  const end = () => {
    ended ??= pool.end()
    return ended
  }
  onTestFinished(end)
  await pool.query('SELECT 1')
  return { id, pool, end }
}

const opened = (nodeId: string) => ({ streamId: randomUUID(), nodeId, envoyVersion: '1.40.0' })

/** The process of this stream was heard for the last time `seconds` ago. */
const silence = (pool: Pool, streamId: string, seconds: number) =>
  pool.query('UPDATE proxy_stream SET heartbeat_at = now() - make_interval(secs => $2) WHERE id = $1', [
    streamId,
    seconds,
  ])

async function counting(pool: Pool): Promise<string[]> {
  const { rows } = await pool.query<{ id: string }>(`SELECT id FROM (${countingStreams}) s ORDER BY connected_since`)
  return rows.map(({ id }) => id)
}

test('the stream of a process that is silent counts until its lease is over', async () => {
  const url = await freshDatabase()
  const { id, pool } = await startProcess(url)
  const stream = opened('edge-1')
  await pool.transaction((tx) => openStream(tx, id, stream))
  await silence(pool, stream.streamId, 60)
  await pool.transaction((tx) => closeOrphans(tx, silentSeconds, leaseSeconds))
  expect(await counting(pool)).toEqual([stream.streamId])
  await pool.query(`UPDATE proxy_stream SET lease_until = now() - interval '1 ms'`)
  await runLeases(pool, silentSeconds)
  expect(await counting(pool)).toEqual([])
})

/** Of the one stream there is: seconds since its end, and of its lease that are left. */
async function lease(pool: Pool): Promise<{ gone: number; left: number }> {
  const { rows } = await pool.query<{ gone: number; left: number }>(
    `SELECT extract(epoch FROM now() - closed_at)::float8 AS gone, extract(epoch FROM lease_until - now())::float8 AS left
     FROM proxy_stream`,
  )
  const [row] = rows
  if (row === undefined) throw new Error('there is no stream')
  return row
}
/** As if all that is known of the streams had been written so long ago. */
const later = (pool: Pool, seconds: number) =>
  pool.query(
    `UPDATE proxy_stream SET heartbeat_at = heartbeat_at - make_interval(secs => $1),
       closed_at = closed_at - make_interval(secs => $1), lease_until = lease_until - make_interval(secs => $1)`,
    [seconds],
  )

test('a lease runs while a control plane is there, stands still while none is, and never begins anew', async () => {
  const url = await freshDatabase()
  const { id, pool } = await startProcess(url)
  const stream = opened('edge-1')
  await pool.transaction((tx) => openStream(tx, id, stream))
  await pool.transaction((tx) => closeStream(tx, stream.streamId, leaseSeconds))
  // Beats follow each other: 200 s of the lease are over.
  for (let beat = 0; beat < 25; beat++) {
    await later(pool, 8)
    await runLeases(pool, silentSeconds)
  }
  expect((await lease(pool)).left).toBeCloseTo(400, -1)
  // Nobody is there for an hour, five times over.
  for (let start = 0; start < 5; start++) {
    await later(pool, 3600)
    expect(await counting(pool)).toEqual([stream.streamId])
    await runLeases(pool, 0)
    expect((await lease(pool)).left).toBeCloseTo(400, -1)
  }
  expect((await lease(pool)).gone).toBeCloseTo(5 * 3600 + 200, -1)
  for (let beat = 0; beat < 51; beat++) {
    await later(pool, 8)
    await runLeases(pool, silentSeconds)
  }
  expect(await counting(pool)).toEqual([])
  await pool.transaction(forgetExpired)
  expect((await pool.query('SELECT 1 FROM proxy_node')).rows).toEqual([])
})

test('an outage of the database counts as time in which no control plane was there', async () => {
  const url = await freshDatabase()
  const { id, pool } = await startProcess(url)
  const stream = opened('edge-1')
  await pool.transaction((tx) => openStream(tx, id, stream))
  await pool.transaction((tx) => closeStream(tx, stream.streamId, leaseSeconds))
  await later(pool, 3600)
  await pool.transaction(forgetExpired)
  await runLeases(pool, silentSeconds)
  expect((await lease(pool)).left).toBeCloseTo(600, -1)
})

test('the stream of a killed process ended when that was last heard; its lease begins when another one is there', async () => {
  const url = await freshDatabase()
  const { id, pool } = await startProcess(url)
  const stream = opened('edge-1')
  await pool.transaction((tx) => openStream(tx, id, stream))
  await silence(pool, stream.streamId, 3600)
  await pool.transaction((tx) => closeOrphans(tx, silentSeconds, leaseSeconds))
  const { gone, left } = await lease(pool)
  expect(gone).toBeCloseTo(3600, -1)
  expect(left).toBeCloseTo(600, -1)
})

test('what waits for a proxy whose lease is over is decided at once', async () => {
  const url = await freshDatabase()
  const { id, pool } = await startProcess(url)
  const stream = opened('edge-1')
  await pool.transaction((tx) => openStream(tx, id, stream))
  await pool.transaction((tx) => closeStream(tx, stream.streamId, 0))
  const rows = fleet(pool)
  const { store } = await rows.cluster('hpc')
  const bucket = await store.bucket('photos', { state: 'deleting' })
  await bucket.dirty({ notBefore: fromNow(3600) })
  const woken: string[] = []
  pool.onWake((topic) => void woken.push(topic))
  await pool.transaction(forgetExpired)
  expect(woken).toContain('bucket')
  expect((await pool.query('SELECT not_before <= now() AS due FROM dirty_bucket')).rows).toEqual([{ due: true }])
})

test('the stream of a killed process is closed at once, one of a process that is there is not', async () => {
  const url = await freshDatabase()
  const killed = await startProcess(url)
  const { id, pool } = await startProcess(url)
  await killed.pool.transaction((tx) => openStream(tx, killed.id, opened('edge-1')))
  await pool.transaction((tx) => openStream(tx, id, opened('edge-2')))
  await killed.end()
  const open = async () => (await pool.query('SELECT 1 FROM proxy_stream WHERE closed_at IS NULL')).rows.length
  await eventually('the session is gone', async () => {
    await pool.transaction((tx) => closeOrphans(tx, silentSeconds, leaseSeconds))
    return (await open()) === 1
  })
  expect((await counting(pool)).length).toBe(2)
})

test('a killed process leaves no lease behind for an Envoy that has opened its next stream meanwhile', async () => {
  const url = await freshDatabase()
  const paused = await startProcess(url)
  const { id, pool } = await startProcess(url)
  const [old, other, next] = [opened('edge-1'), opened('edge-2'), opened('edge-1')]
  for (const stream of [old, other]) await pool.transaction((tx) => openStream(tx, paused.id, stream))
  await silence(pool, old.streamId, 4)
  await pool.transaction((tx) => openStream(tx, id, next))
  await pool.transaction((tx) => closeOrphans(tx, silentSeconds, leaseSeconds))
  expect(await counting(pool)).toEqual([old.streamId, other.streamId, next.streamId])

  await silence(pool, old.streamId, 6)
  await pool.transaction((tx) => closeOrphans(tx, silentSeconds, leaseSeconds))
  expect(await counting(pool)).toEqual([other.streamId, next.streamId])
})

test('an Envoy that has gone on elsewhere leaves no lease behind, also where its old process notices only then', async () => {
  const url = await freshDatabase()
  const slow = await startProcess(url)
  const { id, pool } = await startProcess(url)
  const [old, next] = [{ ...opened('edge-1'), openMs: 5_000 }, opened('edge-1')]
  await slow.pool.transaction((tx) => openStream(tx, slow.id, old))
  await pool.transaction((tx) => openStream(tx, id, next))
  expect(await counting(pool)).toEqual([old.streamId, next.streamId])
  await keepStreams(slow.pool, [old.streamId])
  await slow.pool.transaction((tx) => closeStream(tx, old.streamId, leaseSeconds))
  expect(await counting(pool)).toEqual([next.streamId])
  await pool.transaction((tx) => closeStream(tx, next.streamId, leaseSeconds))
  expect(await counting(pool)).toEqual([next.streamId])
})

test('two Envoys of one name that were there together are two: the earlier one is waited for when it is gone', async () => {
  const url = await freshDatabase()
  const silent = await startProcess(url)
  const { id, pool } = await startProcess(url)
  const [first, second] = [
    { ...opened('edge-1'), openMs: 90_000 },
    { ...opened('edge-1'), openMs: 60_000 },
  ]
  await silent.pool.transaction((tx) => openStream(tx, silent.id, first))
  await pool.transaction((tx) => openStream(tx, id, second))
  await silence(pool, first.streamId, 6)
  await pool.transaction((tx) => closeOrphans(tx, silentSeconds, leaseSeconds))
  expect(await counting(pool)).toEqual([first.streamId, second.streamId])
  await silence(pool, first.streamId, 12)
  await pool.transaction((tx) => closeOrphans(tx, silentSeconds, leaseSeconds))
  expect(await counting(pool)).toEqual([first.streamId, second.streamId])
  // One of them comes back.
  const back = opened('edge-1')
  await pool.transaction((tx) => openStream(tx, id, back))
  expect(await counting(pool)).toEqual([second.streamId, back.streamId])
})

/** A process that is not heard of for 64 s, with a stream, and another one, to which that Envoy went 60 s ago. */
async function startPaused() {
  const url = await freshDatabase()
  const paused = await startProcess(url)
  const { id, pool } = await startProcess(url)
  const [old, next] = [
    { ...opened('edge-1'), openMs: 90_000 },
    { ...opened('edge-1'), openMs: 60_000 },
  ]
  await paused.pool.transaction((tx) => openStream(tx, paused.id, old))
  await silence(pool, old.streamId, 64)
  return { paused, id, pool, old, next }
}

test('an Envoy that has left a control plane which was paused is one, however late that hears of it', async () => {
  const { paused, id, pool, old, next } = await startPaused()
  await pool.transaction((tx) => openStream(tx, id, next))
  await keepStreams(paused.pool, [old.streamId]) // before it hears of its end
  await paused.pool.transaction((tx) => closeStream(tx, old.streamId, leaseSeconds))
  expect(await counting(pool)).toEqual([next.streamId])
})

test('so is one whose streams others had closed meanwhile', async () => {
  const { paused, id, pool, old, next } = await startPaused()
  await pool.transaction((tx) => closeOrphans(tx, silentSeconds, leaseSeconds))
  await keepStreams(paused.pool, [old.streamId])
  await pool.transaction((tx) => openStream(tx, id, next))
  await paused.pool.transaction((tx) => closeStream(tx, old.streamId, leaseSeconds))
  expect(await counting(pool)).toEqual([next.streamId])
})

test('a stream that a busy process stores only after it ended is not taken for the next one', async () => {
  const url = await freshDatabase()
  const slow = await startProcess(url)
  const { id, pool } = await startProcess(url)
  const [old, next] = [{ ...opened('edge-1'), openMs: 5_000 }, opened('edge-1')]
  await pool.transaction((tx) => openStream(tx, id, next))
  await pool.transaction((tx) => closeStream(tx, next.streamId, leaseSeconds))
  await slow.pool.transaction(async (tx) => {
    await openStream(tx, slow.id, old)
    await closeStream(tx, old.streamId, leaseSeconds)
  })
  expect(await counting(pool)).toEqual([next.streamId])
})

test('a process that was paused so long that others closed its streams opens them again', async () => {
  const url = await freshDatabase()
  const paused = await startProcess(url)
  const { pool } = await startProcess(url)
  const stream = opened('edge-1')
  await paused.pool.transaction((tx) => openStream(tx, paused.id, stream))
  await silence(pool, stream.streamId, 60)
  await pool.transaction((tx) => closeOrphans(tx, silentSeconds, leaseSeconds))
  const lost = randomUUID()
  expect(await keepStreams(paused.pool, [stream.streamId, lost])).toEqual([lost])
  const { rows } = await pool.query<{ open: boolean }>('SELECT closed_at IS NULL AS open FROM proxy_stream')
  expect(rows).toEqual([{ open: true }])
})

const ends: [string, (pool: Pool, streamId: string) => Promise<void>][] = [
  ['ends', (pool, streamId) => pool.transaction((tx) => closeStream(tx, streamId, leaseSeconds))],
  [
    'is that of a killed process',
    async (pool, streamId) => {
      await silence(pool, streamId, 60)
      await pool.transaction((tx) => closeOrphans(tx, silentSeconds, leaseSeconds))
    },
  ],
]
test.for(ends)(
  'where a clock is set back, the Envoy whose last stream %s is still waited for a whole lease',
  async ([_how, end]) => {
    const url = await freshDatabase()
    const { id, pool } = await startProcess(url)
    const [before, after] = [opened('edge-1'), opened('edge-1')]
    await pool.transaction((tx) => openStream(tx, id, before))
    await pool.transaction((tx) => closeStream(tx, before.streamId, leaseSeconds))
    // It says now that this one was opened in a minute.
    await pool.query(`UPDATE proxy_stream SET connected_since = connected_since + interval '1 min'`)
    await pool.transaction((tx) => openStream(tx, id, after))
    // Most of the first one's lease is over when the second one ends.
    await pool.query(`UPDATE proxy_stream SET lease_until = now() + interval '5 s' WHERE closed_at IS NOT NULL`)
    await end(pool, after.streamId)
    await later(pool, 8)
    await runLeases(pool, silentSeconds)
    expect((await counting(pool)).length).toBe(1)
    await pool.transaction(forgetExpired)
    expect((await lease(pool)).left).toBeCloseTo(leaseSeconds - 8, -1)
  },
)
