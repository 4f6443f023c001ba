// What was decided of calls, and why, is kept: by whose name, for how long, and that it is what was decided then.
import { expect, test } from 'vitest'
import { contentId } from '../../../../server/content-id.ts'
import { findDecision } from '../../../../server/db/catalogue/kept-decisions.ts'
import { databaseNow } from '../../../../server/db/core/clock.ts'
import { forgetDecisions } from '../../../../server/db/deciding/kept-decisions.ts'
import { forgetUnusedTables } from '../../../../server/db/deciding/unused-tables.ts'
import { sameContent } from '../../../../server/domain/canonical-json.ts'
import { decidedPolicies, type KeptDecision } from '../../../../server/domain/decide/kept-decision.ts'
import { decide } from '../../../support/decided.ts'
import { freshPool } from '../../../support/fresh-pool.ts'
import { chance, randomNumbers } from '../../../support/random-calls.ts'
import { fleet } from '../../../support/world/fleet.ts'

async function start() {
  const pool = await freshPool(3)
  const rows = fleet(pool)
  const clusters = [
    await rows.cluster('hpc', { zones: ['de'], urls: ['http://hpc.invalid'] }),
    await rows.cluster('edge', { zones: ['de'], urls: ['http://edge.invalid'] }),
    await rows.cluster('cloud', { zones: ['us'] }),
  ] as const
  const decisions = async () =>
    (
      await pool.query<{ number: number; bucket: string; holds: boolean }>(
        'SELECT bucket_name AS bucket, number, until_at IS NULL AS holds FROM decision ORDER BY seq',
      )
    ).rows
  const find = (tableId: string, bucket: string | null = 'photos', at: Date | null = null) =>
    findDecision(pool, { tableId, bucket, at })
  /** After all that was decided and before all that will be: times are kept in milliseconds. */
  async function moment(): Promise<Date> {
    await pool.query('SELECT pg_sleep(0.002)')
    const at = new Date(await databaseNow(pool))
    await pool.query('SELECT pg_sleep(0.002)')
    return at
  }
  return { pool, rows, clusters, decide: (ids: readonly string[]) => decide(pool, ids), decisions, find, moment }
}

test('whose each policy is, and who may call, is kept; how often users change them after it is told; older rows are read as they are', async () => {
  const { pool, rows, clusters, decide, find } = await start()
  const { id } = await clusters[0].store.bucket('photos', { version: 3 })
  await pool.query(
    `INSERT INTO caller (id, name, kind, issuer, claims, jwks) VALUES (gen_random_uuid(), 'nurses', 'key', 'i', '[]', '{"keys":[]}')`,
  )
  await rows.policy(null, 'max_staleness', 30)
  await rows.policy(id, 'zones', ['de'])
  await rows.policy(id, 'callers', ['nurses', 'nobody'])
  const [decided] = await decide([id])
  const name = contentId(decided?.table)
  expect(await find(name)).toMatchObject({
    bucketChanges: 0,
    policyChanges: 0,
    kept: {
      policies: { callers: ['nurses', 'nobody'], retry: 'unsent' },
      sources: { zones: 'bucket', max_staleness: 'global', callers: 'bucket' },
      callers: ['nurses'],
    },
  })
  // The same value is another's now: calls go where they went.
  await rows.policy(id, 'max_staleness', 30)
  await pool.query(`UPDATE bucket SET version = version + 2`)
  await pool.query(`UPDATE fleet SET version = version + 1`)
  expect(await find(name)).toMatchObject({ bucketChanges: 2, policyChanges: 1 })
  await decide([id])
  expect((await find(name))?.kept.sources).toMatchObject({ max_staleness: 'bucket' })

  await pool.query(
    `UPDATE decision_reasons SET content = content - 'sources' - 'callers' #- '{policies,callers}' #- '{policies,retry}'`,
  )
  const older = await find(name)
  expect(older?.kept.sources).toBeUndefined()
  expect(older && decidedPolicies(older.kept)).toContainEqual({ name: 'zones', value: ['de'], source: null })
})

const reasonsOf = (kept: KeptDecision | undefined) =>
  Object.fromEntries((kept?.clusters ?? []).map(({ cluster, reasons }) => [cluster, reasons.map(({ code }) => code)]))

