// What is read for a decision goes by its buckets, and what is looked for each second by what is found: not by how many buckets the
// fleet has, whether PostgreSQL has counted them or not.

import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { creations } from '../../../../server/db/catalogue/buckets.ts'
import type { Sql, Tx } from '../../../../server/db/core/pool.ts'
import { loadBuckets } from '../../../../server/db/deciding/bucket-states.ts'
import { loadFleet } from '../../../../server/db/deciding/fleet-state.ts'
import { markMisjudged } from '../../../../server/db/deciding/freshness.ts'
import { storesToProbe } from '../../../../server/db/deciding/health.ts'
import { endDecisions } from '../../../../server/db/deciding/kept-decisions.ts'
import { forgetStreams } from '../../../../server/db/proxies/proxy-streams.ts'
import { claimTasks, nextDueTask, type TaskRoom } from '../../../../server/db/queue/claim-tasks.ts'
import { freshPool } from '../../../support/fresh-pool.ts'
import { pagesTouched } from '../../../support/pages-touched.ts'
import { fleet } from '../../../support/world/fleet.ts'

/** Each with its master and two copies, routed by one of ten tables, decided twice, and marked with all others. */
async function buckets(count: number) {
  const pool = await freshPool(1)
  const world = fleet(pool)
  const names = ['hpc', 'edge', 'cloud']
  const stores: string[] = []
  for (const name of names) stores.push((await world.cluster(name)).store.id)
  const statements: readonly [string, ...unknown[]][] = [
    [
      `INSERT INTO bucket (id, name, state, master_storage_id, master_bucket_name)
       SELECT gen_random_uuid(), n, 'active', $2::uuid, n FROM (SELECT 'b' || i AS n FROM generate_series(1, $1::int) AS i) s`,
      count,
      stores[0],
    ],
    [
      `INSERT INTO replica (id, bucket_id, storage_id, bucket_name, wanted, generation, epoch, observed)
       SELECT gen_random_uuid(), b.id, s, b.name, true, 0, 1, 'complete' FROM bucket b CROSS JOIN unnest($1::uuid[]) AS s`,
      stores.slice(1),
    ],
    [
      `INSERT INTO replica_task (bucket_id, storage_id, kind, not_before)
       SELECT bucket_id, storage_id, 'sweep', now() + interval '1 hour' FROM replica`,
    ],
    [`UPDATE replica_task SET not_before = now() WHERE bucket_id = (SELECT id FROM bucket WHERE name = 'b1')`],
    [
      `INSERT INTO route_table (id, clusters, lb_policy, timeout_ms) SELECT 't' || i, $1::text[], 'random', i FROM generate_series(0, 9) AS i`,
      names,
    ],
    [
      `INSERT INTO route (bucket_id, bucket_name, number, table_id)
       SELECT id, name, n, 't' || n % 10 FROM (SELECT *, row_number() OVER () AS n FROM bucket) b`,
    ],
    [
      `INSERT INTO decision (bucket_id, bucket_name, number, reasons_id, bucket_version, policies_version, until_at)
       SELECT id, name, 1, 'r', 1, 1, until FROM bucket CROSS JOIN unnest(ARRAY[now(), NULL]) AS until`,
    ],
    ['INSERT INTO dirty_bucket (bucket_id, turn) SELECT id, 3 FROM bucket'],
  ]
  for (const [text, ...values] of statements) await pool.query(text, values)
  return { pool, names: Array.from({ length: 20 }, (_, i) => `b${1 + i * (count / 20)}`) }
}

type Work = (sql: Tx, names: readonly string[]) => Promise<unknown>
const works: Readonly<Record<string, Work>> = {
  'the fleet': (sql) => loadFleet(sql),
  'buckets that are being made': (sql) => creations(sql),
  'work on copies that becomes due': async (sql) => {
    await sql.query(
      `UPDATE replica_task SET lease_until = now() + interval '9 s' WHERE bucket_id = (SELECT id FROM bucket WHERE name = 'b1')`,
    )
    expect(await nextDueTask(sql)).toBeCloseTo(9, 0)
  },
  'stores that are probed': async (sql) => {
    for (const { buckets } of await storesToProbe(sql)) expect(buckets.length).toBeGreaterThan(10)
  },
  'buckets that are decided': async (sql, names) => {
    const { rows } = await sql.query<{ id: string }>('SELECT id FROM bucket WHERE name = ANY($1::text[])', [names])
    const ids = rows.map(({ id }) => id)
    expect(await loadBuckets(sql, ids, {})).toHaveLength(20)
  },
  'decisions that end': (sql, names) => endDecisions(sql, names),
  'buckets that wait for proxies, while many are due': async (sql) => {
    await sql.query(
      `UPDATE dirty_bucket SET not_before = now() + interval '1 minute' WHERE bucket_id = (SELECT bucket_id FROM dirty_bucket LIMIT 1)`,
    )
    await forgetStreams(sql, [])
  },
  'copies that turn stale': async (sql) => {
    await sql.query(`UPDATE replica SET stale = true WHERE id = (SELECT id FROM replica LIMIT 1)`)
    await markMisjudged(sql, 60)
  },
}

