// What was down is coming back for a while.
import { expect, test } from 'vitest'
import { lastHealthChanges } from '../../../../server/db/catalogue/health-changes.ts'
import { loadEndpoints } from '../../../../server/db/proxies/endpoints.ts'
import type { ProbeTrouble } from '../../../../server/domain/fleet/health-cause.ts'
import type { StoreProbe } from '../../../../server/reconcile/health-monitor.ts'
import { eventually } from '../../../support/eventually.ts'
import { ill, masterOn, monitor, refused, silent, well } from '../../../support/health-monitor.ts'

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

test('what is coming back goes on where the process that probes it was held up', async () => {
  let answer: StoreProbe = well
  let holds = 0
  let heard = 0
  const { health, pool, edge } = await monitor(
    { calm: 0.01, suspicious: 0.01 },
    async () => {
      if (holds === 0) {
        heard++
        return answer
      }
      // The answer is there, and its time is over when it could be read.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 600)
      holds--
      return ill(silent)
    },
    { failbackAfter: 60 },
  )
  await eventually('what is new is well at once', async () => (await health()) === 'healthy')
  answer = ill(refused)
  await eventually('it is down', async () => (await health()) === 'unhealthy')
  answer = well
  await eventually('it comes back', async () => (await health()) === 'returning')
  holds = 2
  heard = 0
  await eventually('the rounds in which it was held up are over', () => heard > 0)
  const changes = await lastHealthChanges(pool, edge.id, 100)
  expect(changes.map(({ health }) => health)).toEqual(['returning', 'unhealthy'])
})