test('a decision is kept when the route changes or what is said of a cluster, with what it was made from, and never twice', async () => {
  const { pool, rows, clusters, decide, decisions, find, moment } = await start()
  const [hpc] = clusters
  const { id } = await hpc.store.bucket('photos', { version: 7 })
  await rows.policy(id, 'zones', ['de'])
  const [first] = await decide([id])
  await decide([id])
  expect(await decisions()).toEqual([{ bucket: 'photos', number: 1, holds: true }])
  const name = contentId(first?.table)
  const kept = await find(name)
  expect(kept).toMatchObject({
    bucketVersion: 7,
    policiesVersion: 1,
    until: null,
    kept: { policies: { zones: ['de'] } },
  })
  expect(reasonsOf(kept?.kept)).toEqual({
    hpc: [],
    edge: ['NO_COPY'],
    cloud: ['ZONE_FORBIDS', 'NO_FUNCTIONS'],
  })

  await rows.policy(id, 'target_replica_count', 1) // the copy is to be made: another reason for the same route
  const between = await moment()
  await decide([id])
  expect(await decisions()).toMatchObject([{ holds: false }, { number: 1, holds: true }])
  expect(reasonsOf((await find(name))?.kept)['edge']).toEqual(['NOT_COMPLETE'])
  expect(reasonsOf((await find(name, 'photos', between))?.kept)['edge']).toEqual(['NO_COPY'])

  await pool.query(`UPDATE replica SET observed = 'complete'`)
  const [third] = await decide([id])
  expect(await decisions()).toMatchObject([{ holds: false }, { number: 1, holds: false }, { number: 2, holds: true }])
  expect(reasonsOf((await find(contentId(third?.table)))?.kept)['edge']).toEqual([])
  const left = await find(name)
  expect(left?.until).toEqual((await find(contentId(third?.table)))?.from)

  await pool.query(`UPDATE bucket SET state = 'deleting'`)
  await decide([id])
  await pool.query(`DELETE FROM replica`)
  await pool.query('UPDATE bucket SET master_done = true')
  await decide([id])
  expect((await pool.query('SELECT 1 FROM bucket')).rowCount).toBe(0)
  expect((await decisions()).filter(({ holds }) => holds)).toEqual([])
  expect(await find(name)).toMatchObject({ bucketName: 'photos', bucketId: null })
})

test('what is decided of many buckets alike is kept once, and their decisions 30 days after their end', async () => {
  const { pool, rows, clusters, decide, decisions, find } = await start()
  const [{ store }] = clusters
  const buckets = await Promise.all(Array.from({ length: 20 }, (_, n) => store.bucket(`b${n}`)))
  const ids = buckets.map(({ id }) => id)
  const [one] = await decide(ids)
  const name = contentId(one?.table)
  expect((await pool.query('SELECT 1 FROM decision_reasons')).rowCount).toBe(1)
  expect(await find(name, null)).toMatchObject({ bucketName: expect.stringMatching(/^b\d/) })

  await rows.policy(null, 'lb_policy', 'random')
  await decide(ids)
  const ages = (days: number) =>
    pool.query(
      `WITH d AS (UPDATE decision SET until_at = until_at - make_interval(days => $1)),
         r AS (UPDATE decision_reasons SET last_needed_at = last_needed_at - make_interval(days => $1))
       UPDATE route_table SET last_needed_at = last_needed_at - make_interval(days => $1)`,
      [days],
    )
  const forget = async () => {
    await forgetUnusedTables(pool)
    await forgetDecisions(pool)
  }
  await ages(29)
  await forget()
  expect(await find(name, 'b3')).toMatchObject({ table: { clusters: ['hpc'] } })
  await ages(2)
  await forget()
  expect(await find(name, 'b3')).toBeUndefined()
  expect(await decisions()).toHaveLength(20)
  await ages(2)
  await forget() // by now nobody needs what was said of the former
  await forget()
  expect((await pool.query('SELECT 1 FROM decision_reasons')).rowCount).toBe(1)
  expect((await pool.query('SELECT 1 FROM route_table')).rowCount).toBe(1)
})

