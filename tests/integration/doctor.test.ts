import { once } from 'node:events'
import { chmod, writeFile } from 'node:fs/promises'
import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, createServer, type Server } from 'node:net'
import path from 'node:path'
import { expect, inject, onTestFinished, test } from 'vitest'
import { examine, runDoctor } from '../../server/cli/doctor.ts'
import { parseConfig } from '../../server/config.ts'
import { freePort } from '../support/free-port.ts'
import { freshDatabase } from '../support/postgres.ts'
import { portOf, startTcpProxy, through } from '../support/tcp-proxy.ts'
import { tempDir } from '../support/temp-dir.ts'
import { startTransactionPooler } from '../support/transaction-pooler.ts'
import { startTestWeb } from '../support/web.ts'
import { fleet } from '../support/world/fleet.ts'

async function listening(server: Server = createServer()): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return (server.address() as AddressInfo).port
}

async function look(env: Readonly<Record<string, string>>) {
  const all = { FADO_STATE_DIR: await tempDir(), PATH: process.env['PATH'] ?? '', ...env }
  return examine({ config: parseConfig(all), given: {}, env: all })
}

const find = async (part: string, env: Readonly<Record<string, string>>) =>
  (await look(env)).find((finding) => finding.part === part)

test('a database that can be used is told with its version, and with the connections that it has', async () => {
  const finding = await find('PostgreSQL', { DATABASE_URL: inject('postgres').url })
  expect(finding).toMatchObject({
    state: 'ok',
    detail: expect.stringMatching(
      /^\d+.*named by DATABASE_URL; .*\d+ of \d+ connections in use, FaDO takes up to 20$/,
    ) as string,
  })
})

test('a database that cannot be reached is broken, with a cure and without its password', async () => {
  const finding = await find('PostgreSQL', { DATABASE_URL: 'postgresql://fado:geheim@127.0.0.1:1/fado' })
  expect(finding).toMatchObject({ state: 'broken', cure: expect.stringContaining('DATABASE_URL') as string })
  expect(JSON.stringify(finding)).not.toContain('geheim')
})

test('a pooler in transaction mode is broken, in the sentence that a start says', async () => {
  const finding = await find('PostgreSQL', { DATABASE_URL: await startTransactionPooler(inject('postgres').url, 2) })
  expect(finding).toMatchObject({
    state: 'broken',
    detail: expect.stringMatching(/^A session does not .*pooler work in session mode/) as string,
    cure: null,
  })
})

test('a state directory that is a file is broken', async () => {
  const file = path.join(await tempDir(), 'state')
  await writeFile(file, '')
  expect(await find('state directory', { FADO_STATE_DIR: file })).toMatchObject({ state: 'broken' })
})

test.for([
  ['that is too short', 'abc', 0o600, 'restore it from a backup'],
  ['that others can read', 'a'.repeat(64), 0o644, 'chmod 600'],
] as const)('a secret key %s is broken', async ([, text, mode, cure]) => {
  const stateDir = await tempDir()
  await writeFile(path.join(stateDir, 'secret.key'), text)
  await chmod(path.join(stateDir, 'secret.key'), mode)
  expect(await find('secret key', { FADO_STATE_DIR: stateDir })).toMatchObject({
    state: 'broken',
    cure: expect.stringContaining(cure) as string,
  })
})

test('a tool that only the demo needs may be missing', async () => {
  const finding = await find('Envoy', { FADO_ENVOY_BIN: '/nowhere/envoy' })
  expect(finding).toMatchObject({ state: 'missing', cure: expect.stringContaining('npm run setup demo') as string })
})

test('with a database of its own nothing of the demo is needed', async () => {
  const env = {
    DATABASE_URL: inject('postgres').url,
    FADO_ENVOY_BIN: '/nowhere/envoy',
    FADO_MINIO_BIN: '/nowhere/minio',
  }
  for (const part of ['Envoy', 'MinIO'])
    expect(await find(part, env)).toMatchObject({ state: 'not needed', cure: null })
})

test('the ports of a FaDO that runs are its own, those of something else are broken', async () => {
  const [xds, store] = [await listening(), await listening()]
  const web = createHttpServer((_request, response) => response.setHeader('server', name).end())
  let name = 'FaDO'
  const http = await listening(web)
  const env = { FADO_HTTP_PORT: String(http), FADO_XDS_PORT: String(xds), DATABASE_URL: inject('postgres').url }
  const found = await find('ports', env)
  expect(found).toMatchObject({ state: 'ok', detail: expect.stringContaining(`FaDO runs on ${http}`) as string })
  name = 'other'
  expect(await find('ports', env)).toMatchObject({
    state: 'broken',
    detail: `${http} (console and API) is taken, ${xds} (xDS) is taken`,
  })
  name = 'FaDO'
  const { DATABASE_URL, ...withDemo } = env
  expect(await find('ports', { ...withDemo, FADO_POSTGRES_PORT: String(store) })).toMatchObject({
    state: 'broken',
    detail: expect.stringContaining(`${store} (PostgreSQL) is taken`) as string,
  })
})

