// One PostgreSQL for all integration files of a run: an embedded one, or the server that FADO_TEST_DATABASE_URL names.
import { randomBytes } from 'node:crypto'
import pg from 'pg'
import type { TestProject } from 'vitest/node'
import { startThrowAwayPostgres } from '../../scripts/support/throw-away-postgres.ts'
import { migrate } from '../../server/db/core/migrate.ts'

declare module 'vitest' {
  interface ProvidedContext {
    postgres: { readonly url: string; readonly template: string; readonly prefix: string }
  }
}

/** `leave`: ends what the run left there. */
type Server = { readonly url: string; readonly leave: (prefix: string) => Promise<void> }

async function findServer(): Promise<Server> {
  const given = process.env['FADO_TEST_DATABASE_URL']
  if (given) return { url: given, leave: (prefix) => dropAll(given, prefix) }
  const { url, stop } = await startThrowAwayPostgres()
  return { url, leave: stop } // its databases go with it
}

async function withClient<T>(connectionString: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString })
  await client.connect()
  return work(client).finally(() => client.end())
}

async function dropAll(url: string, prefix: string): Promise<void> {
  await withClient(url, async (client) => {
    const { rows } = await client.query<{ datname: string }>(
      'SELECT datname FROM pg_database WHERE starts_with(datname, $1)',
      [prefix],
    )
    for (const { datname } of rows) await client.query(`DROP DATABASE IF EXISTS "${datname}" WITH (FORCE)`)
  })
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await findServer()
  const prefix = `fado_test_${randomBytes(4).toString('hex')}_`
  const template = `${prefix}template`
  const migrated = new URL(server.url)
  migrated.pathname = `/${template}`
  await withClient(server.url, (client) => client.query(`CREATE DATABASE "${template}"`))
  await migrate(migrated.href)
  project.provide('postgres', { url: server.url, template, prefix })
  return () => server.leave(prefix)
}
