// Applies prisma/migrations in order, keeping the table that the stock Prisma CLI keeps, so that both agree.
import { createHash, randomUUID } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import type pg from 'pg'
import { FadoError } from '../../domain/errors.ts'
import { createConnector } from './connector.ts'
import { reach } from './server-url.ts'

/** Where this program's migrations lie. */
export const migrationsDirectory = path.resolve(import.meta.dirname, '../../../prisma/migrations')

/** Longest wait for another process that migrates the same database. */
const lockMs = 120_000
/** The advisory lock that the Prisma CLI takes. */
const lockKey = 72_707_369

const table = `CREATE TABLE IF NOT EXISTS _prisma_migrations (
  id VARCHAR(36) PRIMARY KEY NOT NULL, checksum VARCHAR(64) NOT NULL, finished_at TIMESTAMPTZ,
  migration_name VARCHAR(255) NOT NULL, logs TEXT, rolled_back_at TIMESTAMPTZ,
  started_at TIMESTAMPTZ NOT NULL DEFAULT now(), applied_steps_count INTEGER NOT NULL DEFAULT 0)`

export type Migration = { readonly name: string; readonly sql: string; readonly checksum: string }

/** The migrations of a directory, in the order in which they are applied. */
export async function readMigrations(directory: string): Promise<Migration[]> {
  const entries = await readdir(directory, { withFileTypes: true })
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name)
  return Promise.all(
    names.sort().map(async (name) => {
      const sql = await readFile(path.join(directory, name, 'migration.sql'), 'utf8')
      return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') }
    }),
  )
}

async function apply(client: pg.Client, { name, sql, checksum }: Migration): Promise<void> {
  await client.query('BEGIN')
  try {
    await client.query(sql)
    await client.query(
      `INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at, applied_steps_count)
       VALUES ($1, $2, $3, now(), 1)`,
      [randomUUID(), checksum, name],
    )
    await client.query('COMMIT')
  } catch (cause) {
    await client.query('ROLLBACK').catch(() => undefined)
    throw new FadoError('CONFLICT', `Migration ${name} failed and was undone: ${(cause as Error).message}`, { cause })
  }
}

/**
 * Brings the database to this program's schema and returns the names of the migrations that were new to it. Several
 * processes may do so at once. A database that knows more than this program is left as it is: migrations only add.
 */
export async function migrate(connectionString: string, directory = migrationsDirectory): Promise<string[]> {
  const migrations = await readMigrations(directory)
  // A path that falls silent is an error, a statement that takes its time is none.
  const connector = createConnector(connectionString, { name: 'fado migrate', onError: () => undefined })
  const client = await reach(connectionString, connector.patient)
  try {
    await client.query(`SET lock_timeout = ${lockMs}`)
    await client.query('SELECT pg_advisory_lock($1)', [lockKey])
    await client.query(table)
    const { rows } = await client.query<{ migration_name: string; checksum: string }>(
      'SELECT migration_name, checksum FROM _prisma_migrations WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL',
    )
    const applied = new Map(rows.map((row) => [row.migration_name, row.checksum]))
    const edited = migrations.find(({ name, checksum }) => (applied.get(name) ?? checksum) !== checksum)
    if (edited !== undefined) {
      throw new FadoError(
        'CONFLICT',
        `Migration ${edited.name} was changed after this database had it: restore the file and write a new migration`,
      )
    }
    const fresh = migrations.filter(({ name }) => !applied.has(name))
    for (const migration of fresh) await apply(client, migration)
    return fresh.map(({ name }) => name)
  } finally {
    await client.end()
    connector.stop()
  }
}