test('of a FaDO that runs it says what the probes of stores and functions find', async () => {
  const web = await startTestWeb()
  onTestFinished(() => web.stop())
  const rows = fleet(web.pool)
  const hpc = await rows.cluster('hpc', { urls: ['http://hpc.invalid'] })
  const part = 'stores and functions'
  const env = { FADO_URL: web.url, FADO_TOKEN: web.admin }
  expect(await find(part, env)).toMatchObject({
    state: 'ok',
    detail: '1 store, 1 function deployment, as FaDO probes them',
  })
  const down = { health: 'unhealthy', healthCause: 'UNREACHABLE', healthDetail: 'It cannot be reached' }
  await rows.cluster('edge', { store: down })
  expect(await find(part, env)).toMatchObject({ state: 'broken', detail: 'edge UNHEALTHY (It cannot be reached)' })
  await hpc.store.trouble('no-writes')
  expect(await find(part, env)).toMatchObject({
    state: 'broken',
    detail:
      'edge UNHEALTHY (It cannot be reached), hpc HEALTHY, in trouble (hpc answers, but takes no writes: none ends in time)',
  })
  expect(await find(part, { FADO_HTTP_PORT: String(await freePort()) })).toMatchObject({ state: 'not asked' })
})

test('of a FaDO that runs it says which links have no mover', async () => {
  const web = await startTestWeb()
  onTestFinished(() => web.stop())
  const rows = fleet(web.pool)
  const [hpc, edge] = [await rows.cluster('hpc'), await rows.cluster('edge')]
  const bucket = await hpc.store.bucket('photos')
  const env = { FADO_URL: web.url, FADO_TOKEN: web.admin }
  expect(await find('movers', env)).toMatchObject({ state: 'ok' })
  await bucket.replica(edge.store)
  expect(await find('movers', env)).toMatchObject({
    state: 'broken',
    detail: expect.stringContaining('hpc -> edge') as string,
  })
})

test('of another FaDO that is named it tells what that one knows, and nothing of a FaDO of this machine', async () => {
  const web = await startTestWeb()
  onTestFinished(() => web.stop())
  const seen = async (env: Readonly<Record<string, string>>) =>
    (await look({ ...env, FADO_SECRET_KEY: 'short' })).map(({ of, part, state }) => [of, part, state])
  const fleetOf = (of: string, state: string) =>
    ['stores and functions', 'movers', 'callers'].map((part) => [of, part, state])
  const port = String(new URL(web.url).port)
  const elsewhere = [
    ['this machine', 'Node', 'ok'],
    ['this machine', 'all else', 'not asked'],
  ]
  const there = { FADO_URL: web.url, FADO_TOKEN: web.admin, FADO_HTTP_PORT: String(await freePort()) }
  expect(await seen(there)).toEqual([...elsewhere, ...fleetOf(`FaDO at http://127.0.0.1:${port}`, 'ok')])
  const away = { FADO_URL: 'http://fado.example', FADO_HTTP_PORT: port }
  expect(await seen(away)).toEqual([...elsewhere, ...fleetOf('FaDO at http://fado.example', 'broken')])
  const own = await seen({ FADO_URL: `http://localhost:${port}`, FADO_TOKEN: web.admin, FADO_HTTP_PORT: port })
  expect(own).toContainEqual(['this machine', 'secret key', 'broken'])
  expect(own.slice(-3)).toEqual(fleetOf(`FaDO at http://localhost:${port}`, 'ok'))
})

test('a FaDO that answers without its database is broken, and the cure is about the database', async () => {
  const database = await freshDatabase()
  const proxy = await startTcpProxy(portOf(database))
  const web = await startTestWeb({ database: through(database, proxy) })
  onTestFinished(() => web.stop())
  proxy.target(1) // where nobody listens
  proxy.cut()
  const port = new URL(web.url).port
  for (const FADO_HTTP_PORT of [port, String(await freePort())]) // this machine's, and another one
    expect(await find('movers', { FADO_URL: web.url, FADO_TOKEN: web.admin, FADO_HTTP_PORT })).toMatchObject({
      state: 'broken',
      detail: expect.stringMatching(/^PostgreSQL cannot be used: .+ \(UNAVAILABLE\)$/) as string,
      cure: expect.stringContaining('docs/postgresql.md') as string,
    })
})

test('what is broken makes the exit code, and each cure is printed', async () => {
  const http = await freePort()
  const env = { FADO_STATE_DIR: await tempDir(), FADO_HTTP_PORT: String(http), FADO_SECRET_KEY: 'short' }
  const printed: string[] = []
  const print = (text: string) => printed.push(text)
  expect(await runDoctor({ config: parseConfig(env), given: {}, env, print, asJson: false })).toBe(1)
  expect(printed.join('\n')).toContain('secret key: restore it from a backup')
  const lines: string[] = []
  await runDoctor({ config: parseConfig(env), given: {}, env, print: (text) => lines.push(text), asJson: true })
  expect(JSON.parse(lines.join('\n'))).toContainEqual(expect.objectContaining({ part: 'Node', state: 'ok' }))
})