test.each([false, true])(
  'of work that is due on many copies the first is claimed, and no more is read (counted: %s)',
  async (counted) => {
    const pages: number[] = []
    for (const count of [200, 2000]) {
      const { pool } = await buckets(count)
      await pool.query(`INSERT INTO policy_value (scope, scope_id, name, value)
      SELECT 'bucket', id, unnest(ARRAY['zones', 'max_staleness']), '1' FROM bucket`)
      await pool.query(`INSERT INTO policy_value (scope, scope_id, name, value)
      SELECT 'bucket', id, 'replication_priority', '2' FROM bucket WHERE name IN ('b77', 'b99')`)
      const due = `UPDATE replica_task SET not_before = now() - make_interval(secs => $1)`
      await pool.query(`${due} - random() * interval '30 s'`, [30])
      await pool.query(`${due} WHERE bucket_id IN (SELECT id FROM bucket WHERE name IN ('b3', 'b99'))`, [90])
      if (counted) await pool.query('ANALYZE')
      await pool.transaction(async (tx) => {
        const before = await pagesTouched(tx)
        const room = { free: new Map(), otherwise: 3, brokenMasters: [], served: null }
        const claims = await claimTasks(tx, { owner: randomUUID(), seconds: 30 }, room)
        pages.push((await pagesTouched(tx)) - before)
        const { rows } = await tx.query<{ name: string }>(
          'SELECT name FROM bucket WHERE id = ANY($1::uuid[]) ORDER BY name',
          [claims.map(({ bucketId }) => bucketId)],
        )
        // Two minutes are worth more than what it waited longer.
        expect(rows.map(({ name }) => name)).toEqual(['b3', 'b77', 'b99'])
        expect(claims).toHaveLength(6)
      })
    }
    const [few = 0, many = 0] = pages
    expect(many).toBeLessThan(2 * few)
  },
)

/** What holds the work on all copies back whose master is on the first store, until somebody or something lets it go. */
const holds: Readonly<
  Record<string, (sql: Sql, stores: readonly [string, string, string]) => Promise<Partial<TaskRoom>>>
> = {
  'a master that is away': async (_, [hpc]) => ({ brokenMasters: [hpc] }),
  'links that others serve': async (_, [, edge, cloud]) => ({ served: [{ from: edge, to: cloud }] }),
  'paused links': async (sql, [hpc, edge, cloud]) => {
    await sql.query(
      `INSERT INTO link_pause (from_storage_id, to_storage_id, actor) SELECT $1::uuid, unnest($2::uuid[]), 'somebody'`,
      [hpc, [edge, cloud]],
    )
    return {}
  },
  'a closed window': async (sql, [hpc]) => {
    await sql.query(
      `INSERT INTO closed_window (storage_id, closes_at, opens_at) VALUES ($1, now() - interval '1 h', now() + interval '1 h')`,
      [hpc],
    )
    return {}
  },
}

test.each(Object.keys(holds).flatMap((what) => [[what, 'sweep'] as const, [what, 'first_sync'] as const]))(
  'work that waits for %s (%s) is not read, however much there is, and what does not wait for that is claimed',
  async (what, kind) => {
    const pages: number[] = []
    for (const count of [200, 2000]) {
      const { pool } = await buckets(count)
      const { rows: stores } = await pool.query<{ name: string; id: string }>('SELECT name, id FROM storage_deployment')
      const idOf = (of: string) => stores.find(({ name }) => name === of)?.id ?? ''
      const [hpc, edge, cloud] = [idOf('hpc'), idOf('edge'), idOf('cloud')]
      await pool.query(`UPDATE replica_task SET kind = $1, not_before = now() - interval '1 min'`, [kind])
      if (kind === 'first_sync') await pool.query(`UPDATE replica SET observed = 'absent'`)
      const other = await fleet(pool).storeOf(edge).bucket('other')
      await (await other.replica({ id: cloud })).task('sweep')
      const more = await holds[what]?.(pool, [hpc, edge, cloud])
      await pool.query('VACUUM ANALYZE') // of another kind till now: what is left of that in the index is read, too
      await pool.transaction(async (tx) => {
        const before = await pagesTouched(tx)
        const room = { free: new Map(), otherwise: 3, brokenMasters: [], served: null, ...more }
        const claims = await claimTasks(tx, { owner: randomUUID(), seconds: 30 }, room)
        pages.push((await pagesTouched(tx)) - before)
        expect(claims.map(({ bucketId }) => bucketId)).toEqual([other.id])
      })
    }
    const [few = 0, many = 0] = pages
    expect(many).toBeLessThan(2 * few)
  },
)

test.each([false, true])('ten times the buckets cost no more (counted: %s)', async (counted) => {
  const pages: Record<string, number>[] = []
  for (const count of [200, 2000]) {
    const { pool, names } = await buckets(count)
    if (counted) await pool.query('ANALYZE')
    const of: Record<string, number> = {}
    for (const [what, work] of Object.entries(works))
      of[what] = await pool.transaction(
        async (tx) => {
          const before = await pagesTouched(tx)
          await work(tx, names)
          return (await pagesTouched(tx)) - before
        },
        { plansOnce: true },
      )
    pages.push(of)
  }
  const [few, many] = pages
  // An index may have one level more, or two.
  for (const what of Object.keys(works)) expect(many?.[what], what).toBeLessThan(2 * (few?.[what] ?? 0) + 2)
})
