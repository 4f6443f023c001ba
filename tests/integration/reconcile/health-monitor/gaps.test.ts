// What a store may have lost while it was away, began anew or lacked a bucket is looked for.
import { expect, test } from 'vitest'
import type { StoreProbe } from '../../../../server/reconcile/health-monitor.ts'
import { eventually } from '../../../support/eventually.ts'
import { ill, keyRefused, masterOn, monitor, refused, silent, well } from '../../../support/health-monitor.ts'
import { fromNow } from '../../../support/world/fleet.ts'

const lookedAtAgain = { due: true, resubscribe: true }

test('a bucket that a store does not have is looked at, but not again and again once that is known', async () => {
  const probes: StoreProbe[] = []
  const started = await monitor({ calm: 0.01, suspicious: 0.01 }, async () => probes.shift() ?? well)
  const look = await masterOn(started)
  const told = async () => {
    probes.push({ ...well, missing: ['photos'] }, well)
    await eventually('it was probed', () => probes.length === 0)
  }
  await told()
  await eventually('it is looked at', async () => (await look())?.due === true)
  expect((await look())?.resubscribe, 'nothing was missed').toBe(false)
  await started.pool.query(
    `UPDATE bucket SET master_stopped = 'missing', master_stopped_since = now(), master_stopped_seen_at = now()`,
  )
  await started.pool.query(`UPDATE replica_task SET not_before = now() + interval '1 min'`)
  await told()
  await started.running.stop()
  expect(await look()).toEqual({ due: false, resubscribe: false })
})

test('a copy that its store does not have any more is looked at, too', async () => {
  const probes: StoreProbe[] = []
  const started = await monitor({ calm: 0.01, suspicious: 0.01 }, async () => probes.shift() ?? well, { stores: 2 })
  const { pool, world, edge } = started
  const other = await world.cluster('elsewhere')
  const copy = await (await other.store.bucket('photos')).replica(edge.store)
  await copy.task('sweep', { notBefore: fromNow(3600) })
  const due = async () => (await pool.query('SELECT 1 FROM replica_task WHERE not_before <= now()')).rowCount === 1
  expect(await due()).toBe(false)
  for (let n = 0; n < 3; n++) probes.push({ ...well, missing: ['photos'] }) // whichever store they are asked of
  await eventually('it is looked at', due)
})

test.each<[string, StoreProbe[]]>([
  ['that was down', [...Array.from({ length: 3 }, () => ill(silent)), well]],
  ['where nobody listened for a moment', [ill(refused), well]],
  [
    'whose process began anew',
    [
      { ...well, uptime: 900 },
      { ...well, uptime: 1 },
    ],
  ],
])('a store %s is looked at again at once, its subscriptions written anew', async (_, answers) => {
  const probes = [...answers]
  let ready = false
  const started = await monitor({ calm: 0.01, suspicious: 0.01 }, async () => (ready && probes.shift()) || well)
  const task = await masterOn(started)
  ready = true
  await eventually('it is due', async () => (await task())?.due)
  expect(await task()).toEqual(lookedAtAgain)
  await eventually('it is well', async () => (await started.health()) === 'healthy')
})

test('a process that runs on, a slow answer and an error are no gap', async () => {
  const seconds = performance.now() / 1000
  const uptime = () => 900 + performance.now() / 1000 - seconds
  const probes: (StoreProbe | null)[] = [
    null,
    ill(silent),
    ill({ ...refused, away: false }),
    null,
    ill(keyRefused),
    null,
  ]
  let ready = false
  const started = await monitor({ calm: 0.01, suspicious: 0.01 }, async () => {
    const next = ready ? probes.shift() : null
    return next ?? { ...well, uptime: uptime() }
  })
  const task = await masterOn(started)
  ready = true
  await eventually('all was seen', () => probes.length === 0)
  await started.running.stop() // what the last probe found is written
  expect(await task()).toEqual({ due: false, resubscribe: false })
})

test('a restart while no control plane watched is noticed by the next', async () => {
  let uptime = 900
  const started = await monitor({ calm: 0.01, suspicious: 0.01 }, async () => ({ ...well, uptime }))
  const task = await masterOn(started)
  await eventually('it is known since when it runs', async () => {
    const { rows } = await started.pool.query('SELECT 1 FROM storage_deployment WHERE process_began_at IS NOT NULL')
    return rows.length > 0
  })
  await started.running.stop()
  expect(await task()).toEqual({ due: false, resubscribe: false })
  uptime = 30
  started.start()
  await eventually('it is due', async () => (await task())?.due)
})
