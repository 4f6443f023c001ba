import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import path from 'node:path'
import { createInterface } from 'node:readline'
import pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { type LocalPostgres, startLocalPostgres } from '../../../server/postgres/local-postgres.ts'
import { startOf } from '../../../server/process-table.ts'
import { tempDir } from '../../support/temp-dir.ts'

const newDir = async () => path.join(await tempDir(), 'postgres')

async function start(dir: string, port = 0): Promise<LocalPostgres> {
  const server = await startLocalPostgres({ dir, port })
  onTestFinished(() => server.stop())
  return server
}

async function sql(url: string, text: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => undefined)
  await client.connect()
  return client
    .query(text)
    .then(({ rows }) => rows)
    .finally(() => client.end())
}

/** Another process that owns a server on `dir`, killed with the test when it lives that long. */
async function otherOwner(dir: string) {
  const script = path.resolve(import.meta.dirname, '../../support/hold-postgres.ts')
  const child = spawn(process.execPath, [script, dir], { stdio: ['ignore', 'pipe', 'inherit'] })
  const gone = once(child, 'exit')
  const kill = async () => {
    child.kill('SIGKILL')
    await gone
  }
  onTestFinished(kill)
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string]
  return { ownerPid: child.pid, kill, ...(JSON.parse(line) as { url: string; pid: number }) }
}

const isAlive = async (pid: number) => (await startOf(pid)) !== undefined

test('a killed postmaster is told to its owner, and a restart on the same port keeps what was committed', async () => {
  const dir = await newDir()
  const first = await start(dir)
  await sql(first.url, 'CREATE TABLE t AS SELECT 7 AS n')
  process.kill(first.pid, 'SIGKILL')
  expect(await first.exited).toMatchObject({ signal: 'SIGKILL' })
  const second = await start(dir, first.port)
  expect(second.url).toBe(first.url)
  expect(await sql(second.url, 'SELECT n FROM t')).toEqual([{ n: 7 }])
})

test('the server that a killed owner left running is ended by the next start, and its rows are kept', async () => {
  const dir = await newDir()
  const other = await otherOwner(dir)
  await sql(other.url, 'CREATE TABLE t AS SELECT 7 AS n')
  await other.kill()
  expect(await isAlive(other.pid)).toBe(true)
  const server = await start(dir)
  expect(await isAlive(other.pid)).toBe(false)
  expect(await sql(server.url, 'SELECT n FROM t')).toEqual([{ n: 7 }])
})

test('a directory in use by a living FaDO is refused with its process, and that one goes on', async () => {
  const dir = await newDir()
  const other = await otherOwner(dir)
  await expect(startLocalPostgres({ dir, port: 0 })).rejects.toMatchObject({
    code: 'IN_USE',
    message: expect.stringContaining(`Process ${other.ownerPid}`),
  })
  expect(await sql(other.url, 'SELECT 1 AS n')).toEqual([{ n: 1 }])
  process.kill(other.pid, 'SIGQUIT')
})

test('a second start in one process is refused and leaves the first alone', async () => {
  const dir = await newDir()
  const first = await start(dir)
  await expect(startLocalPostgres({ dir, port: 0 })).rejects.toMatchObject({ code: 'IN_USE' })
  expect(await sql(first.url, 'SELECT 1 AS n')).toEqual([{ n: 1 }])
})

test('a taken port is refused by its number, and the directory is free again', async () => {
  const dir = await newDir()
  const holder = createServer().listen(0, '127.0.0.1')
  await once(holder, 'listening')
  const { port } = holder.address() as { port: number }
  await expect(startLocalPostgres({ dir, port })).rejects.toMatchObject({
    code: 'IN_USE',
    message: expect.stringContaining(`Port ${port}`),
  })
  holder.close()
  await once(holder, 'close')
  await start(dir, port)
})

test('a data directory that cannot be used is refused by its name', async () => {
  const dir = await newDir()
  const server = await start(dir)
  await server.stop()
  await chmod(server.dir, 0o000)
  await expect(startLocalPostgres({ dir, port: 0 })).rejects.toMatchObject({
    code: 'UNREACHABLE',
    message: expect.stringContaining(server.dir),
  })
  expect((await stat(server.dir)).mode & 0o777).toBe(0)
})

test('a file in the place of the data directory is refused and stays', async () => {
  const dir = await newDir()
  await writeFile(dir, 'mine')
  await expect(startLocalPostgres({ dir, port: 0 })).rejects.toMatchObject({ code: 'UNREACHABLE' })
  expect((await stat(dir)).size).toBe(4)
})

test('a data directory of another version of PostgreSQL is refused with both versions', async () => {
  const dir = await newDir()
  const server = await start(dir)
  await server.stop()
  await writeFile(path.join(server.dir, 'PG_VERSION'), '17\n')
  await expect(startLocalPostgres({ dir, port: 0 })).rejects.toMatchObject({
    code: 'UNSAFE',
    message: expect.stringMatching(/PostgreSQL 17.*18/),
  })
})

test('an initialisation that was killed half-way is done again', async () => {
  const dir = await newDir()
  await mkdir(`${dir}.new/base`, { recursive: true })
  const server = await start(dir)
  expect(await sql(server.url, 'SELECT 1 AS n')).toEqual([{ n: 1 }])
})

test('a recorded process number that another program has by now does not stand in the way', async () => {
  const dir = await newDir()
  const first = await start(dir)
  process.kill(first.pid, 'SIGKILL')
  await first.exited
  const bystander = spawn('sleep', ['60'], { stdio: 'ignore' })
  const gone = once(bystander, 'exit')
  onTestFinished(async () => {
    bystander.kill('SIGKILL')
    await gone
  })
  await writeFile(path.join(first.dir, 'postmaster.pid'), `${bystander.pid}\n${first.dir}\n`)
  await start(dir)
  expect(await isAlive(bystander.pid ?? 0)).toBe(true)
})

test('stop cuts open connections, and stopping twice is one stop', async () => {
  const server = await start(await newDir())
  const client = new pg.Client({ connectionString: server.url })
  const cut = once(client, 'error')
  client.on('error', () => undefined) // it is told twice: by the server, and by the socket
  await client.connect()
  await Promise.all([server.stop(), server.stop(), cut])
  expect(await isAlive(server.pid)).toBe(false)
})

test('a start can be given up', async () => {
  const dir = await newDir()
  await expect(startLocalPostgres({ dir, port: 0, signal: AbortSignal.abort() })).rejects.toThrow()
  await start(dir)
})
