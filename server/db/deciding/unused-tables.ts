import type { Sql } from '../core/pool.ts'
import { keptDays } from './kept-decisions.ts'
import { noteUse } from './last-use.ts'

/**
 * Route tables that no route has named for long go, but those of which a decision is kept: `x-fado-decision` names them. The use
 * of the others is noted once a day, for `recentTables` and for this.
 */
export async function forgetUnusedTables(sql: Sql): Promise<void> {
  await sql.query(noteUse('route_table', 'EXISTS (SELECT 1 FROM route r WHERE r.table_id = route_table.id)'))
  await sql.query(
    `DELETE FROM route_table t WHERE last_needed_at < now() - make_interval(days => $1)
       AND NOT EXISTS (SELECT 1 FROM route r WHERE r.table_id = t.id)
       AND NOT EXISTS (SELECT 1 FROM decision d WHERE d.table_id = t.id)`,
    [keptDays],
  )
}
