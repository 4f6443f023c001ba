// Leases on dirty keys: who lost one changes nothing any more of what another does.
import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import {
  type ClaimedObject,
  claimObjects,
  finishObjects,
  giveBackObject,
  keepUntold,
  renewObjects,
} from '../../../../server/db/copies/object-claims.ts'
import { markFound, markObjects } from '../../../../server/db/queue/dirty-objects.ts'
import { eventually } from '../../../support/eventually.ts'
import { freshPool } from '../../../support/fresh-pool.ts'
import { fleet, fromNow } from '../../../support/world/fleet.ts'

/** A key whose lease ran out at the first mover, and that a second one has claimed. */
async function start() {
  const pool = await freshPool()
  const world = fleet(pool)
  const bucket = await (await world.cluster('hpc')).store.bucket('photos')
  const edge = await world.cluster('edge')
  const replica = await bucket.replica(edge.store)
  await replica.waits('k')
  const pick = { bucketId: bucket.id, storageId: edge.store.id, bulk: false, limit: 1 }
  const claim = async (owner: string): Promise<ClaimedObject> => {
    const [claimed] = await claimObjects(pool, { owner, seconds: 30, lookAgainSeconds: 5, youngSeconds: 5 }, [pick])
    if (claimed === undefined) throw new Error('nothing to claim')
    return claimed
  }
  const row = async () => (await pool.query<object>('SELECT * FROM dirty_object')).rows
  const [first, second] = [randomUUID(), randomUUID()]
  const lost = await claim(first)
  await pool.query(
    `UPDATE dirty_object SET lease_until = now() - interval '1 ms', not_before = now() - interval '1 ms'`,
  )
  const held = await claim(second)
  return { pool, first, second, lost, held, row }
}

test.for<[string, (of: Awaited<ReturnType<typeof start>>) => Promise<unknown>]>([
  ['finishes it', ({ pool, first, lost }) => finishObjects(pool, first, [lost])],
  [
    'gives it back',
    ({ pool, first, lost }) =>
      giveBackObject(pool, first, lost, { seconds: 0, failure: null, failed: true, lookAgainSeconds: 60 }),
  ],
  ['prolongs it', ({ pool, first, lost }) => renewObjects(pool, { owner: first, seconds: 60 }, [lost])],
])('a key that another mover holds by now stays as that one has it when its former holder %s', async ([, act]) => {
  const world = await start()
  const before = await world.row()
  expect(before).toHaveLength(1)
  await act(world)
  expect(await world.row()).toEqual(before)
})

test('who prolongs leases learns which it still holds', async () => {
  const { pool, first, second, lost, held } = await start()
  expect(await renewObjects(pool, { owner: first, seconds: 60 }, [lost])).toEqual([])
  const { bucketId, storageId, key } = held
  expect(await renewObjects(pool, { owner: second, seconds: 60 }, [held])).toEqual([{ bucketId, storageId, key }])
})

test('a key that was lost before is looked at once more after its next holder is done', async () => {
  const { pool, second, held, row } = await start()
  expect(await finishObjects(pool, second, [held])).toMatchObject([{ news: false }])
  expect(await row()).toMatchObject([{ lease_owner: null }])
})

test('a key is gone when its holder is done, unless there were news of it meanwhile', async () => {
  const { pool, second, held, row } = await start()
  const claimAgain = async (): Promise<ClaimedObject> => {
    await pool.query('UPDATE dirty_object SET lease_owner = NULL, lease_until = NULL, look_again_at = NULL')
    // A millisecond is what the column rounds by.
    await pool.query(`UPDATE dirty_object SET not_before = now() - interval '1 ms'`)
    const picks = [{ ...held, limit: 1 }]
    const [claimed] = await claimObjects(
      pool,
      { owner: second, seconds: 30, lookAgainSeconds: 5, youngSeconds: 5 },
      picks,
    )
    if (claimed === undefined) throw new Error('nothing to claim')
    return claimed
  }
  const claimed = await claimAgain()
  await markObjects(pool, [{ bucketId: held.bucketId, key: 'k', removed: false }])
  expect(await finishObjects(pool, second, [claimed])).toMatchObject([{ news: true }])
  const due = `SELECT not_before <= now() AND lease_owner IS NULL AS due FROM dirty_object WHERE storage_id = $1`
  expect((await pool.query(due, [held.storageId])).rows).toEqual([{ due: true }])
  await pool.query('DELETE FROM dirty_object WHERE storage_id <> $1', [held.storageId]) // the master's own
  expect(await finishObjects(pool, second, [await claimAgain()])).toMatchObject([{ news: false }])
  expect(await row()).toEqual([])
})

