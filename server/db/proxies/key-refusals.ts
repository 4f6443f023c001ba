// Since when platforms refuse FaDO's key: told by calls, for a probe has no key.
import type { KeyRefusals } from '../../domain/calls/key-refusals.ts'
import type { Sql, Tx } from '../core/pool.ts'

/** The ids of deployments whose platform refuses it now, as far as is known. */
export async function refusingKeys(sql: Sql): Promise<ReadonlySet<string>> {
  const { rows } = await sql.query<{ id: string }>('SELECT id FROM faas_deployment WHERE refused_since IS NOT NULL')
  return new Set(rows.map(({ id }) => id))
}

/** Only what is news is written. */
export async function noteKeyRefusals(tx: Tx, { refused, taken }: KeyRefusals): Promise<void> {
  // As text: an Envoy may tell of a deployment that nobody knows any more.
  const { rows } = await tx.query<{ id: string }>(
    `UPDATE faas_deployment SET refused_since = CASE WHEN refused_since IS NULL THEN now() END
     WHERE id::text = ANY(CASE WHEN refused_since IS NULL THEN $1::text[] ELSE $2::text[] END) RETURNING id`,
    [refused, taken],
  )
  if (rows.length === 0) return
  tx.changed(
    'faas',
    rows.map(({ id }) => id),
  )
}
