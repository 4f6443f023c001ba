// The history of health: the last changes of each store and function deployment.

import type { Health } from '../../domain/fleet/failback.ts'
import type { HealthCause } from '../../domain/fleet/health-cause.ts'
import { keptHealthChanges } from '../../domain/fleet/health-history.ts'
import type { Tx } from '../core/pool.ts'

export async function recordHealthChange(
  tx: Tx,
  of: 'storage_id' | 'faas_id',
  id: string,
  seen: { readonly health: Health; readonly cause: HealthCause | null; readonly detail: string | null },
): Promise<void> {
  await tx.query(`INSERT INTO health_change (${of}, health, cause, detail) VALUES ($1, $2, $3, $4)`, [
    id,
    seen.health,
    seen.cause,
    seen.detail,
  ])
  await tx.query(
    `DELETE FROM health_change WHERE ${of} = $1 AND number <= (
       SELECT number FROM health_change WHERE ${of} = $1 ORDER BY number DESC OFFSET $2 LIMIT 1)`,
    [id, keptHealthChanges],
  )
}
