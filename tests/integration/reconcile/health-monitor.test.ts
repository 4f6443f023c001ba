import { setTimeout as delay } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { lastHealthChanges } from '../../../server/db/catalogue/health-changes.ts'
import { createWakeups } from '../../../server/db/core/notify.ts'
import type { Pool } from '../../../server/db/core/pool.ts'
import { type ProbedStore, writeStoreHealth } from '../../../server/db/deciding/health.ts'
import { loadEndpoints } from '../../../server/db/proxies/endpoints.ts'
import type { ProbeTrouble } from '../../../server/domain/fleet/health-cause.ts'
import { createLog } from '../../../server/log.ts'
import {
  type FunctionProbe,
  type ProbeIntervals,
  type StoreProbe,
  startHealthMonitor,
} from '../../../server/reconcile/health-monitor.ts'
import { eventually } from '../../support/eventually.ts'
import { freshPool } from '../../support/fresh-pool.ts'
import { fleet, fromNow, type TestCluster } from '../../support/world/fleet.ts'

const well: StoreProbe = { trouble: null, uptime: null, missing: [] }
const silent: ProbeTrouble = { cause: 'SILENT', detail: 'It cannot be reached: no answer', away: false }
const refused: ProbeTrouble = { cause: 'UNREACHABLE', detail: 'It cannot be reached: refused', away: true }
const keyRefused: ProbeTrouble = { cause: 'KEY_REFUSED', detail: 'It refuses the key', away: false }
const ill = (trouble: ProbeTrouble): StoreProbe => ({ ...well, trouble })

/** Stores named edge, or edge-1 and so on, and their function deployments. */
async function monitor(
  intervals: ProbeIntervals,
  probeStore: (store: ProbedStore) => Promise<StoreProbe>,
  {
    stores = 1,
    probeFunctions = async () => ({ trouble: null, addresses: [] }),
    now = () => performance.now(),
    failbackAfter = 0,
    random = Math.random,
  }: {
    random?: () => number
    failbackAfter?: number
    stores?: number
    probeFunctions?: () => Promise<FunctionProbe>
    now?: () => number
  } = {},
) {
  const pool = await freshPool(3)
  const wakeups = await createWakeups(pool, () => undefined)
  onTestFinished(() => wakeups.stop())
  const names = stores === 1 ? ['edge'] : Array.from({ length: stores }, (_, n) => `edge-${n + 1}`)
  const world = fleet(pool)
  await world.policy(null, 'failback_after', failbackAfter)
  const clusters: TestCluster[] = []
  for (const name of names) clusters.push(await world.cluster(name))
  const [edge] = clusters
  if (edge === undefined) throw new Error('no store')
  const start = () => {
    const running = startHealthMonitor({
      pool,
      wakeups,
      log: createLog('silent', 'test'),
      probeStore,
      probeFunctions,
      intervals,
      now,
      random,
    })
    onTestFinished(() => running.stop())
    return running
  }
  const running = start()
  type Row = { name: string; health: string; cause: string | null; detail: string | null }
  const rows = async () =>
    (
      await pool.query<Row>(
        'SELECT name, health, health_cause AS cause, health_detail AS detail FROM storage_deployment ORDER BY name',
      )
    ).rows
  const health = async () => (await rows())[0]?.health
  return { health, rows, wakeups, pool, running, start, world, edge }
}

test('while a store is silent it is asked again as soon as it has missed, so three misses take three time-outs', async () => {
  const timeoutMs = 500
  let endedAt = 0
  const pauses: number[] = []
  const { health } = await monitor({ calm: 60, suspicious: timeoutMs / 1000 }, async () => {
    if (endedAt > 0) pauses.push(performance.now() - endedAt)
    await delay(timeoutMs)
    endedAt = performance.now()
    return ill(silent)
  })
  await eventually('it is down', async () => (await health()) === 'unhealthy')
  expect(pauses).toHaveLength(2)
  expect(Math.max(...pauses)).toBeLessThan(timeoutMs * 0.8)
})

test('what a mover meets is probed at once', async () => {
  let ok = true
  let probes = 0
  const { health, pool } = await monitor({ calm: 60, suspicious: 0.01 }, async () => {
    probes++
    return ok ? well : ill(silent)
  })
  await eventually('it was probed', () => probes === 1)
  ok = false
  pool.wake('store')
  await eventually('it is down', async () => (await health()) === 'unhealthy', 5)
})

