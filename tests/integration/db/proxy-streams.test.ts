import { randomUUID } from 'node:crypto'
import { expect, onTestFinished, test } from 'vitest'
import { createPool, type Pool } from '../../../server/db/pool.ts'
import { countingStreams } from '../../../server/db/proxy-acks.ts'
import { heartbeat, openStream } from '../../../server/db/proxy-streams.ts'
import { freshDatabase } from '../../support/postgres.ts'

const silentSeconds = 10
const leaseSeconds = 600

async function database(): Promise<Pool> {
  const pool = createPool(await freshDatabase(), { max: 2, onError: () => undefined })
  onTestFinished(() => pool.end())
  return pool
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
  const pool = await database()
  const stream = opened('edge-1')
  await openStream(pool, randomUUID(), stream)
  await silence(pool, stream.streamId, 60)
  await heartbeat(pool, randomUUID(), silentSeconds, leaseSeconds)
  expect(await counting(pool)).toEqual([stream.streamId])
})

test('a killed process leaves no lease behind for an Envoy that has opened its next stream meanwhile', async () => {
  const pool = await database()
  const old = opened('edge-1')
  const other = opened('edge-2')
  for (const stream of [old, other]) await openStream(pool, randomUUID(), stream)
  await silence(pool, old.streamId, 9)
  const restarted = randomUUID()
  const next = opened('edge-1')
  await openStream(pool, restarted, next)
  await heartbeat(pool, restarted, silentSeconds, leaseSeconds)
  expect(await counting(pool)).toEqual([old.streamId, other.streamId, next.streamId])

  await silence(pool, old.streamId, 11)
  await heartbeat(pool, restarted, silentSeconds, leaseSeconds)
  expect(await counting(pool)).toEqual([other.streamId, next.streamId])
})
