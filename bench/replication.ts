// How long it takes to fill a copy, beside the tools that users copy buckets with: the same objects, between the same two
// stores, in turn. Their own start counts for them, the decision of the control plane does not count for us.
import { fork } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { migrate } from '../server/db/core/migrate.ts'
import { createPool } from '../server/db/core/pool.ts'
import { startLocalPostgres } from '../server/postgres/local-postgres.ts'
import { createSecretBox, sealCredentials } from '../server/secrets.ts'
import { createStorageDriver } from '../server/storage/create-storage-driver.ts'
import { startMinio } from '../tests/support/minio.ts'
import { fleet } from '../tests/support/world/fleet.ts'
import { cpuSeconds, cpuSecondsOfAll, peakMegabytes } from './cpu.ts'
import { percentile, rounded } from './figures.ts'
import { type Peer, type Place, peers } from './peers.ts'
import type { Result } from './result.ts'
import { runProgram, type Used } from './run-program.ts'

const asPublished = { objects: 10_000, bytes: 4_096, rounds: 2, beside: peers }

type Copied = Used & { readonly databaseCpu?: number }
type Tool = { readonly name: string; readonly copy: (from: Place, to: Place) => Promise<Copied> }

const source = 'source'
const main = path.resolve(import.meta.dirname, '../server/main.ts')

/** Stores whose disks are no part of the question. */
function inMemory(): string {
  const shared = '/dev/shm'
  return existsSync(shared) ? shared : os.tmpdir()
}

async function startStores() {
  const before = process.env['TMPDIR']
  process.env['TMPDIR'] = inMemory()
  try {
    return await Promise.all([startMinio(), startMinio()])
  } finally {
    if (before === undefined) delete process.env['TMPDIR']
    else process.env['TMPDIR'] = before
  }
}
type Store = Awaited<ReturnType<typeof startStores>>[number]

const driverOf = ({ endpoint, accessKey, secretKey }: Store) =>
  createStorageDriver({ endpoint, region: 'us-east-1', accessKey, secretKey })

async function fill(store: Store, { objects, bytes }: { objects: number; bytes: number }): Promise<void> {
  const driver = driverOf(store)
  await driver.createBucket(source)
  let next = 0
  const put = async () => {
    for (let i = next++; i < objects; i = next++)
      await driver.put(source, `data/${String(i).padStart(8, '0')}`, { body: randomBytes(bytes), size: bytes })
  }
  await Promise.all(Array.from({ length: 16 }, put))
  await driver.close()
}

async function listed(store: Store, bucket: string): Promise<string[]> {
  const driver = driverOf(store)
  const found: string[] = []
  for await (const page of driver.list(bucket))
    found.push(...page.map(({ key, etag, size }) => `${key} ${etag} ${size}`))
  await driver.close()
  return found
}

