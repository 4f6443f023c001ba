import { expect, test } from 'vitest'
import { loadCopy } from '../../../../server/db/copies/copies.ts'
import { findDuePairs } from '../../../../server/db/copies/due-pairs.ts'
import { allowedWrites, journalDeleting, journalWritings } from '../../../../server/db/copies/journal-announce.ts'
import { putJournal } from '../../../../server/db/copies/journal-edits.ts'
import type { JournalRow } from '../../../../server/db/copies/journal-row.ts'
import { recordCreateSent } from '../../../../server/db/copies/replica.ts'
import { type WriteTerm, writeTerms } from '../../../../server/domain/replica/write-permission.ts'
import { eventually } from '../../../support/eventually.ts'
import { freshPool } from '../../../support/fresh-pool.ts'
import { fleet } from '../../../support/world/fleet.ts'

/** What makes each term untrue. `begun`: only work that began before sees it. */
const breaks: Readonly<Record<WriteTerm, { readonly sql: string; readonly begun?: true }>> = {
  wanted: { sql: 'UPDATE replica SET wanted = false' },
  epoch: { sql: 'UPDATE bucket SET epoch = epoch + 1' },
  generation: { sql: 'UPDATE replica SET generation = generation + 1', begun: true },
  kept: { sql: `UPDATE bucket SET state = 'deleting'` },
  trusted: { sql: `UPDATE bucket SET master_stopped = 'replaced'` },
  unreleased: { sql: 'UPDATE replica SET released_at = now()' },
  settled: { sql: 'INSERT INTO dirty_bucket (bucket_id, narrowing) SELECT id, true FROM bucket' },
  open: {
    sql: `INSERT INTO closed_window (storage_id, closes_at, opens_at)
      SELECT master_storage_id, now() - interval '1 min', now() + interval '1 min' FROM bucket`,
  },
  running: { sql: `INSERT INTO bucket_pause (bucket_id, actor) SELECT id, 'somebody' FROM bucket` },
}
const row: JournalRow = {
  state: 'there',
  sourceEtag: 'e',
  sourceModified: 0,
  carried: 'c',
  size: 1,
  targetEtag: 'e',
  targetModified: 0,
  targetCarried: 'c',
  uploadId: null,
  verified: true,
}

/** A copy on which work may begin. */
async function start() {
  const pool = await freshPool()
  const rows = fleet(pool)
  const [hpc, edge] = [await rows.cluster('hpc'), await rows.cluster('edge')]
  const bucket = await hpc.store.bucket('photos')
  const [bucketId, storageId] = [bucket.id, edge.store.id]
  const replica = await bucket.replica(edge.store)
  const guard = { replicaId: replica.id, epoch: 1, generation: 1 }
  await putJournal(pool, null, [{ at: { replicaId: guard.replicaId, key: 'k', epoch: 1 }, row }])
  await replica.waits('k')

  /** What everything that asks is told: the first four of work that has begun, the others of work that would begin now. */
  const answers = async () => ({
    write: (await journalWritings(pool, null, [{ guard, key: 'k', what: row }]))[0],
    delete: await journalDeleting(pool, null, { guard, key: 'k', what: row }),
    createBucket: await recordCreateSent(pool, guard),
    residencyGuard: (await allowedWrites(pool, [guard])).size === 1,
    claim: (await findDuePairs(pool, { after: new Map(), limit: 10 })).some(
      (pair) => pair.toStorageId === storageId && pair.due,
    ),
    begin: (await loadCopy(pool, bucketId, storageId))?.replica?.mayWrite,
  })
  return { pool, answers }
}
const all = (begun: boolean, beginning: boolean) => ({
  write: begun,
  delete: begun,
  createBucket: begun,
  residencyGuard: begun,
  claim: beginning,
  begin: beginning,
})

test('a copy may be written to while all terms hold', async () => {
  const { answers } = await start()
  expect(await answers()).toEqual(all(true, true))
})

test.each(Object.entries(writeTerms) as [WriteTerm, string][])(
  'nothing is written, and no such work begins, unless (%s) %s',
  async (term) => {
    const { pool, answers } = await start()
    const { sql, begun = false } = breaks[term]
    await pool.query(sql)
    expect(await answers()).toEqual(all(false, begun))
  },
)

test('a master that went backwards is not trusted either, nor is its own record worked on', async () => {
  const { pool, answers } = await start()
  await pool.query(`UPDATE bucket SET master_stopped = 'regressed'`)
  expect(await answers()).toEqual(all(false, false))
})

test('a window closes and opens at its moments, by the clock of PostgreSQL, with nobody to say so', async () => {
  const { pool, answers } = await start()
  await pool.query(
    `INSERT INTO closed_window (storage_id, closes_at, opens_at)
     SELECT storage_id, now() + interval '0.5 s', now() + interval '1.5 s' FROM replica`,
  )
  const now = async () => {
    const { rows } = await pool.query<{ closed: boolean }>(
      'SELECT now() >= closes_at AND now() < opens_at AS closed FROM closed_window',
    )
    return rows[0]?.closed
  }
  expect(await answers()).toEqual(all(true, true))
  await eventually('it is closed', now)
  expect(await answers()).toEqual(all(false, false))
  await eventually('it is open', async () => !(await now()))
  expect(await answers()).toEqual(all(true, true))
})