/** A bucket of the store whose next look at its master is an hour away. */
async function masterOn({ pool, edge }: { pool: Pool; edge: TestCluster }) {
  const bucket = await edge.store.bucket('photos')
  await bucket.task('master_sweep', { notBefore: fromNow(3600) })
  return async () =>
    (
      await pool.query<{ due: boolean; resubscribe: boolean }>(
        'SELECT not_before <= now() AS due, resubscribe > 0 AS resubscribe FROM replica_task',
      )
    ).rows[0]
}
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

test('a store that refuses the key is down, says so, and is back once it accepts it', async () => {
  let answer: StoreProbe = well
  const { rows, pool, running, edge } = await monitor({ calm: 0.01, suspicious: 0.01 }, async () => answer)
  await masterOn({ pool, edge })
  const marked = async () => (await pool.query('DELETE FROM dirty_bucket RETURNING 1')).rowCount
  answer = ill(keyRefused)
  await eventually('it is down', async () => (await rows())[0]?.health === 'unhealthy')
  expect(await rows()).toEqual([
    { name: 'edge', health: 'unhealthy', cause: 'KEY_REFUSED', detail: 'It refuses the key' },
  ])
  expect(await marked()).toBe(1)
  answer = ill(refused)
  await eventually('another cause is told', async () => (await rows())[0]?.cause === 'UNREACHABLE')
  expect(await marked()).toBe(0)
  answer = well
  await eventually('it is back', async () => (await rows())[0]?.health === 'healthy')
  expect(await rows()).toEqual([{ name: 'edge', health: 'healthy', cause: null, detail: null }])
  await running.stop()
  expect(await marked()).toBe(1)
})

test('with 3 of 5 stores refusing, the three are down after three probes', async () => {
  const { rows } = await monitor(
    { calm: 0.01, suspicious: 0.01 },
    async ({ name }) => (/[123]$/.test(name) ? ill(refused) : well),
    { stores: 5 },
  )
  await eventually(
    'three are down',
    async () => (await rows()).filter((one) => one.health === 'unhealthy').length === 3,
  )
  expect((await rows()).map(({ name, health }) => `${name} ${health}`)).toEqual([
    'edge-1 unhealthy',
    'edge-2 unhealthy',
    'edge-3 unhealthy',
    'edge-4 healthy',
    'edge-5 healthy',
  ])
})

test('where most stores are silent at once they are doubted, seen as such, and then believed; functions are judged apart', async () => {
  let later = 0
  const { rows, pool, world, edge } = await monitor(
    { calm: 0.05, suspicious: 0.05 },
    async ({ name }) => (/[123]$/.test(name) ? ill(silent) : well),
    {
      stores: 5,
      probeFunctions: async () => ({ trouble: silent, addresses: [] }),
      now: () => performance.now() + later,
    },
  )
  await world.functions(edge, 'http://127.0.0.1:1')
  await eventually('they are doubted', async () => (await rows()).filter((one) => one.cause === 'DOUBTED').length === 3)
  expect((await rows())[0]).toEqual({
    name: 'edge-1',
    health: 'healthy',
    cause: 'DOUBTED',
    detail: expect.stringContaining("FaDO's own network may be to blame"),
  })
  await eventually('its function deployment is down meanwhile', async () => {
    const found = await pool.query<{ health: string }>(`SELECT health FROM faas_deployment WHERE url LIKE '%:1'`)
    return found.rows[0]?.health === 'unhealthy'
  })
  expect((await rows())[0]?.health).toBe('healthy')
  later = 9_000
  await eventually('they are down', async () => (await rows()).filter((one) => one.cause === 'SILENT').length === 3)
  expect((await rows()).map((one) => one.health)).toEqual(['unhealthy', 'unhealthy', 'unhealthy', 'healthy', 'healthy'])
})

test('of its buckets a store is probed by those that FaDO uses', async () => {
  const asked: (readonly string[])[] = []
  const started = await monitor({ calm: 0.01, suspicious: 0.01 }, async ({ buckets }) => {
    asked.push(buckets)
    return well
  })
  await masterOn(started)
  await eventually('it is asked for the bucket', () => asked.at(-1)?.includes('photos'))
  await started.pool.query(`UPDATE bucket SET state = 'deleting'`)
  await eventually('it is not asked for what is being deleted', () => asked.at(-1)?.length === 0)
})

