// Since when platforms refuse FaDO's key: told by calls, for a probe has no key.
import type { KeyRefusals } from '../../domain/calls/key-refusals.ts'
import type { Tx } from '../core/pool.ts'

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