test('a key that is left to a comparison keeps its age, is bulk no more, and is due at once when there were news of it', async () => {
  const { pool, second, held } = await start()
  await pool.query(`UPDATE dirty_object SET since = now() - interval '40 s', initial = true, attempts = 3`)
  const left = async () =>
    (
      await pool.query<object>(
        `SELECT not_before > now() AS waits, round(extract(epoch FROM now() - since))::int AS age, initial AS bulk, attempts,
           lease_owner AS owner FROM dirty_object WHERE storage_id = $1`,
        [held.storageId],
      )
    ).rows
  const as = { age: 40, bulk: false, attempts: 0, owner: null }
  expect(await keepUntold(pool, second, { ...held, bulk: true }, 60)).toEqual({ news: false })
  expect(await left()).toEqual([{ ...as, waits: true }])
  await pool.query('UPDATE dirty_object SET lease_owner = $1', [second])
  await markObjects(pool, [{ bucketId: held.bucketId, key: 'k', removed: false }])
  expect(await keepUntold(pool, second, held, 60)).toEqual({ news: true })
  expect(await left()).toEqual([{ ...as, waits: false }])
})

test('a mover that was stopped for long and ends what it began before makes the copy no younger than its oldest news', async () => {
  const { pool, second, held } = await start()
  const { bucketId, storageId } = held
  const age = async () =>
    (
      await pool.query<{ s: number }>(
        'SELECT round(extract(epoch FROM now() - since))::int AS s FROM dirty_object WHERE storage_id = $1',
        [storageId],
      )
    ).rows[0]?.s
  // Its lease ran out, news came, and the same mover took the key once more before it noticed.
  await markObjects(pool, [{ bucketId, key: 'k', removed: false }])
  await pool.query(`UPDATE dirty_object SET since = now() - interval '40 s', since_next = now() - interval '20 s',
    lease_until = now() - interval '1 ms', not_before = now() - interval '1 ms'`)
  const lease = { owner: second, seconds: 30, lookAgainSeconds: 5, youngSeconds: 5 }
  expect(await claimObjects(pool, lease, [{ bucketId, storageId, bulk: false, limit: 1 }])).toHaveLength(1)
  expect(await age()).toBe(40)
  expect(await finishObjects(pool, second, [held])).toMatchObject([{ news: true }])
  expect(await age()).toBe(20)
})

test('news that come in the very moment in which a key is finished leave it due, and held by nobody', async () => {
  const { pool, second, held } = await start()
  await pool.query('UPDATE dirty_object SET look_again_at = NULL')
  const client = await pool.connections.connect()
  try {
    // Its transaction holds the row while the mover finishes the key, and commits then.
    await client.query('BEGIN')
    await client.query(
      'UPDATE dirty_object SET generation = generation + 1, since_next = now() WHERE storage_id = $1',
      [held.storageId],
    )
    const finished = finishObjects(pool.lazily, second, [held])
    await eventually('it waits for the row', async () => {
      const waiting = `SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`
      return (await pool.query(waiting)).rowCount === 1
    })
    await client.query('COMMIT')
    expect(await finished).toMatchObject([{ news: true }])
  } finally {
    client.release()
  }
  const { rows } = await pool.query<object>(
    'SELECT lease_owner AS owner, not_before <= now() AS due FROM dirty_object WHERE storage_id = $1',
    [held.storageId],
  )
  expect(rows).toEqual([{ owner: null, due: true }])
})

