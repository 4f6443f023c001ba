// Movers that run, and which links each works on: a row each, renewed every second.
import type { LinkRule } from '../../domain/links/served-links.ts'
import type { Sql } from '../core/pool.ts'

/** `rules`: by the names of stores; null: all links. Rows of movers that are gone for long go. Resolves to the id of each store by its name. */
export async function renewMover(
  sql: Sql,
  owner: string,
  rules: readonly LinkRule[] | null,
): Promise<ReadonlyMap<string, string>> {
  const { rows } = await sql.query<{ name: string; id: string }>(
    `WITH gone AS (DELETE FROM mover WHERE owner <> $1 AND seen_at < now() - interval '1 minute'), own AS (
       INSERT INTO mover (owner, links) VALUES ($1, $2::jsonb)
       ON CONFLICT (owner) DO UPDATE SET seen_at = now())
     SELECT name, id FROM storage_deployment`,
    [owner, rules === null ? null : JSON.stringify(rules)],
  )
  return new Map(rows.map(({ name, id }) => [name, id]))
}

export async function endMover(sql: Sql, owner: string): Promise<void> {
  await sql.query('DELETE FROM mover WHERE owner = $1', [owner])
}
