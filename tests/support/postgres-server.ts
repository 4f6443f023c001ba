// One PostgreSQL for all integration files of a run: an embedded one, or the server that FADO_TEST_DATABASE_URL names.
import { randomBytes } from 'node:crypto'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import pg from 'pg'
import type { TestProject } from 'vitest/node'
import { startLocalPostgres } from '../../server/db/local-postgres.ts'
import { migrate } from '../../server/db/migrate.ts'

declare module 'vitest' {
  interface ProvidedContext {
    postgres: { readonly url: string; readonly template: string; readonly prefix: string }
  }
}

/** The data lives as long as the run: nothing has to survive a power cut. */
const settings = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }

async function startServer(): Promise<{ url: string; stop: () => Promise<void> }> {
  const given = process.env['FADO_TEST_DATABASE_URL']
  if (given) return { url: given, stop: async () => undefined }
  const home = await mkdtemp(path.join(tmpdir(), 'fado-postgres-'))
  await chmod(home, 0o711) // as root PostgreSQL runs as a user who must get through
  const server = await startLocalPostgres({ dir: path.join(home, 'data'), port: 0, settings })
  const stop = async () => {
    await server.stop()
    await rm(server.dir, { recursive: true, force: true })
    await rm(home, { recursive: true, force: true })
  }
  return { url: server.url, stop }
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
  const server = await startServer()
  const prefix = `fado_test_${randomBytes(4).toString('hex')}_`
  const template = `${prefix}template`
  const migrated = new URL(server.url)
  migrated.pathname = `/${template}`
  await withClient(server.url, (client) => client.query(`CREATE DATABASE "${template}"`))
  await migrate(migrated.href)
  project.provide('postgres', { url: server.url, template, prefix })
  return async () => {
    await dropAll(server.url, prefix)
    await server.stop()
  }
}
