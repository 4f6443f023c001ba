// What calls were in the last minute, over the API: two control planes write windows, each of what its Envoys told.
import pino from 'pino'
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest'
import { writeCallWindow } from '../../../server/db/proxies/call-windows.ts'
import type { CallRow, ToldCall } from '../../../server/domain/calls/tally.ts'
import { createTally, tallyLimits } from '../../../server/domain/calls/tally.ts'
import { startCallWindows } from '../../../server/reconcile/call-windows.ts'
import { eventually } from '../../support/eventually.ts'
import { subscribe } from '../../support/watched-web.ts'
import { startTestWeb, type TestWeb } from '../../support/web.ts'
import { fleet } from '../../support/world/fleet.ts'

const log = pino({ level: 'silent' })
const ignore = () => undefined

let web: TestWeb
/** Ids of their function deployments. */
let hpc: string
let edge: string
beforeEach(async () => {
  web = await startTestWeb()
  const rows = fleet(web.pool)
  const first = await rows.cluster('hpc', { urls: ['http://10.0.0.1:8080'] })
  await rows.cluster('edge', { urls: ['http://10.0.1.1:8080'] })
  for (const name of ['photos', 'notes']) await first.store.bucket(name)
  const { rows: ids } = await web.pool.query<{ id: string }>('SELECT id FROM faas_deployment ORDER BY url')
  ;[hpc = '', edge = ''] = ids.map(({ id }) => id)
})
afterEach(() => web?.stop())

const call = (more: Partial<ToldCall> = {}): ToldCall => ({
  weight: 1,
  ...{ bucket: 'photos', deployment: hpc, function: 'resize', status: 200, ms: 10, whose: null, retries: 0 },
  ...more,
})
const times = (n: number, more: Partial<ToldCall> = {}) => Array.from({ length: n }, () => call(more))

function rowsOf(calls: readonly ToldCall[]): CallRow[] {
  const tally = createTally(tallyLimits)
  for (const one of calls) tally.add(one)
  return tally.take()
}

const figures =
  'callsPerSecond p50Ms p99Ms functionErrors platformErrors keyErrors fadoErrors refused givenUp retries recent'
const asked = `at total { callsPerSecond } strayPerSecond rows { bucket cluster { name } ${figures} }
  clusters { cluster { name } callsPerSecond } functions { deployment { url } function callsPerSecond }`

async function stats(bucket: string | null = null) {
  const { data, errors } = await web.ask(`query ($bucket: String) { invocationStats(bucket: $bucket) { ${asked} } }`, {
    bucket,
  })
  if (errors) throw new Error(JSON.stringify(errors))
  return data.invocationStats
}
/** Answers are shared for a second. */
const until = (
  what: string,
  holds: (seen: Awaited<ReturnType<typeof stats>>) => boolean,
  bucket: string | null = null,
) =>
  eventually(what, async () => {
    const seen = await stats(bucket)
    return holds(seen) ? seen : undefined
  })
type Row = {
  readonly bucket: string
  readonly cluster: { readonly name: string }
  readonly function: string | null
  readonly deployment: { readonly url: string }
  readonly callsPerSecond: number
}
const perMinute = (seen: { callsPerSecond: number }) => Math.round(seen.callsPerSecond * 60)

test('what several control planes heard of adds up, by bucket and cluster, by cluster and by function', async () => {
  await writeCallWindow(web.pool, rowsOf([...times(30), ...times(6, { ms: 500, status: 500, whose: 'function' })]))
  await writeCallWindow(
    web.pool,
    rowsOf([
      ...times(24, { retries: 1 }),
      ...times(12, { deployment: edge, function: 'blur' }),
      ...times(3, { bucket: 'notes', deployment: null, status: 503, whose: 'fado' }),
      ...times(6, { bucket: 'notes', deployment: null, status: 403, whose: 'caller' }),
      ...times(2, { bucket: 'notes', deployment: null, status: 0, whose: 'gone' }),
      ...times(9, { bucket: null, deployment: null, status: 404, whose: 'caller' }),
    ]),
  )
  const seen = await until('both windows', ({ rows }) => rows.length === 3)
  expect(seen.rows.map((row: Row) => [row.bucket, row.cluster.name, perMinute(row)])).toEqual([
    ['photos', 'hpc', 60],
    ['photos', 'edge', 12],
    ['notes', 'hpc', 11],
  ])
  const [photos, , notes] = seen.rows
  expect(notes).toMatchObject({ fadoErrors: 0.05, refused: 0.1, givenUp: 2 / 60 })
  expect(photos).toMatchObject({ callsPerSecond: 1, functionErrors: 0.1, platformErrors: 0, retries: 0.4, p50Ms: 10 })
  expect(Math.abs(photos.p99Ms - 500)).toBeLessThanOrEqual(500 / 32)
  expect(photos.recent).toHaveLength(12)
  expect(photos.recent.reduce((sum: number, one: number) => sum + one * 5, 0)).toBeCloseTo(60)
  expect(seen.clusters.map((one: Row) => [one.cluster.name, perMinute(one)])).toEqual([
    ['hpc', 60],
    ['edge', 12],
  ])
  expect(seen.functions.map((one: Row) => [one.function, one.deployment.url, perMinute(one)])).toEqual([
    ['resize', 'http://10.0.0.1:8080', 60],
    ['blur', 'http://10.0.1.1:8080', 12],
  ])
  expect([perMinute(seen.total), Math.round(seen.strayPerSecond * 60)]).toEqual([83, 9])
  expect((await stats('notes')).rows).toHaveLength(1)
})

