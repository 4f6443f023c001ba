// When a look that found changes proves that nobody tells of them.
import { afterEach, expect, test } from 'vitest'
import { noteUntold } from '../../../../server/db/copies/untold.ts'
import { createPool, type Pool } from '../../../../server/db/core/pool.ts'
import { eventsOfBuckets, eventsToShow, noteHeard } from '../../../../server/db/queue/bucket-events.ts'
import { judgeEvents } from '../../../../server/domain/fleet/event-source.ts'
import { freshDatabase } from '../../../support/postgres.ts'
import { fleet } from '../../../support/world/fleet.ts'

const pools: Pool[] = []
afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.end()))
})

const minute = 60_000
const ago = (minutes: number) => new Date(Date.now() - minutes * minute)

async function start(more: { masterSweptAt?: Date; gapSince?: Date } = { masterSweptAt: ago(15) }) {
  const pool = createPool(await freshDatabase(), { max: 2, onError: () => undefined })
  pools.push(pool)
  const store = { events: 'external', capabilities: [] }
  const bucket = await (await fleet(pool).cluster('cloud', { store })).store.bucket('photos', more)
  return {
    pool,
    /** As a whole look does at its end. */
    look: (at: Date) => pool.transaction((tx) => noteUntold(tx, bucket.id, at.getTime())),
    heardAt: (at: Date) =>
      pool.query(
        `INSERT INTO bucket_events (bucket_id, heard_at, heard_from) VALUES ($1, $2, 'sns')
         ON CONFLICT (bucket_id) DO UPDATE SET heard_at = excluded.heard_at`,
        [bucket.id, at],
      ),
    hears: () => pool.transaction((tx) => noteHeard(tx, [{ bucket: 'photos', store: null, source: 'eventbridge' }])),
    events: async () => {
      const [events] = await eventsOfBuckets(pool, [bucket.id])
      if (events === undefined) throw new Error('no bucket')
      return { ...events, standing: judgeEvents(events) }
    },
    told: async () =>
      (await pool.query<{ topic: string }>(`SELECT DISTINCT topic FROM event ORDER BY 1`)).rows.map(
        ({ topic }) => topic,
      ),
  }
}

test('nothing was heard since the look before: it is silent, since the first such look, until the next event', async () => {
  const { look, heardAt, hears, events, told } = await start()
  await heardAt(ago(20))
  expect((await events()).standing).toBe('believed')
  const first = ago(3)
  expect(await look(first)).toBe(true)
  expect(await told()).toEqual(['storage'])
  expect(await look(ago(1))).toBe(true)
  expect(await events()).toMatchObject({ standing: 'silent', untoldAt: first.getTime() })
  await hears()
  expect(await events()).toMatchObject({ standing: 'believed', heardFrom: 'eventbridge' })
  expect(await told()).toEqual(['bucket', 'storage'])
})

test('what falls silent again is so since then', async () => {
  const { look, heardAt, events } = await start({ masterSweptAt: ago(2) })
  await look(ago(40))
  await heardAt(ago(30))
  const again = ago(1)
  expect(await look(again)).toBe(true)
  expect((await events()).untoldAt).toBe(again.getTime())
})

test.each([
  ['an event was heard since the look before', { masterSweptAt: ago(15) }, ago(14)],
  ['it was never looked at before', {}, null],
  ['events may have been missed for a reason that is known', { masterSweptAt: ago(15), gapSince: ago(1) }, null],
] as const)('a look proves nothing where %s', async (_, more, heard) => {
  const { look, heardAt, events, told } = await start(more)
  if (heard !== null) await heardAt(heard)
  expect(await look(ago(0))).toBe(false)
  expect((await events()).untoldAt).toBeNull()
  expect(await told()).toEqual([])
})

test('of a store only the buckets are read that something is to be said of, and the last that was heard', async () => {
  const pool = createPool(await freshDatabase(), { max: 2, onError: () => undefined })
  pools.push(pool)
  const rows = fleet(pool)
  const external = { events: 'external', capabilities: [] }
  const [own, set] = [await rows.cluster('own'), await rows.cluster('set', { store: external })]
  const facts: readonly (readonly [string, Date | null, Date | null])[] = [
    ['never', null, null],
    ['earlier', ago(9), null],
    ['last', ago(1), null],
    ['silent', ago(9), ago(5)],
    ['again', ago(4), ago(5)],
  ]
  for (const { name, store } of [own, set])
    for (const [kind, heardAt, untoldAt] of facts) {
      const bucket = await store.bucket(`${name}-${kind}`)
      if (kind === 'never') continue
      await pool.query('INSERT INTO bucket_events (bucket_id, heard_at, untold_at) VALUES ($1, $2, $3)', [
        bucket.id,
        heardAt,
        untoldAt,
      ])
    }
  const shown = async (...stores: { readonly store: { readonly id: string } }[]) =>
    (
      await eventsToShow(
        pool,
        stores.map(({ store }) => store.id),
      )
    ).map(({ bucket }) => bucket)
  expect(await shown(own)).toEqual(['own-again', 'own-last', 'own-silent'])
  expect(await shown(set)).toEqual(['set-again', 'set-last', 'set-never', 'set-silent'])
  expect(await shown(own, set)).toHaveLength(7)
})
