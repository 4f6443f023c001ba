// Stores, a database and the decisions that a reconciler would take, for tests of movers.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { v7 } from 'uuid'
import { onTestFinished } from 'vitest'
import { replicaOn } from '../../server/db/catalogue/replicas.ts'
import { findDuePairs } from '../../server/db/copies/object-claims.ts'
import { createWakeups } from '../../server/db/core/notify.ts'
import { createPool } from '../../server/db/core/pool.ts'
import { markObjects } from '../../server/db/queue/dirty-objects.ts'
import type { MasterStop, Trouble } from '../../server/domain/trouble/trouble.ts'
import { createLog } from '../../server/log.ts'
import { createMover, type Mover } from '../../server/replication/mover.ts'
import type { Limits, Times } from '../../server/replication/settings.ts'
import type { StorageFor } from '../../server/replication/stores/stores.ts'
import { type Cause, viewReplica } from '../../server/services/catalogue/replica-view.ts'
import type { ObjectMetadata, StorageDriver } from '../../server/storage/storage-driver.ts'
import { eventually } from './eventually.ts'
import { driverOf } from './minio-driver.ts'
import { freshDatabase } from './postgres.ts'
import { fleet as fleetOf } from './world/fleet.ts'

export type TestStore = { readonly name: string; readonly endpoint: string }

/** Short waits; a lease that lives long enough for a slow machine. */
const quickTimes: Partial<Times> = {
  lease: 3_000,
  heartbeat: 500,
  leaseMargin: 1_000,
  lateWrite: 300,
  guard: 100,
  backoff: 50,
  maxBackoff: 1_000,
  storeRetry: 200,
  untold: 300,
  report: 50,
  idle: 250,
  stop: 200,
  sweepMinS: 1,
}

export type MoverFleet = Awaited<ReturnType<typeof moverFleet>>

