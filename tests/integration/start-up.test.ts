// What can be wrong when `fado serve` starts: one clear sentence, exit code 1, and nothing is left running.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { v7 } from 'uuid'
import { expect, onTestFinished, test } from 'vitest'
import { requireKnownPolicies } from '../../server/compose/require-known-policies.ts'
import { requireSecretKey } from '../../server/compose/require-secret-key.ts'
import { createPool } from '../../server/db/core/pool.ts'
import { sealFaasCredentials } from '../../server/faas/credentials.ts'
import { createSecretBox, sealCredentials } from '../../server/secrets.ts'
import { portProblem } from '../../server/supervise/free-ports.ts'
import { freePort } from '../support/free-port.ts'
import { freshPool } from '../support/fresh-pool.ts'
import { startOldPostgres } from '../support/old-postgres.ts'
import { freshDatabase } from '../support/postgres.ts'
import { tempDir } from '../support/temp-dir.ts'
import { fleet } from '../support/world/fleet.ts'

const root = path.resolve(import.meta.dirname, '../..')
type Environment = Readonly<Record<string, string | undefined>>

/** Runs `fado serve` to its end, on ports and files of its own; resolves with what it says, its log left out. */
async function serve(env: Environment) {
  const [http, xds, postgres] = await Promise.all([freePort(), freePort(), freePort()])
  const child = spawn(process.execPath, ['server/main.ts', 'serve'], {
    cwd: root,
    env: {
      ...process.env,
      DATABASE_URL: undefined,
      FADO_STATE_DIR: await tempDir(),
      FADO_HTTP_PORT: String(http),
      FADO_XDS_PORT: String(xds),
      FADO_POSTGRES_PORT: String(postgres),
      FADO_LOG_LEVEL: 'error',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  const gone = once(child, 'exit') as Promise<[number | null]>
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await gone
  })
  const [said, error, [code]] = await Promise.all([text(child.stdout), text(child.stderr), gone])
  const left = [http, xds, postgres].filter((port) => String(port) !== env['FADO_HTTP_PORT'])
  const problems = await Promise.all(left.map((port) => portProblem('127.0.0.1', port)))
  return { code, said: `${said}${error}`.trim(), left: problems.filter((problem) => problem !== undefined) }
}

const refusal = (sentence: RegExp) => ({
  code: 1,
  said: expect.stringMatching(sentence) as string,
  left: [],
})

async function takenPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return (server.address() as AddressInfo).port
}

test.for([
  ['FADO_HTTP_PORT', 'console and API'],
  ['FADO_XDS_PORT', 'xDS'],
  ['FADO_MOVER_PORT', 'figures of the mover'],
] as const)('a taken %s is told before a database is touched', async ([variable, use]) => {
  const port = await takenPort()
  const began = await serve({ [variable]: String(port), DATABASE_URL: 'postgresql://nobody@127.0.0.1:1/none' })
  expect(began).toEqual(
    refusal(new RegExp(`^fado: Port ${port} \\(${use}\\) is taken: stop what uses it, or set ${variable} to .*$`)),
  )
})

const changed = (change: Partial<URL>) => async (): Promise<string> =>
  Object.assign(new URL(await freshDatabase()), change).href
const wrongUrls: readonly (readonly [what: string, reason: string, url: () => Promise<string>])[] = [
  ['a host that does not exist', 'ENOTFOUND', async () => 'postgresql://fado:geheim@nowhere.invalid/fado'],
  ['a wrong password', 'password', changed({ password: 'geheim' })],
  ['no such database', 'does not exist', changed({ pathname: '/none' })],
  ['no URL', "it is no PostgreSQL's URL", async () => 'fado:geheim@127.0.0.1/fado'],
]
test.for(wrongUrls)('a DATABASE_URL with %s is told without its password', async ([, reason, url]) => {
  const began = await serve({ DATABASE_URL: await url() })
  expect(began).toEqual(
    refusal(new RegExp(`^fado: PostgreSQL cannot be used \\(.*${reason}.*\\): check DATABASE_URL.*$`)),
  )
  expect(began.said).not.toContain('geheim')
})

test('a PostgreSQL that is too old is told with its version', async () => {
  const began = await serve({ DATABASE_URL: await startOldPostgres('140012', '14.12') })
  expect(began).toEqual(refusal(/^fado: PostgreSQL 15 or newer is needed, .* is 14\.12$/))
})

