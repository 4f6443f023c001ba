import { v7 } from 'uuid'
import type { CatalogueTx } from '../core/client.ts'
import type { Sql } from '../core/pool.ts'
import type { Prisma } from '../generated/client.ts'

/** Values that JSON can hold. */
export type Detail = { readonly [name: string]: unknown }

/** Who did what; in the transaction of the change. `detail` must hold no secret. */
export async function writeAudit(
  tx: CatalogueTx,
  entry: { actor: string; action: string; subject: string; detail: Detail },
) {
  const detail = entry.detail as Prisma.InputJsonObject
  await tx.prisma.auditEvent.create({ data: { ...entry, id: v7(), detail } })
}

/** What stayed on a store that was forgotten; nobody in particular did it. */
export async function writeLeftBehind(sql: Sql, store: string, buckets: readonly string[]): Promise<void> {
  await sql.query(
    `INSERT INTO audit_event (id, actor, action, subject, detail) VALUES ($1, 'fado', 'storageForgotten', $2, $3)`,
    [v7(), store, JSON.stringify({ leftBehind: buckets })],
  )
}
