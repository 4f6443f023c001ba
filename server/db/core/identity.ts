// Whether the database is still the one that it was: a restore puts an older one in its place, under the same address.
import type { Sql } from './pool.ts'
import { sqlState } from './transaction.ts'

const noSuchTable = '42P01'

export type DatabaseIdentity = {
  /** What never changes in the life of a database: any other text is another database. */
  readonly name: string
  /** What only grows in it. */
  readonly xid: number
  readonly routeNumber: number
}

/** Other users may not ask these, and some services that speak PostgreSQL's protocol have none of them. */
const optional = [
  // A server made from a base backup is another one from its first checkpoint on: its timeline is.
  `(SELECT system_identifier::text FROM pg_control_system())`,
  `(SELECT timeline_id::text FROM pg_control_checkpoint())`,
]

/** Undefined: the database is there, but has no fleet (yet). Rejects while it is out of reach. */
export type IdentityReader = () => Promise<DatabaseIdentity | undefined>

export async function createIdentityReader(sql: Sql): Promise<IdentityReader> {
  const usable: string[] = []
  for (const text of optional)
    await sql.query(`SELECT ${text}`).then(
      () => usable.push(text),
      () => undefined,
    )
  const name = [
    `(SELECT oid::text FROM pg_database WHERE datname = current_database())`,
    `'fleet'::regclass::oid::text`, // tables that were dropped and made again
    `database_id::text`,
    ...usable,
  ]
  return async () => {
    const read = sql.query<DatabaseIdentity>(
      `SELECT concat_ws('/', ${name.join(', ')}) AS name, route_number AS "routeNumber",
         pg_snapshot_xmax(pg_current_snapshot())::text::bigint AS xid FROM fleet`,
    )
    return read.then(
      ({ rows }) => rows[0],
      (error: unknown) => {
        if (sqlState(error) === noSuchTable) return undefined
        throw error
      },
    )
  }
}

/** Whether `now` cannot be a later state of the database that `before` was. */
export const isOtherDatabase = (before: DatabaseIdentity, now: DatabaseIdentity | undefined): boolean =>
  now === undefined || now.name !== before.name || now.xid < before.xid || now.routeNumber < before.routeNumber

/** Whether somebody else works in the database, as a restore does that is under way. */
export async function isWorkedOn(sql: Sql): Promise<boolean> {
  const { rows } = await sql.query<{ busy: boolean }>(
    `SELECT EXISTS (SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
       AND backend_type = 'client backend' AND NOT starts_with(application_name, 'fado')
       AND (state <> 'idle' OR state_change > now() - interval '1 second')) AS busy`,
  )
  return rows[0]?.busy === true
}