test('leases are prolonged while keys are finished and told of, all by the hundred, and none waits for another in a circle', async () => {
  const pool = await freshPool(4)
  const world = fleet(pool)
  const bucket = await (await world.cluster('hpc')).store.bucket('photos')
  const edge = await world.cluster('edge')
  await bucket.replica(edge.store)
  const keys = Array.from({ length: 600 }, (_, i) => `key ${i}`)
  const mark = () =>
    markFound(
      pool,
      { bucketId: bucket.id, storageIds: [edge.store.id], bulk: false },
      keys.map((key) => ({ key, size: 1, since: null, mayDelete: false })),
    )
  await mark()
  const owner = randomUUID()
  const pick = { bucketId: bucket.id, storageId: edge.store.id, bulk: false, limit: keys.length }
  const claims = await claimObjects(pool, { owner, seconds: 60, lookAgainSeconds: 5, youngSeconds: 5 }, [pick])
  expect(claims).toHaveLength(keys.length)
  for (let round = 0; round < 10; round++) {
    const [renewed] = await Promise.all([
      renewObjects(pool, { owner, seconds: 60 }, claims),
      // What was told meanwhile keeps the row, given back to nobody: it is taken again below.
      finishObjects(pool.lazily, owner, claims.toReversed()),
      mark(),
    ])
    expect(renewed.length === 0 || renewed.length === keys.length).toBe(true)
    await mark()
    await pool.query('UPDATE dirty_object SET lease_owner = $1', [owner])
  }
})

test('of a backlog that events told of the newest keys are taken first, with some of the oldest; bulk as it was found', async () => {
  const pool = await freshPool(4)
  const world = fleet(pool)
  const bucket = await (await world.cluster('hpc')).store.bucket('photos')
  const edge = await world.cluster('edge')
  await bucket.replica(edge.store)
  const at = { bucketId: bucket.id, storageId: edge.store.id }
  const take = async (bulk: boolean, limit: number) => {
    await pool.query(
      `INSERT INTO dirty_object (bucket_id, storage_id, key, initial, not_before)
       SELECT $1, $2, 'k' || i, $3, now() - make_interval(mins => 100 - i) FROM generate_series(1, 100) i
       ON CONFLICT (bucket_id, storage_id, key) DO UPDATE SET initial = excluded.initial, not_before = excluded.not_before`,
      [at.bucketId, at.storageId, bulk],
    )
    const claims = await claimObjects(
      pool,
      { owner: randomUUID(), seconds: 60, lookAgainSeconds: 5, youngSeconds: 5 },
      [{ ...at, bulk, limit }],
    )
    return claims.map(({ key }) => Number(key.slice(1))).sort((a, b) => a - b)
  }
  expect(await take(false, 8)).toEqual([1, 2, 95, 96, 97, 98, 99, 100])
  expect(await take(true, 8)).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
  expect(new Set(await take(false, 200)).size).toBe(100)
  const alone = new Set<number | undefined>()
  while (alone.size < 2) alone.add((await take(false, 1))[0])
  expect([...alone].sort()).toEqual([1, 100])
})

test('of a full link only what changed just now is taken, however long the backlog and whatever of it is due again', async () => {
  const pool = await freshPool(4)
  const world = fleet(pool)
  const bucket = await (await world.cluster('hpc')).store.bucket('photos')
  const edge = await world.cluster('edge')
  const replica = await bucket.replica(edge.store)
  await replica.waits('old', { since: fromNow(-60), notBefore: fromNow(-60) })
  await replica.waits('tried again', { since: fromNow(-60), notBefore: fromNow(-1) })
  await replica.waits('bulk')
  await pool.query(`UPDATE dirty_object SET initial = true WHERE key = 'bulk'`)
  await replica.waits('now')
  const pick = { bucketId: bucket.id, storageId: edge.store.id, bulk: false, limit: 5 }
  const take = async (young: boolean) => {
    const lease = { owner: randomUUID(), seconds: 60, lookAgainSeconds: 5, youngSeconds: 5 }
    const claims = await claimObjects(pool, lease, [{ ...pick, young }])
    return Object.fromEntries(claims.map((claim) => [claim.key, claim.young]))
  }
  expect(await take(true)).toEqual({ now: true })
  await replica.waits('later')
  expect(await take(false)).toEqual({ old: false, 'tried again': false, later: true })
})
