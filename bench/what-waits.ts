// Where a change stands that does not come into force, and what PostgreSQL waits for meanwhile.
import type { Pool } from '../server/db/core/pool.ts'

/** Names of what is shown, each with its question. $1: the bucket's name. */
const questions = {
  'not idle': `SELECT pid, state, wait_event_type AS type, wait_event AS waits_for, pg_blocking_pids(pid) AS blocked_by,
      round(extract(epoch FROM now() - xact_start)::numeric, 1) AS in_transaction_s, left(query, 60) AS query
    FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'`,
  work: `SELECT backend_type, wait_event_type AS type, wait_event AS waits_for FROM pg_stat_activity
    WHERE backend_type NOT IN ('client backend', 'logical replication launcher') AND wait_event_type <> 'Activity'`,
  mark: 'SELECT d.* FROM dirty_bucket d JOIN bucket b ON b.id = d.bucket_id WHERE b.name = $1',
  marks: 'SELECT count(*)::int, min(not_before), bool_or(intent) AS intents FROM dirty_bucket',
  route: 'SELECT r.*, f.route_number FROM route r JOIN bucket b ON b.id = r.bucket_id, fleet f WHERE b.name = $1',
  proxies: 'SELECT * FROM proxy_stream',
}

/** Text, for the error of a bench. */
export async function whatWaits(pool: Pool, bucket: string): Promise<string> {
  const shown = Object.entries(questions).map(async ([what, question]) => {
    const { rows } = await pool.query(question, question.includes('$1') ? [bucket] : [])
    return `${what}: ${JSON.stringify(rows)}`
  })
  return (await Promise.all(shown)).join('\n')
}
