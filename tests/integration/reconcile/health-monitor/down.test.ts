// When a store is down, and what is kept of it.
import { expect, test } from 'vitest'
import { lastHealthChanges } from '../../../../server/db/catalogue/health-changes.ts'
import { writeStoreHealth } from '../../../../server/db/deciding/health.ts'
import type { StoreProbe } from '../../../../server/reconcile/health-monitor.ts'
import { eventually } from '../../../support/eventually.ts'
import { ill, keyRefused, masterOn, monitor, refused, silent, well } from '../../../support/health-monitor.ts'

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

test('a process that is held up while it probes does not take that for silence of the others', async () => {
  const holds = 5
  const looked = Promise.withResolvers<void>()
  let asked = 0
  const { health } = await monitor({ calm: 0.01, suspicious: 0.01 }, async () => {
    // The answer is there, and its time is over when it could be read.
    if (++asked <= holds) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 600)
    else await looked.promise
    return ill(silent)
  })
  await eventually('it was asked often enough', () => asked > holds)
  expect(await health()).toBe('healthy')
  looked.resolve()
  await eventually('what is silent all the same is down', async () => (await health()) === 'unhealthy')
})