test('what is decided again after days is needed from then on, and what was needed today is not written again', async () => {
  const { pool, clusters, decide } = await start()
  const [{ store }] = clusters
  const [a, b, c] = [await store.bucket('a'), await store.bucket('b'), await store.bucket('c')]
  await decide([a.id])
  const needed = async () => {
    const uses = (table: string) =>
      `SELECT xmin::text AS version, now() - last_needed_at < interval '1 min' AS today FROM ${table}`
    return (await pool.query(`${uses('route_table')} UNION ALL ${uses('decision_reasons')}`)).rows
  }
  for (const table of ['route_table', 'decision_reasons'])
    await pool.query(`UPDATE ${table} SET last_needed_at = now() - interval '29 days'`)
  await decide([b.id])
  const noted = await needed()
  expect(noted).toMatchObject([{ today: true }, { today: true }])
  await decide([c.id])
  expect(await needed()).toEqual(noted)
})

test('a table is needed for as long as a route names it, though nothing is decided', async () => {
  const { pool, rows, clusters, decide } = await start()
  const { id } = await clusters[0].store.bucket('photos')
  const [former] = await decide([id])
  await rows.policy(null, 'lb_policy', 'random')
  const [present] = await decide([id])
  await pool.query(`UPDATE route_table SET last_needed_at = now() - interval '3 days'`)
  await forgetUnusedTables(pool)
  const recent = `SELECT id FROM route_table WHERE last_needed_at > now() - interval '1 min'`
  expect((await pool.query(recent)).rows).toEqual([{ id: contentId(present?.table) }])
  expect(former?.table).not.toEqual(present?.table)
})

test('10 000 calls of the past are explained by what was decided when they were made, within 50 ms each', async () => {
  const { pool, rows, clusters, decide, find, moment } = await start()
  const { one } = chance(randomNumbers(15))
  const buckets = await Promise.all(
    Array.from({ length: 40 }, (_, n) => (clusters[n % 2] ?? clusters[0]).store.bucket(`b${n}`)),
  )
  const policies: Readonly<Record<string, readonly unknown[]>> = {
    zones: [[], ['de'], ['us'], ['de', 'us']],
    target_replica_count: [0, 1, 2],
    lb_policy: ['round_robin', 'first', 'random'],
    max_staleness: [60, 30],
  }
  const changes = [
    async () => {
      const name = one(Object.keys(policies))
      await rows.policy(one([null, one(buckets).id, one(buckets).id]), name, one(policies[name] ?? []))
    },
    () =>
      pool.query(`UPDATE storage_deployment SET health = $1 WHERE name = $2`, [
        one(['healthy', 'unhealthy']),
        one(['hpc', 'edge', 'cloud']),
      ]),
    () => pool.query(`UPDATE replica SET observed = 'complete' WHERE wanted AND random() < 0.5`),
    () => pool.query(`UPDATE replica SET conflicts = $1 WHERE storage_id = $2`, [one([0, 1]), one(clusters).store.id]),
  ]
  /** What held of each bucket at a moment. */
  const past: { at: Date; held: ReadonlyMap<string, Awaited<ReturnType<typeof decide>>[number]> }[] = []
  for (let n = 0; n < 40; n++) {
    for (let more = 0; more < 3; more++) await one(changes)()
    const decided = await decide(buckets.map(({ id }) => id))
    past.push({ at: await moment(), held: new Map(decided.map((bucket) => [bucket.bucketName, bucket])) })
  }
  const milliseconds: number[] = []
  const names = new Set<string>()
  async function ask() {
    const { at, held } = one(past)
    const bucket = held.get(one(buckets).name)
    if (bucket?.table == null) return
    const tableId = contentId(bucket.table)
    const before = performance.now()
    const found = await find(tableId, bucket.bucketName, at)
    milliseconds.push(performance.now() - before)
    names.add(tableId)
    const { bucketName, table, kept } = found ?? {}
    if (!sameContent({ bucketName, table, kept }, bucket)) expect(found).toEqual(bucket)
  }
  while (milliseconds.length < 10_000) await Promise.all([ask(), ask(), ask()])
  expect(names.size).toBeGreaterThan(10)
  const p95 = milliseconds.toSorted((a, b) => a - b)[9_500] ?? Number.POSITIVE_INFINITY
  expect(p95).toBeLessThan(50)
}, 60_000)
