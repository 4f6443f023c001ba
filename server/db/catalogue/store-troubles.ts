import type { StoreProblem } from '../../domain/trouble/trouble.ts'
import type { Sql } from '../core/pool.ts'

/** What movers suffer of a store, and since when the first of them does. */
export type StoreTroubleRecord = {
  readonly storageId: string
  readonly store: string
  readonly problem: StoreProblem
  readonly since: Date
}

/** What is known longest first. */
export async function troublesOfStorages(sql: Sql, ids: readonly string[]): Promise<StoreTroubleRecord[]> {
  const { rows } = await sql.query<StoreTroubleRecord>(
    `SELECT t.storage_id AS "storageId", s.name AS store, t.problem, min(t.since) AS since
     FROM store_trouble t JOIN storage_deployment s ON s.id = t.storage_id
     WHERE t.storage_id = ANY($1::uuid[]) GROUP BY 1, 2, 3 ORDER BY since, t.problem`,
    [ids],
  )
  return rows
}
