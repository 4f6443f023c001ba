import { v7 } from 'uuid'
import type { Sql, Tx } from '../core/pool.ts'

/** Values that JSON can hold. */
export type Detail = { readonly [name: string]: unknown }

/** Who did what; in the transaction of the change. `detail` must hold no secret. */
export async function writeAudit(
  tx: Tx,
  { actor, action, subject, detail }: { actor: string; action: string; subject: string; detail: Detail },
): Promise<void> {
  await tx.query('INSERT INTO audit_event (id, actor, action, subject, detail) VALUES ($1, $2, $3, $4, $5::jsonb)', [
    ...[v7(), actor, action, subject],
    JSON.stringify(detail),
  ])
}

/** What stayed on a store that was forgotten; nobody in particular did it. */
export async function writeLeftBehind(sql: Sql, store: string, buckets: readonly string[]): Promise<void> {
  await sql.query(
    `INSERT INTO audit_event (id, actor, action, subject, detail) VALUES ($1, 'fado', 'storageForgotten', $2, $3)`,
    [v7(), store, JSON.stringify({ leftBehind: buckets })],
  )
}
