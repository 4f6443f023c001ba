// Movers of FaDO, each in a process of its own, and a database that tells them what to copy, as a control plane would.
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { migrate } from '../server/db/core/migrate.ts'
import { createWakeups } from '../server/db/core/notify.ts'
import { createPool } from '../server/db/core/pool.ts'
import { startLocalPostgres } from '../server/postgres/local-postgres.ts'
import { createSecretBox, sealCredentials } from '../server/secrets.ts'
import { createStorageDriver } from '../server/storage/create-storage-driver.ts'
import type { StoreProcess } from '../tests/support/store-process.ts'
import { fleet } from '../tests/support/world/fleet.ts'
import { cpuSeconds, cpuSecondsOfAll, peakMegabytes } from './cpu.ts'
import { makeHome } from './home.ts'
import { startMoverProcess } from './mover-process.ts'
import type { Used } from './run-program.ts'

export type Copied = Used & { readonly databaseCpu?: number }

type StoreAt = Pick<StoreProcess, 'endpoint' | 'accessKey' | 'secretKey'>

/** `source`: a bucket on `from`, as a control plane would know it. */
export async function startMover(from: StoreAt, to: StoreAt, source: string, count = 1) {
  const dir = await makeHome()
  const postgres = await startLocalPostgres({ dir: path.join(dir, 'postgres'), port: 0 })
  await migrate(postgres.url)
  const ignore = () => undefined
  const pool = createPool(postgres.url, { max: 4, onError: ignore })
  const wakeups = await createWakeups(pool, ignore) // as a control plane has: the mover hears at once what there is to do
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
  const movers = await Promise.all(Array.from({ length: count }, () => startMoverProcess(env)))
  const sumOf = (figure: (pid: number) => number) => movers.reduce((sum, { pid = 0 }) => sum + figure(pid), 0)

  const driver = createStorageDriver({ ...from, region: 'us-east-1' })
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

  async function measured(work: () => Promise<void>): Promise<Copied> {
    const [begun, cpu, databaseCpu] = [performance.now(), sumOf(cpuSeconds), cpuSecondsOfAll(postgres.pid)]
    await work()
    return {
      seconds: (performance.now() - begun) / 1000,
      cpu: sumOf(cpuSeconds) - cpu,
      databaseCpu: cpuSecondsOfAll(postgres.pid) - databaseCpu,
      megabytes: sumOf(peakMegabytes),
    }
  }

  return {
    /** Fills a new copy of this name on `to`. */
    async copy(name: string): Promise<Copied> {
      await pool.query('DELETE FROM replica_task WHERE storage_id = $1', [ids.to])
      await pool.query('DELETE FROM replica_object')
      await pool.query('DELETE FROM replica WHERE bucket_id = $1', [bucket.id])
      await bucket.replica({ id: ids.to }, { observed: 'absent', bucketName: name })
      return measured(async () => {
        await bucket.task('first_sync', { at: { id: ids.to } })
        pool.wake('task')
        await until('the copy is complete', `SELECT observed = 'complete' AS is FROM replica WHERE bucket_id = $1`)
      })
    },
    /** Compares the copy as a whole. */
    async compare(): Promise<Copied> {
      const { rows: swept } = await pool.query<{ at: string }>('SELECT clock_timestamp()::text AS at')
      return measured(async () => {
        await pool.query(
          `UPDATE replica_task SET not_before = now(), generation = generation + 1 WHERE storage_id = $1 AND kind = 'sweep'`,
          [ids.to],
        )
        pool.wake('task')
        await until(
          'the copy is compared',
          `SELECT verified_at > '${swept[0]?.at}' AND NOT EXISTS (SELECT FROM replica_task t
             WHERE t.bucket_id = r.bucket_id AND t.storage_id = r.storage_id AND t.lease_owner IS NOT NULL) AS is
           FROM replica r WHERE bucket_id = $1`,
        )
      })
    },
    async stop() {
      for (const mover of movers) mover.kill('SIGTERM')
      await Promise.all(movers.map((mover) => once(mover, 'exit')))
      await wakeups.stop()
      await pool.end()
      await postgres.stop()
      await rm(dir, { recursive: true, force: true })
    },
  }
}