test('the window of a process that is gone counts for a minute and no longer', async () => {
  await writeCallWindow(web.pool, rowsOf(times(10)))
  await until('it is told', ({ total }) => perMinute(total) === 10)
  await web.pool.query("UPDATE call_window SET ended_at = ended_at - interval '50 seconds', id = gen_random_uuid()")
  const seen = await until('it grows old', ({ total }) => perMinute(total) === 20)
  expect(seen.rows[0].recent.slice(0, 3).some((rate: number) => rate > 0)).toBe(true)
})

test('windows are forgotten two minutes after their end', async () => {
  const write = () => writeCallWindow(web.pool, rowsOf(times(1)))
  const age = (seconds: number) =>
    web.pool.query('UPDATE call_window SET ended_at = ended_at - make_interval(secs => $1)', [seconds])
  const left = async () => (await web.pool.query('SELECT FROM call_window')).rowCount
  await write()
  await age(110)
  await write()
  expect(await left()).toBe(2)
  await age(20)
  await write()
  expect(await left()).toBe(2)
})

test('what a control plane is told of calls is written every few seconds, and what is left when it stops', async () => {
  const counted: number[] = []
  const windows = startCallWindows({
    ...{ pool: web.pool, log, seconds: 0.5 },
    counted: (rows) => void counted.push(rows.reduce((sum, { calls }) => sum + calls, 0)),
  })
  windows.add(times(5))
  const written = async () => (await web.pool.query('SELECT FROM call_window')).rowCount
  await eventually('a window', async () => (await written()) === 1)
  windows.add(times(2, { bucket: 'notes' }))
  await windows.stop()
  expect([await written(), counted]).toEqual([2, [5, 2]])
  await until('both', ({ rows }) => rows.length === 2)
})

test('a platform that refuses FaDO is a hint with since when, told until it answers', async () => {
  const windows = startCallWindows({ ...{ pool: web.pool, log, seconds: 0.2 }, counted: ignore })
  onTestFinished(() => windows.stop())
  const hints = async () => {
    const { data } = await web.ask('{ clusters { nodes { name faasDeployments { hints { code since } } } } }')
    type Node = { name: string; faasDeployments: { hints: { code: string; since: string | null }[] }[] }
    const found = (data.clusters.nodes as Node[]).find(({ name }) => name === 'hpc')
    return found?.faasDeployments[0]?.hints.filter(({ code }) => code === 'PLATFORM_REFUSES') ?? []
  }
  const refused = { status: 502, whose: 'key' } as const
  windows.add([...times(3, refused), call(), call({ ...refused, deployment: 'forgotten' })])
  const first = await eventually('the hint', async () => (await hints())[0])
  expect(first.since).not.toBeNull()
  expect((await stats('photos')).rows[0]).toMatchObject({ keyErrors: 3 / 60, functionErrors: 0, platformErrors: 0 })
  windows.add([call(refused), call({ status: 503, whose: 'platform' })])
  await eventually(
    'another window',
    async () => ((await web.pool.query('SELECT FROM call_window')).rowCount ?? 0) === 2,
  )
  expect((await hints())[0]?.since, 'it lasts').toBe(first.since)
  windows.add([call()])
  await eventually('it is over', async () => (await hints()).length === 0)
  const { rowCount } = await web.pool.query(`SELECT FROM event WHERE topic = 'faas'`)
  expect(rowCount, 'told as it begins and as it ends').toBe(2)
})

test('what is gone within the second in which answers are shared takes nothing else with it', async () => {
  await writeCallWindow(web.pool, rowsOf([...times(60), ...times(60, { bucket: 'notes', deployment: edge })]))
  const both = await until('both are told', (seen) => seen.clusters.length === 2)
  await web.pool.query('DELETE FROM faas_deployment WHERE id = $1', [edge])
  await web.pool.query(`DELETE FROM storage_deployment WHERE cluster_id = (SELECT id FROM cluster WHERE name = 'edge')`)
  await web.pool.query(`DELETE FROM cluster WHERE name = 'edge'`)
  const left = await stats()
  expect(left.at, 'of the same moment').toBe(both.at)
  const names = (rows: readonly { readonly cluster: { readonly name: string } }[]) =>
    rows.map((row) => row.cluster.name)
  expect([names(left.rows), names(left.clusters), left.functions.length]).toEqual([['hpc'], ['hpc'], 1])
})

test('a database that is away costs a window and nothing else', async () => {
  const windows = startCallWindows({
    ...{ log, seconds: 0.2, counted: ignore },
    pool: { query: () => Promise.reject(new Error('away')) } as never,
  })
  windows.add(times(5))
  await windows.stop()
})

test("the contract's subscription tells the present state, and then every few seconds", async () => {
  await writeCallWindow(web.pool, rowsOf(times(60)))
  const { events } = subscribe(
    web.socket(web.admin),
    `subscription InvocationStats($bucket: String) { invocationStats(bucket: $bucket) { at
      rows { bucket cluster { name } callsPerSecond p50Ms p95Ms p99Ms functionErrors platformErrors fadoErrors retries } } }`,
    { bucket: 'photos' },
  )
  await eventually('a second event', () => events.length >= 2)
  expect(events.at(-1)?.event.rows).toEqual([
    {
      ...{ bucket: 'photos', cluster: { name: 'hpc' }, callsPerSecond: 1, p50Ms: 10, p95Ms: 10, p99Ms: 10 },
      ...{ functionErrors: 0, platformErrors: 0, fadoErrors: 0, retries: 0 },
    },
  ])
})