test('a state directory that cannot be one is told', async () => {
  const file = path.join(await tempDir(), 'state')
  await writeFile(file, '')
  for (const stateDir of [file, path.join(file, 'below')])
    expect(await serve({ FADO_STATE_DIR: stateDir })).toEqual(
      refusal(
        new RegExp(
          `^fado: The state directory ${stateDir} cannot be used \\((something else is there|a part of its path is no folder)\\): .*FADO_STATE_DIR.*$`,
        ),
      ),
    )
})

test('a secret key that is none is told, and the PostgreSQL that was started for it is stopped', async () => {
  expect(await serve({ FADO_SECRET_KEY: 'short' })).toEqual(refusal(/^fado: The secret key must be 32 bytes, .*$/))
})

/** A database with one store, whose credentials are encrypted with the key of this byte. */
async function databaseOf(byte: number): Promise<string> {
  const url = await freshDatabase()
  const pool = createPool(url, { max: 1, onError: () => undefined })
  try {
    const { id: storageId } = (await fleet(pool).cluster('edge')).store
    const sealed = sealCredentials(createSecretBox(Buffer.alloc(32, byte)), storageId, {
      accessKey: 'a',
      secretKey: 'b',
    })
    await pool.query('UPDATE storage_deployment SET credentials = $1', [sealed])
  } finally {
    await pool.end()
  }
  return url
}

test('another secret key than that of the stored credentials is told, with what to do when that one is lost', async () => {
  const began = await serve({ DATABASE_URL: await databaseOf(1), FADO_SECRET_KEY: '02'.repeat(32) })
  expect(began).toEqual(
    refusal(
      /^fado: The secret key is not the one that the credentials of 1 deployment were encrypted with: .*FADO_NEW_SECRET_KEY=1.*$/,
    ),
  )
})

test('a new secret key is accepted when the user says so, and when the credentials of a store were given again', async () => {
  const pool = createPool(await databaseOf(1), { max: 1, onError: () => undefined })
  onTestFinished(() => pool.end())
  const [old, lately] = [1, 2].map((byte) => createSecretBox(Buffer.alloc(32, byte)))
  if (old === undefined || lately === undefined) expect.unreachable()
  await expect(requireSecretKey(pool, lately, false)).rejects.toMatchObject({ code: 'UNSAFE' })
  await requireSecretKey(pool, old, false)
  await requireSecretKey(pool, lately, true)
  const { id: storageId } = (await fleet(pool).cluster('cloud')).store
  const sealed = sealCredentials(lately, storageId, { accessKey: 'a', secretKey: 'b' })
  await pool.query('UPDATE storage_deployment SET credentials = $1 WHERE id = $2', [sealed, storageId])
  await requireSecretKey(pool, lately, false)
})

test('another secret key than that of the credentials of functions alone is told, too', async () => {
  const pool = await freshPool(1)
  const id = v7()
  const { id: clusterId } = await fleet(pool).cluster('edge')
  const [old, lately] = [1, 2].map((byte) => createSecretBox(Buffer.alloc(32, byte)))
  if (old === undefined || lately === undefined) expect.unreachable()
  await pool.query(`UPDATE storage_deployment SET credentials = ''`)
  await pool.query(
    `INSERT INTO faas_deployment (id, cluster_id, kind, url, credentials) VALUES ($1, $2, 'HTTP', 'http://f', $3)`,
    [id, clusterId, sealFaasCredentials(old, id, { value: 'key' })],
  )
  await expect(requireSecretKey(pool, lately, false)).rejects.toMatchObject({ code: 'UNSAFE' })
  await requireSecretKey(pool, old, false)
})

test('with nothing stored any key will do', async () => {
  const pool = await freshPool(1)
  await expect(requireSecretKey(pool, createSecretBox(Buffer.alloc(32, 3)), false)).resolves.toBeUndefined()
})

test('a stored policy that this version cannot read is told, for data would go where it may not', async () => {
  const url = await freshDatabase()
  const pool = createPool(url, { max: 1, onError: () => undefined })
  onTestFinished(() => pool.end())
  const rows = fleet(pool)
  const { store } = await rows.cluster('edge')
  const { id: bucketId } = await store.bucket('scans')
  await rows.policy(bucketId, 'zones', { of: 'a later version' })
  expect(await serve({ DATABASE_URL: url })).toEqual(
    refusal(
      /^fado: The policy zones of bucket scans must be a list .*\{"of":"a later version"\} is stored: start the version/,
    ),
  )
  await pool.query('DELETE FROM policy_value')
  await rows.policy(null, 'gravity', 9.81)
  await expect(requireKnownPolicies(pool)).rejects.toThrow(/^The policy gravity of all buckets is not known/)
  await pool.query('DELETE FROM policy_value')
  await rows.policy(bucketId, 'zones', ['eu'])
  await requireKnownPolicies(pool)
})