/** A mover in a process of its own, and a database that tells it what to copy. */
async function startFado(from: Store, to: Store) {
  const dir = await mkdtemp(path.join(os.tmpdir(), 'fado-bench-'))
  const postgres = await startLocalPostgres({ dir: path.join(dir, 'postgres'), port: 0 })
  await migrate(postgres.url)
  const pool = createPool(postgres.url, { max: 4, onError: () => undefined })
  const rows = fleet(pool)
  const secretKey = randomBytes(32)
  const stores = { from, to }
  const ids = { from: '', to: '' }
  for (const name of ['from', 'to'] as const) {
    const { endpoint, accessKey, secretKey: secret } = stores[name]
    const { store } = await rows.cluster(name, { store: { endpoint } })
    const credentials = sealCredentials(createSecretBox(secretKey), store.id, { accessKey, secretKey: secret })
    await pool.query('UPDATE storage_deployment SET credentials = $2 WHERE id = $1', [store.id, credentials])
    ids[name] = store.id
  }
  const env = {
    ...process.env,
    NODE_ENV: 'production' as const,
    DATABASE_URL: postgres.url,
    FADO_STATE_DIR: dir,
    FADO_SECRET_KEY: secretKey.toString('hex'),
    FADO_LOG_LEVEL: 'warn',
  }
  const mover = fork(main, ['serve', '--role', 'mover'], { env, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  await Promise.race([once(mover, 'message'), once(mover, 'exit').then(() => Promise.reject(new Error('no mover')))])
  const moverPid = mover.pid ?? 0

  const driver = driverOf(from)
  const createdOn = await driver.bucketCreatedAt(source)
  await driver.close()
  const bucket = await rows.storeOf(ids.from).bucket(source, {
    createSentAt: new Date(),
    masterCreatedOn: createdOn === null ? null : new Date(createdOn),
  })
  const until = async (what: string, sql: string) => {
    for (const end = performance.now() + 600_000; performance.now() < end; await delay(20)) {
      const { rows } = await pool.query<{ is: boolean }>(sql, [bucket.id])
      if (rows[0]?.is === true) return
    }
    throw new Error(`not within 10 minutes: ${what}`)
  }
  // The master is known before a copy of it is wanted, as it is where a bucket has been used.
  await bucket.task('master_sweep')
  pool.wake('task')
  await until(
    'the master is known',
    `SELECT b.master_swept_at IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM dirty_object WHERE bucket_id = b.id) AS is FROM bucket b WHERE b.id = $1`,
  )
  await pool.query(`UPDATE replica_task SET not_before = now() + interval '1 day'`)

  return {
    async copy(_: Place, { bucket: name }: Place): Promise<Copied> {
      await pool.query('DELETE FROM replica_task WHERE storage_id = $1', [ids.to])
      await pool.query('DELETE FROM replica_object')
      await pool.query('DELETE FROM replica WHERE bucket_id = $1', [bucket.id])
      await bucket.replica({ id: ids.to }, { observed: 'absent', bucketName: name })
      const [begun, cpu, databaseCpu] = [performance.now(), cpuSeconds(moverPid), cpuSecondsOfAll(postgres.pid)]
      await bucket.task('first_sync', { at: { id: ids.to } })
      pool.wake('task')
      await until('the copy is complete', `SELECT observed = 'complete' AS is FROM replica WHERE bucket_id = $1`)
      return {
        seconds: (performance.now() - begun) / 1000,
        cpu: cpuSeconds(moverPid) - cpu,
        databaseCpu: cpuSecondsOfAll(postgres.pid) - databaseCpu,
        megabytes: peakMegabytes(moverPid),
      }
    },
    async stop() {
      mover.kill('SIGTERM')
      await once(mover, 'exit')
      await pool.end()
      await postgres.stop()
      await rm(dir, { recursive: true, force: true })
    },
  }
}

const tools = (fado: { readonly copy: Tool['copy'] }, beside: readonly Peer[]): Tool[] => [
  { name: 'FaDO', copy: fado.copy },
  ...beside.map(({ name, command }) => ({
    name,
    copy: async (from: Place, to: Place) => {
      const { program, args, env } = await command(from, to)
      return runProgram(program, args, env)
    },
  })),
]

export async function replication({ objects, bytes, rounds, beside } = asPublished): Promise<Result> {
  const [from, to] = await startStores()
  const fado = await fill(from, { objects, bytes }).then(() => startFado(from, to))
  const runs = new Map<string, Copied[]>()
  try {
    const wanted = await listed(from, source)
    const target = driverOf(to)
    for (let round = 0; round < rounds; round++)
      for (const { name, copy } of tools(fado, beside)) {
        const bucket = `${name.replaceAll(/[^a-zA-Z]+/g, '-').toLowerCase()}-${round}`
        if (name !== 'FaDO') await target.createBucket(bucket)
        const used = await copy({ ...from, bucket: source }, { ...to, bucket })
        // What was not copied rightly has no time. Buckets stay: a store that empties its bin is busy for long.
        const found = await listed(to, bucket)
        if (found.join('\n') !== wanted.join('\n'))
          throw new Error(`${name} copied ${found.length} of ${wanted.length} objects, or others`)
        runs.set(name, [...(runs.get(name) ?? []), used])
      }
    await target.close()
  } finally {
    await fado.stop()
    await Promise.all([from.stop(), to.stop()])
  }
  const medianOf = (name: string, value: (used: Copied) => number) => percentile((runs.get(name) ?? []).map(value), 0.5)
  const base = medianOf('FaDO', ({ seconds }) => seconds)
  return {
    rows: [...runs.keys()].map((name) => ({
      tool: name,
      'median s': rounded(
        medianOf(name, ({ seconds }) => seconds),
        2,
      ),
      'FaDO takes of it': rounded(base / medianOf(name, ({ seconds }) => seconds), 2),
      'CPU ms an object': rounded((medianOf(name, ({ cpu }) => cpu) * 1000) / objects, 2),
      'PostgreSQL CPU ms an object': rounded(
        (medianOf(name, ({ databaseCpu = 0 }) => databaseCpu) * 1000) / objects,
        2,
      ),
      'peak MB': rounded(Math.max(...(runs.get(name) ?? []).map(({ megabytes }) => megabytes)), 0),
    })),
    notes: [
      `${objects} objects of ${bytes} bytes from an empty bucket on, ${rounds} rounds in turn, stores in memory, PostgreSQL on disk with fsync`,
      'goals: at most 0.88 of tuned rclone and 0.62 of mc mirror; 0.45 ms of CPU in the mover and 0.15 ms in PostgreSQL an object; 160 MB',
    ],
  }
}
