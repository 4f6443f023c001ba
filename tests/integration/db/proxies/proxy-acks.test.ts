import { expect, test } from 'vitest'
import { ackedThrough } from '../../../../server/db/proxies/proxy-acks.ts'
import { freshPool } from '../../../support/fresh-pool.ts'
import { fleet, fromNow } from '../../../support/world/fleet.ts'

async function start() {
  const pool = await freshPool()
  const acked = async (...names: string[]) => {
    const through = await ackedThrough(pool, names)
    return names.map(through)
  }
  return { pool, world: fleet(pool), acked }
}

test.for(['behind', 'nacked'] as const)(
  'a proxy that is %s with one bucket agrees to the routes before that one, and holds up no other bucket',
  async (state) => {
    const { world, acked } = await start()
    const proxy = await world.proxy('edge-1', { stream: { ackedThrough: 90 } })
    await proxy.exception('late', 85, state)
    expect(await acked('late', 'other')).toEqual([84, 90])
    await (await world.proxy('edge-2', { stream: { ackedThrough: 80 } })).exception('late', 88, state)
    expect(await acked('late', 'other'), 'the least of all counts').toEqual([80, 80])
  },
)

test('nobody agrees where no proxy counts, and one that does not count holds up nothing', async () => {
  const { pool, world, acked } = await start()
  expect(await acked('b')).toEqual([null])
  await world.proxy('edge-1', { stream: { ackedThrough: 90 } })
  const gone = await world.proxy('edge-2', {
    stream: { ackedThrough: 10, closedAt: fromNow(-60), heartbeatAt: fromNow(-60), leaseUntil: fromNow(-61) },
  })
  await gone.exception('b', 5, 'behind')
  expect(await acked('b')).toEqual([90])
  await pool.query(`UPDATE proxy_stream SET lease_until = now() WHERE closed_at IS NOT NULL`)
  expect(await acked('b'), 'its lease runs').toEqual([4])
})