/** A new database and one cluster per store; all is closed when the test ends. */
export async function moverFleet(stores: readonly TestStore[]) {
  const url = await freshDatabase()
  const ignore = () => undefined
  const pool = createPool(url, { max: 20, onError: ignore })
  const wakeups = await createWakeups(pool, ignore)
  const rows = fleetOf(pool)
  const drivers = new Map<string, { driver: StorageDriver; name: string }>()
  const ids = new Map<string, string>()
  for (const { name, endpoint } of stores) {
    const { store: made } = await rows.cluster(name, { store: { endpoint } })
    ids.set(name, made.id)
    drivers.set(made.id, { driver: driverOf(endpoint), name })
  }
  const closers: (() => Promise<unknown>)[] = []
  onTestFinished(async () => {
    for (const close of closers.reverse()) await close()
    await wakeups.stop()
    await pool.end()
    for (const { driver } of drivers.values()) await driver.close()
  })
  const storeId = (name: string): string => ids.get(name) ?? ''
  const store = (name: string): StorageDriver => {
    const found = drivers.get(storeId(name))
    if (found === undefined) throw new Error(`no store ${name}`)
    return found.driver
  }
  const one = async <R extends object>(sql: string, values: unknown[]): Promise<R> => {
    const { rows: found } = await pool.query<R>(sql, values)
    const [row] = found
    if (row === undefined) throw new Error(`no row: ${sql}`)
    return row
  }

  const storageForAll: StorageFor = async (id) => {
    const found = drivers.get(id)
    if (found === undefined) throw new Error(`no store ${id}`)
    return found
  }

  const fleet = {
    url,
    pool,
    wakeups,
    store,
    storeId,
    storageFor: storageForAll,
    storeAt: (name: string) => rows.storeOf(storeId(name)),
    policy: rows.policy,
    onEnd: (close: () => Promise<unknown>) => void closers.push(close),

    /** `storageFor`: drivers that misbehave. */
    startMover(options: { times?: Partial<Times>; limits?: Partial<Limits>; storageFor?: StorageFor } = {}): Mover {
      const log = createLog(process.env['FADO_TEST_LOG'] ?? 'silent', 'mover')
      const times = { ...quickTimes, ...options.times }
      const { storageFor = storageForAll, limits = {} } = options
      const mover = createMover({ pool, wakeups, storageFor, log, owner: v7(), limits, times })
      mover.start()
      closers.push(() => mover.stop())
      return mover
    },

    /** A mover in a process of its own; `kill9` resolves when it is gone. Ready when it resolves. */
    async spawnMover(times: Partial<Times> = {}): Promise<{ kill9(): Promise<void> }> {
      const script = path.join(import.meta.dirname, 'hold-mover.ts')
      const known = stores.map(({ name, endpoint }) => ({ id: storeId(name), name, endpoint }))
      const all = JSON.stringify({ ...quickTimes, ...times })
      const child = spawn(process.execPath, [script, url, JSON.stringify(known), all], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      const gone = once(child, 'exit')
      const kill9 = async () => {
        child.kill('SIGKILL')
        await gone
      }
      closers.push(kill9)
      await once(createInterface(child.stdout), 'line')
      return { kill9 }
    },

    /** An active bucket that is there on its master's store. */
    async bucket(name: string, master: string): Promise<string> {
      await store(master).createBucket(name)
      const createdOn = await store(master).bucketCreatedAt(name)
      const masterCreatedOn = createdOn === null ? null : new Date(createdOn)
      const { id } = await fleet.storeAt(master).bucket(name, { createSentAt: new Date(), masterCreatedOn })
      return id
    },
    async replica(bucketId: string, at: string): Promise<string> {
      const { name } = await one<{ name: string }>('SELECT name FROM bucket WHERE id = $1', [bucketId])
      const bucket = rows.bucketOf(bucketId, name, { id: '' })
      const { id } = await bucket.replica(fleet.storeAt(at), { observed: 'absent' })
      await fleet.task(bucketId, at, 'first_sync')
      return id
    },
    async task(
      bucketId: string,
      at: string,
      kind: string,
      orders: { allowDeletes?: boolean; overwrite?: boolean } = {},
    ) {
      await pool.query(
        `INSERT INTO replica_task AS t (bucket_id, storage_id, kind, allow_deletes, overwrite) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (bucket_id, storage_id) DO UPDATE SET kind = excluded.kind, generation = t.generation + 1,
           not_before = now(), attempts = 0, allow_deletes = excluded.allow_deletes, overwrite = excluded.overwrite`,
        [bucketId, storeId(at), kind, orders.allowDeletes ?? false, orders.overwrite ?? false],
      )
      pool.wake('task')
    },
    /** As if every proxy had agreed and the drain delay were over. */
    async withdraw(bucketId: string, at: string): Promise<void> {
      await pool.query(
        `UPDATE replica SET wanted = false, generation = generation + 1, decided_at = now(), withdrawn_at = now()
         WHERE bucket_id = $1 AND storage_id = $2`,
        [bucketId, storeId(at)],
      )
      pool.wake('bucket')
      await fleet.task(bucketId, at, 'evict')
    },
    /** What a store's event would do: it tells of a delete where the master has the key no more. */
    async event(bucketId: string, ...keys: string[]): Promise<void> {
      const { at, bucket } = await one<{ at: string; bucket: string }>(
        'SELECT master_storage_id AS at, master_bucket_name AS bucket FROM bucket WHERE id = $1',
        [bucketId],
      )
      const { driver } = await storageForAll(at)
      const signal = AbortSignal.timeout(500) // a store that is down sends what it sent before
      const isGone = (key: string) =>
        driver.head(bucket, key, { signal }).then(
          (head) => head === null,
          () => false,
        )
      const marks = keys.map(async (key) => ({ bucketId, key, removed: await isGone(key) }))
      await markObjects(pool, await Promise.all(marks))
    },
    /**
     * Resolves when no mover works on anything, and nothing that one may work on is due or waits for its next turn: what has
     * not happened by then will not. Keys of copies that may not be written to are left as they are.
     */
    idle: () =>
      eventually('nobody works any more', () =>
        pool.transaction(async (tx) => {
          // One look: what is due in a first and taken in a second would be neither.
          await tx.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ')
          const busy = await tx.query(
            `SELECT 1 FROM dirty_object WHERE lease_owner IS NOT NULL OR not_before > now() UNION ALL
             SELECT 1 FROM replica_task WHERE lease_owner IS NOT NULL OR not_before <= now()`,
          )
          const pairs = await findDuePairs(tx, { after: new Map(), limit: 100 })
          return busy.rowCount === 0 && pairs.every(({ due }) => !due)
        }),
      ),
    async put(at: string, bucket: string, key: string, body: string | Uint8Array, metadata: ObjectMetadata = {}) {
      const bytes = typeof body === 'string' ? Buffer.from(body) : body
      return store(at).put(bucket, key, { body: bytes, size: bytes.length, metadata })
    },
    /** Last-Modified has whole seconds: what is written from now on has another one. */
    nextSecond: () => delay(1_050 - (Date.now() % 1_000)),
    async text(at: string, bucket: string, key: string): Promise<string | null> {
      const head = await store(at).head(bucket, key)
      if (head === null) return null
      const { body } = await store(at).open(bucket, key)
      const chunks: Buffer[] = []
      for await (const chunk of body as AsyncIterable<Buffer>) chunks.push(chunk)
      return Buffer.concat(chunks).toString()
    },
    async keys(at: string, bucket: string): Promise<string[]> {
      const found: string[] = []
      for await (const page of store(at).list(bucket)) found.push(...page.map((object) => object.key))
      return found
    },
    replicaRow: (bucketId: string, at: string) =>
      one<{
        id: string
        observed: string
        conflicts: number
        braked: number
        wanted: boolean
        verified: number | null
      }>(
        `SELECT id, observed, conflicts, braked, wanted, extract(epoch FROM verified_at)::float8 AS verified
         FROM replica WHERE bucket_id = $1 AND storage_id = $2`,
        [bucketId, storeId(at)],
      ),
    /** What users are told that holds the copy up. */
    async causes(bucketId: string, at: string): Promise<readonly Cause[]> {
      const record = await replicaOn(pool, bucketId, storeId(at))
      return record === undefined ? [] : viewReplica(record).causes
    },
    bucketRow: (bucketId: string) =>
      one<{ objects: number | null; bytes: number | null; masterStop: MasterStop | null; masterDone: boolean }>(
        `SELECT objects, bytes, master_stopped AS "masterStop", master_done AS "masterDone" FROM bucket WHERE id = $1`,
        [bucketId],
      ),
    /** What movers suffer of a store. */
    async storeProblems(at: string): Promise<string[]> {
      const { rows: found } = await pool.query<{ problem: string }>(
        'SELECT problem FROM store_trouble WHERE storage_id = $1',
        [storeId(at)],
      )
      return found.map((row) => row.problem)
    },
    taskRow: (bucketId: string, at: string) =>
      one<{
        kind: string
        phase: string | null
        objectsDone: number
        objectsTotal: number
        bytesTotal: number
        trouble: Trouble | null
      }>(
        `SELECT kind, phase, trouble, objects_done AS "objectsDone", objects_total AS "objectsTotal", bytes_total AS "bytesTotal"
         FROM replica_task WHERE bucket_id = $1 AND storage_id = $2`,
        [bucketId, storeId(at)],
      ),
    async waiting(bucketId: string): Promise<number> {
      return (await one<{ n: number }>('SELECT count(*) AS n FROM dirty_object WHERE bucket_id = $1', [bucketId])).n
    },
    /**
     * Resolves when the copy is complete, no key of the bucket waits and no mover works: a key that is gone though nobody told
     * so leaves a comparison to do.
     */
    async settled(bucketId: string, at: string, seconds = 20): Promise<void> {
      await eventually(
        `${at} is complete and nothing waits`,
        async () =>
          (await fleet.replicaRow(bucketId, at)).observed === 'complete' && (await fleet.waiting(bucketId)) === 0,
        seconds,
      )
      await fleet.idle()
    },
    /** A sweep from now on, to its end. */
    async sweep(bucketId: string, at: string, orders: { allowDeletes?: boolean; overwrite?: boolean } = {}) {
      const before = (await fleet.replicaRow(bucketId, at)).verified
      await fleet.task(bucketId, at, 'sweep', orders)
      // A sweep that was under way before ends too, but leaves the task due.
      await eventually(`${at} was swept`, async () => {
        const { rowCount } = await pool.query(
          `SELECT 1 FROM replica_task WHERE bucket_id = $1 AND storage_id = $2 AND lease_owner IS NULL AND not_before > now()`,
          [bucketId, storeId(at)],
        )
        return rowCount === 1 && (await fleet.replicaRow(bucketId, at)).verified !== before
      })
      await eventually('found keys were looked at', async () => (await fleet.waiting(bucketId)) === 0)
    },
    /** What differs between the master, a copy and the journal of the copy; nothing when all tell the same. */
    async differences(bucketId: string, bucket: string, master: string, at: string): Promise<string[]> {
      const problems: string[] = []
      const { rows: journal } = await pool.query<{ key: string; state: string; source: string; target: string }>(
        `SELECT key, state, source_etag AS source, target_etag AS target FROM replica_object j
         JOIN replica r ON r.id = j.replica_id WHERE r.bucket_id = $1 AND r.storage_id = $2 ORDER BY key`,
        [bucketId, storeId(at)],
      )
      const keys = await fleet.keys(master, bucket)
      if (keys.join() !== (await fleet.keys(at, bucket)).join()) problems.push('other keys on the replica')
      if (keys.join() !== journal.map((row) => row.key).join()) problems.push('other keys in the journal')
      for (const { key, state, source, target } of journal) {
        const [from, to] = await Promise.all([store(master).head(bucket, key), store(at).head(bucket, key)])
        const same = from?.etag === to?.etag && JSON.stringify(from?.metadata) === JSON.stringify(to?.metadata)
        if (!same) problems.push(`${key} differs`)
        if (state !== 'there' || source !== from?.etag || target !== to?.etag) problems.push(`${key} is ${state}`)
      }
      return problems
    },
    /** Waits for so many conflicts to be counted; resolves to the sentence that is shown then. */
    async conflicts(bucketId: string, at: string, count: number): Promise<string | undefined> {
      const causes = await eventually(`${count} conflicts on ${at}`, async () => {
        const [now, shown] = [await fleet.replicaRow(bucketId, at), await fleet.causes(bucketId, at)]
        return now.conflicts === count && shown.length > 0 === count > 0 ? shown : null
      })
      return causes[0]?.message
    },
  }
  return fleet
}