test('when calls of a deployment must go to other addresses, that is written and proxies hear of it, though it was well all along', async () => {
  let addresses = ['127.0.0.1']
  const { pool, wakeups, world, edge } = await monitor({ calm: 0.01, suspicious: 0.01 }, async () => well, {
    probeFunctions: async () => ({ trouble: null, addresses }),
  })
  await world.functions(edge, 'http://dual')
  const endpoint = async () => (await loadEndpoints(pool))[0]
  await eventually('the first is in use', async () => (await endpoint())?.addresses.join() === '127.0.0.1')
  let told = 0
  onTestFinished(wakeups.on('endpoints', () => void told++))
  addresses = ['127.0.0.1', '127.0.0.2']
  await eventually('both are in use', async () => (await endpoint())?.addresses.join() === '127.0.0.1,127.0.0.2')
  await eventually('proxies hear of it', () => told > 0)
  expect(await endpoint()).toMatchObject({ health: 'healthy' })
})

test('that a platform lacks its own path is written and told, and stays known while it does not answer', async () => {
  let probe: FunctionProbe = { trouble: null, addresses: ['127.0.0.1'], lacksPath: true }
  const { pool, world, edge } = await monitor({ calm: 0.01, suspicious: 0.01 }, async () => well, {
    probeFunctions: async () => probe,
  })
  await world.functions(edge, 'http://127.0.0.1:1')
  type Row = { lacks: boolean; health: string }
  const is = async (lacks: boolean, health: string) => {
    const { rows } = await pool.query<Row>('SELECT lacks_path AS lacks, health FROM faas_deployment')
    return rows[0]?.lacks === lacks && rows[0].health === health
  }
  await eventually('it lacks it', () => is(true, 'healthy'))
  const { rowCount } = await pool.query(`SELECT FROM event WHERE topic = 'faas'`)
  expect(rowCount).toBeGreaterThan(0)
  probe = { trouble: silent, addresses: [] }
  await eventually('it is down', () => is(true, 'unhealthy'))
  probe = { trouble: null, addresses: ['127.0.0.1'] }
  await eventually('it has it', () => is(false, 'healthy'))
})

test('what was down is coming back until it has been well for failback_after without a miss, under whichever monitor', async () => {
  let answer: StoreProbe = well
  const failbackAfter = 0.4
  const started = await monitor({ calm: 0.01, suspicious: 0.01 }, async () => answer, {
    failbackAfter,
    probeFunctions: async () => ({ trouble: answer.trouble, addresses: ['127.0.0.1'] }),
  })
  const { pool, world, edge, health } = started
  await masterOn(started)
  await world.functions(edge, 'http://127.0.0.1:1')
  const functions = async () => (await loadEndpoints(pool))[0]?.health
  const both = async (wanted: string) => (await health()) === wanted && (await functions()) === wanted
  const seconds = async () =>
    (
      await pool.query<{ age: number }>(
        'SELECT extract(epoch FROM now() - health_since)::float8 AS age FROM storage_deployment',
      )
    ).rows[0]?.age ?? 0
  await eventually('what is new is well at once', () => both('healthy'))
  answer = ill(refused)
  await eventually('both are down', () => both('unhealthy'))
  answer = well
  await eventually('both come back', () => both('returning'))
  await pool.query('DELETE FROM dirty_bucket')
  answer = ill(silent)
  await eventually('one miss takes them down again', () => both('unhealthy'))
  const [bucket] = (await pool.query('SELECT 1 FROM dirty_bucket')).rows
  expect(bucket, 'its buckets are decided again').toBeDefined()
  answer = well
  await eventually('both come back', () => both('returning'))
  await started.running.stop()
  await pool.query(`UPDATE storage_deployment SET health_since = health_since - interval '1 min'`)
  started.start()
  await eventually('the time begins again, for nobody watched', async () => (await seconds()) < failbackAfter)
  expect(await health()).toBe('returning')
  const backAt = performance.now()
  await eventually('both are back', () => both('healthy'))
  expect(performance.now() - backAt).toBeGreaterThan(200)
  const history = await lastHealthChanges(pool, edge.id, 100)
  for (const of of ['storageId', 'faasId'] as const) {
    const said = history.filter((one) => one[of] !== null).map(({ health, cause }) => `${health} ${cause ?? 'well'}`)
    expect(said.toReversed().slice(of === 'faasId' && said.length > 5 ? 1 : 0), of).toEqual([
      'unhealthy UNREACHABLE',
      'returning well',
      'unhealthy SILENT',
      'returning well',
      'healthy well',
    ])
  }
})

