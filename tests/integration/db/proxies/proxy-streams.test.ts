import { randomUUID } from 'node:crypto'
import { expect, onTestFinished, test } from 'vitest'
import { createPool, type Pool } from '../../../../server/db/core/pool.ts'
import { countingStreams } from '../../../../server/db/proxies/proxy-acks.ts'
import { closeOrphans, keepStreams, openStream, sessionName } from '../../../../server/db/proxies/proxy-streams.ts'
import { eventually } from '../../../support/eventually.ts'
import { freshDatabase } from '../../../support/postgres.ts'

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
  await openStream(pool, id, stream)
  await silence(pool, stream.streamId, 60)
  await closeOrphans(pool, silentSeconds, leaseSeconds)
  expect(await counting(pool)).toEqual([stream.streamId])
  await pool.query(`UPDATE proxy_stream SET lease_until = now() - interval '1 ms'`)
  expect(await counting(pool)).toEqual([])
})

test('the stream of a killed process is closed at once, one of a process that is there is not', async () => {
  const url = await freshDatabase()
  const killed = await startProcess(url)
  const { id, pool } = await startProcess(url)
  await openStream(killed.pool, killed.id, opened('edge-1'))
  await openStream(pool, id, opened('edge-2'))
  await killed.end()
  const open = async () => (await pool.query('SELECT 1 FROM proxy_stream WHERE closed_at IS NULL')).rows.length
  await eventually('the session is gone', async () => {
    await closeOrphans(pool, silentSeconds, leaseSeconds)
    return (await open()) === 1
  })
  expect((await counting(pool)).length).toBe(2)
})

test('a killed process leaves no lease behind for an Envoy that has opened its next stream meanwhile', async () => {
  const url = await freshDatabase()
  const paused = await startProcess(url)
  const { id, pool } = await startProcess(url)
  const [old, other, next] = [opened('edge-1'), opened('edge-2'), opened('edge-1')]
  for (const stream of [old, other]) await openStream(pool, paused.id, stream)
  await silence(pool, old.streamId, 9)
  await openStream(pool, id, next)
  await closeOrphans(pool, silentSeconds, leaseSeconds)
  expect(await counting(pool)).toEqual([old.streamId, other.streamId, next.streamId])

  await silence(pool, old.streamId, 11)
  await closeOrphans(pool, silentSeconds, leaseSeconds)
  expect(await counting(pool)).toEqual([other.streamId, next.streamId])
})

test('a process that was paused so long that others closed its streams opens them again', async () => {
  const url = await freshDatabase()
  const paused = await startProcess(url)
  const { pool } = await startProcess(url)
  const stream = opened('edge-1')
  await openStream(paused.pool, paused.id, stream)
  await silence(pool, stream.streamId, 60)
  await closeOrphans(pool, silentSeconds, leaseSeconds)
  const lost = randomUUID()
  expect(await keepStreams(paused.pool, [stream.streamId, lost])).toEqual([lost])
  const { rows } = await pool.query<{ open: boolean }>('SELECT closed_at IS NULL AS open FROM proxy_stream')
  expect(rows).toEqual([{ open: true }])
})
