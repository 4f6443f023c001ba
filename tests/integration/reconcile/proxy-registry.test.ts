import { randomUUID } from 'node:crypto'
import { expect, onTestFinished, test } from 'vitest'
import { createWakeups } from '../../../server/db/core/notify.ts'
import { createPool } from '../../../server/db/core/pool.ts'
import { sessionName } from '../../../server/db/proxies/proxy-streams.ts'
import { createLog } from '../../../server/log.ts'
import { startProxyRegistry } from '../../../server/reconcile/proxy-registry.ts'
import { eventually } from '../../support/eventually.ts'
import { freshDatabase } from '../../support/postgres.ts'

test('a stream that has news all the time is kept open like any other', async () => {
  const processId = randomUUID()
  const pool = createPool(await freshDatabase(), { max: 3, name: sessionName(processId), onError: () => undefined })
  onTestFinished(() => pool.end())
  const wakeups = await createWakeups(pool, () => undefined)
  onTestFinished(() => wakeups.stop())
  const log = createLog('silent', 'test')
  const registry = await startProxyRegistry({ pool, wakeups, log, processId, leaseSeconds: 600 })
  onTestFinished(() => registry.stop())

  const streamId = randomUUID()
  registry.connected({ streamId, nodeId: 'edge-1', envoyVersion: '1.40.0' })
  const row = async () => {
    const { rows } = await pool.query<{ kept: string; acked: number }>(
      'SELECT heartbeat_at::text AS kept, acked_through AS acked FROM proxy_stream WHERE closed_at IS NULL',
    )
    return rows[0]
  }
  const opened = await eventually('it is written', row)
  let ackedThrough = 0
  const acks = setInterval(() => registry.progress({ streamId, ackedThrough: ++ackedThrough, exceptions: [] }), 5)
  onTestFinished(() => clearInterval(acks))
  const later = await eventually('it was kept', async () => {
    const now = await row()
    return now?.kept === opened.kept ? undefined : now
  })
  expect(later.acked).toBeGreaterThan(0)
})
