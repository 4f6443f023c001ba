// What the health monitor sees, and what follows from it.

import { writeEvents } from '../core/events.ts'
import type { Sql } from '../core/pool.ts'
import { markBuckets } from '../queue/dirty-buckets.ts'

export type Health = 'healthy' | 'unhealthy'
export type ProbedStore = {
  readonly id: string
  readonly name: string
  readonly endpoint: string
  readonly health: string
}
export type ProbedFunctions = {
  readonly id: string
  readonly kind: string
  readonly url: string
  readonly probePath: string | null
  readonly health: string
  readonly address: string | null
}

export async function storesToProbe(sql: Sql): Promise<ProbedStore[]> {
  const { rows } = await sql.query<ProbedStore>('SELECT id, name, endpoint, health FROM storage_deployment ORDER BY id')
  return rows
}

export async function functionsToProbe(sql: Sql): Promise<ProbedFunctions[]> {
  const { rows } = await sql.query<ProbedFunctions>(
    'SELECT id, kind, url, probe_path AS "probePath", health, address FROM faas_deployment ORDER BY id',
  )
  return rows
}

/** Its buckets are decided again: their copies there may serve, or may not. */
export async function writeStoreHealth(sql: Sql, id: string, health: Health, detail: string | null): Promise<void> {
  const { rowCount } = await sql.query(
    `UPDATE storage_deployment SET health = $2, health_detail = $3,
       health_since = CASE WHEN health = $2 THEN health_since ELSE now() END
     WHERE id = $1 AND (health <> $2 OR health_detail IS DISTINCT FROM $3)`,
    [id, health, detail],
  )
  if (!rowCount) return
  await markBuckets(sql, { kind: 'storage', storageId: id })
  await writeEvents(sql, 'storage', [id])
}

export async function writeFunctionHealth(
  sql: Sql,
  id: string,
  seen: { readonly health: Health; readonly detail: string | null; readonly address: string | null },
): Promise<void> {
  const { rowCount } = await sql.query(
    `UPDATE faas_deployment SET health = $2, health_detail = $3, address = COALESCE($4, address),
       health_since = CASE WHEN health = $2 THEN health_since ELSE now() END
     WHERE id = $1 AND (health <> $2 OR health_detail IS DISTINCT FROM $3 OR address IS DISTINCT FROM COALESCE($4, address))`,
    [id, seen.health, seen.detail, seen.address],
  )
  if (rowCount) await writeEvents(sql, 'faas', [id])
}
