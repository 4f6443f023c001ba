import { forgetEvents } from './events.ts'
import type { Sql } from './pool.ts'

/** What subscriptions can still ask for: longer than any reconnect. */
const eventSeconds = 600
/** `x-fado-decision` names a table; what it said can be looked up so long after its last use. */
const tableDays = 30

/** Deletes what nobody can ask for any more. */
export async function forgetOld(sql: Sql): Promise<void> {
  await forgetEvents(sql, eventSeconds)
  await sql.query(
    `UPDATE route_table t SET last_needed_at = now()
     WHERE last_needed_at < now() - interval '1 day' AND EXISTS (SELECT 1 FROM route r WHERE r.table_id = t.id)`,
  )
  await sql.query(
    `DELETE FROM route_table t WHERE last_needed_at < now() - make_interval(days => $1)
       AND NOT EXISTS (SELECT 1 FROM route r WHERE r.table_id = t.id)`,
    [tableDays],
  )
}
