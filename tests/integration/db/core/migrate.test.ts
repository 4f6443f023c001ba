import { appendFile, mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import pg from 'pg'
import { expect, test } from 'vitest'
import { migrate } from '../../../../server/db/core/migrate.ts'
import { emptyDatabase, freshDatabase } from '../../../support/postgres.ts'
import { tempDir } from '../../../support/temp-dir.ts'

async function withMigrations(files: Record<string, string>): Promise<string> {
  const dir = await tempDir()
  for (const [name, text] of Object.entries(files)) {
    await mkdir(path.join(dir, name))
    await writeFile(path.join(dir, name, 'migration.sql'), text)
  }
  return dir
}

async function sql(url: string, text: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  return client
    .query(text)
    .then(({ rows }) => rows)
    .finally(() => client.end())
}

const two = { '1_a': 'CREATE TABLE a (n int);', '2_b': 'CREATE TABLE b (n int); INSERT INTO b VALUES (1);' }

test('migrations are applied in order, and once', async () => {
  const url = await emptyDatabase()
  const dir = await withMigrations(two)
  expect(await migrate(url, dir)).toEqual(['1_a', '2_b'])
  expect(await migrate(url, dir)).toEqual([])
  expect(await sql(url, 'SELECT n FROM b')).toEqual([{ n: 1 }])
})

test('a database that has some of the migrations gets the others', async () => {
  const url = await emptyDatabase()
  await migrate(url, await withMigrations({ '1_a': two['1_a'] }))
  expect(await migrate(url, await withMigrations(two))).toEqual(['2_b'])
})

test('several processes that migrate one database at once apply each migration once', async () => {
  const url = await emptyDatabase()
  const dir = await withMigrations(two)
  const runs = await Promise.all([1, 2, 3, 4].map(() => migrate(url, dir)))
  expect(runs.flat().sort()).toEqual(['1_a', '2_b'])
  expect(await sql(url, 'SELECT n FROM b')).toEqual([{ n: 1 }])
})

test('a migration that was edited after it was applied is refused, and nothing after it is applied', async () => {
  const url = await emptyDatabase()
  await migrate(url, await withMigrations({ '1_a': two['1_a'] }))
  const dir = await withMigrations(two)
  await appendFile(path.join(dir, '1_a', 'migration.sql'), '-- edited')
  await expect(migrate(url, dir)).rejects.toMatchObject({ code: 'CONFLICT', message: expect.stringContaining('1_a') })
  expect(await sql(url, `SELECT to_regclass('b') AS b`)).toEqual([{ b: null }])
})

test('a migration that fails half-way leaves nothing of itself and is tried again', async () => {
  const url = await emptyDatabase()
  const broken = await withMigrations({ ...two, '2_b': 'CREATE TABLE b (n int); SELECT 1/0;' })
  await expect(migrate(url, broken)).rejects.toMatchObject({ message: expect.stringContaining('division by zero') })
  expect(await sql(url, `SELECT to_regclass('b') AS b`)).toEqual([{ b: null }])
  expect(await migrate(url, await withMigrations(two))).toEqual(['2_b'])
})

test('a database that knows more migrations than this program is left as it is', async () => {
  const url = await emptyDatabase()
  await migrate(url, await withMigrations(two))
  expect(await migrate(url, await withMigrations({ '1_a': two['1_a'] }))).toEqual([])
})

test("the product's migrations have been applied to a fresh database", async () => {
  expect(await migrate(await freshDatabase())).toEqual([])
})

test.each([
  ['an unknown user', (url: URL) => Object.assign(url, { username: 'no_such_user', password: 'no-such-secret' })],
  ['a port where nothing listens', (url: URL) => Object.assign(url, { port: '1', password: 'no-such-secret' })],
  ['an unknown database', (url: URL) => Object.assign(url, { pathname: '/no-such-database' })],
])('%s is told in one sentence without the password', async (_, change) => {
  const url = change(new URL(await emptyDatabase()))
  const error = await migrate(url.href).then(
    () => expect.unreachable(),
    (reason: Error) => reason,
  )
  expect(error).toMatchObject({ code: 'UNREACHABLE', message: expect.stringContaining('DATABASE_URL') })
  expect(error.message).not.toContain(url.password || 'no-such-secret')
  expect(error.message).not.toContain('\n')
})

test.each(['pass:word', 'fado:word@127.0.0.1:5432/fado', 'mysql://fado:word@127.0.0.1:5432/word', 'word'])(
  'text that is no URL of PostgreSQL is refused without repeating it',
  async (text) => {
    const refused = migrate(text)
    await expect(refused).rejects.toMatchObject({ code: 'UNREACHABLE', message: expect.not.stringContaining('word)') })
    await expect(refused).rejects.toThrow("it is no PostgreSQL's URL")
  },
)