test('with failback_after set to 0 meanwhile, what is coming back is back', async () => {
  let answer: StoreProbe = well
  const { health, world } = await monitor({ calm: 0.01, suspicious: 0.01 }, async () => answer, { failbackAfter: 3600 })
  answer = ill(refused)
  await eventually('it is down', async () => (await health()) === 'unhealthy')
  answer = well
  await eventually('it comes back', async () => (await health()) === 'returning')
  await world.policy(null, 'failback_after', 0)
  await eventually('it is back', async () => (await health()) === 'healthy')
})

test('of what comes and goes the last hundred changes are kept, and those of others too', async () => {
  const { pool, edge, world } = await monitor({ calm: 60, suspicious: 60 }, async () => well)
  const other = await world.cluster('other')
  const turns = (id: string, count: number) =>
    pool.transaction(async (tx) => {
      for (let n = 0; n < count; n++) {
        const trouble = n % 2 === 0 ? refused : null
        const health = trouble === null ? 'healthy' : 'unhealthy'
        const { cause = null, detail = null } = trouble ?? {}
        await writeStoreHealth(tx, id, { health, anew: false, cause, detail })
      }
    })
  await turns(other.store.id, 2)
  await turns(edge.store.id, 130)
  expect(await lastHealthChanges(pool, edge.id, 1_000)).toHaveLength(100)
  expect((await lastHealthChanges(pool, edge.id, 1))[0]).toMatchObject({ health: 'healthy', storageId: edge.store.id })
  expect(await lastHealthChanges(pool, other.id, 1_000)).toHaveLength(2)
  expect(await lastHealthChanges(pool, null, 1_000)).toHaveLength(102)
})

test('calm probes are spread, each begins at its own moment; those that were asked for, and those that follow a miss, are not', async () => {
  const spread: number[] = []
  let answer: StoreProbe = well
  const starts: number[] = []
  const calm = 0.4
  const { wakeups: _, pool } = await monitor(
    { calm, suspicious: 0.01 },
    async () => {
      starts.push(performance.now())
      return answer
    },
    { stores: 2, random: () => (spread.length === 0 ? 0 : (spread.shift() ?? 0)) },
  )
  const gap = (from: number) => (starts[from + 1] ?? 0) - (starts[from] ?? 0)
  await eventually('the first round is over', () => starts.length === 2)
  expect(gap(0)).toBeLessThan(50)
  spread.push(0, 1)
  await eventually('the next one too', () => starts.length === 4)
  expect(gap(2)).toBeGreaterThan(calm * 250 - 30)
  spread.push(0, 1)
  pool.wake('store')
  await eventually('one that was asked for', () => starts.length === 6)
  expect(gap(4)).toBeLessThan(50)
  answer = ill(silent)
  spread.splice(0)
  await eventually('one with misses', () => starts.length >= 8)
  spread.push(0, 1)
  await eventually('and the one after it', () => starts.length >= 10)
  expect(gap(8)).toBeLessThan(50)
})

test('when functions come or go, buckets on a store that is coming back are decided again, and no others', async () => {
  let trouble: ProbeTrouble | null = null
  const started = await monitor({ calm: 0.01, suspicious: 0.01 }, async () => well, {
    stores: 2,
    failbackAfter: 3600,
    probeFunctions: async () => ({ trouble, addresses: [] }),
  })
  const { pool, world, edge } = started
  await (await edge.store.bucket('coming-back')).replica((await world.cluster('third')).store)
  const other = await world.cluster('other')
  await other.store.bucket('elsewhere')
  await world.functions(other, 'http://127.0.0.1:1')
  const functions = async () => (await loadEndpoints(pool))[0]?.health
  await eventually(
    'functions are probed',
    async () => (await pool.query(`SELECT 1 FROM faas_deployment WHERE health = 'healthy'`)).rowCount === 1,
  )
  await pool.query(`UPDATE storage_deployment SET health = 'returning', health_since = now() WHERE id = $1`, [
    edge.store.id,
  ])
  await pool.query('DELETE FROM dirty_bucket')
  trouble = refused
  await eventually('they are down', async () => (await functions()) === 'unhealthy')
  const { rows } = await pool.query<{ name: string }>(
    'SELECT b.name FROM dirty_bucket d JOIN bucket b ON b.id = d.bucket_id ORDER BY 1',
  )
  expect(rows.map(({ name }) => name)).toEqual(['coming-back'])
})
