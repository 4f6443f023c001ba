// The times in which nothing is copied to or from a store (`closed_window`), kept ahead for all who ask whether they may write. Every
// mover keeps them, by the same rule from the same rows, so that they hold while one of them runs.
import type { Pool, Tx } from '../core/pool.ts'
import { type StoreRate, storeRates } from '../policies/cluster-rates.ts'

export type Rates = ReadonlyMap<string, StoreRate>

/** What the policies of clusters let pass now; what is closed by them is so from here on. `changed`: something closed or opened. */
export async function keepClosedWindows(pool: Pool): Promise<{ readonly rates: Rates; readonly changed: boolean }> {
  const { rowCount } = await pool.query('SELECT 1 FROM closed_window LIMIT 1')
  const seen = await storeRates(pool)
  if (rowCount === 0 && [...seen.values()].every(({ closed }) => closed === null))
    return { rates: seen, changed: false }
  return pool.transaction(async (tx) => {
    // One at a time: who read older policies must not write after who read newer ones.
    await tx.query(`SELECT pg_advisory_xact_lock(hashtextextended('closed_window', 0))`)
    const rates = await storeRates(tx)
    return { rates, changed: await write(tx, rates) }
  })
}

async function write(tx: Tx, rates: Rates): Promise<boolean> {
  const closed = [...rates].flatMap(([storageId, rate]) =>
    rate.closed === null ? [] : [{ storageId, ...rate.closed }],
  )
  const seconds = (at: number | null) => (at === null ? null : at / 1000)
  const { rows } = await tx.query<{ changed: boolean }>(
    `WITH given AS (
       SELECT storage_id, COALESCE(to_timestamp(closes), '-infinity') AS closes_at, COALESCE(to_timestamp(opens), 'infinity') AS opens_at
       FROM unnest($1::uuid[], $2::float8[], $3::float8[]) AS g (storage_id, closes, opens)
     ), gone AS (
       DELETE FROM closed_window w WHERE NOT EXISTS (SELECT 1 FROM given g WHERE g.storage_id = w.storage_id) RETURNING storage_id
     ), kept AS (
       INSERT INTO closed_window AS w (storage_id, closes_at, opens_at) SELECT * FROM given
       ON CONFLICT (storage_id) DO UPDATE SET closes_at = excluded.closes_at, opens_at = excluded.opens_at
       WHERE (w.closes_at, w.opens_at) IS DISTINCT FROM (excluded.closes_at, excluded.opens_at)
       RETURNING storage_id
     )
     SELECT EXISTS (SELECT 1 FROM gone) OR EXISTS (SELECT 1 FROM kept) AS changed`,
    [
      closed.map(({ storageId }) => storageId),
      closed.map(({ from }) => seconds(from)),
      closed.map(({ until }) => seconds(until)),
    ],
  )
  return rows[0]?.changed ?? false
}
