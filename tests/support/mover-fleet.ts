// Stores, a database and the decisions that a reconciler would take, for tests of movers.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { v7 } from 'uuid'
import { onTestFinished } from 'vitest'
import { findDuePairs } from '../../server/db/copies/due-pairs.ts'
import { createWakeups } from '../../server/db/core/notify.ts'
import { createPool, type Pool } from '../../server/db/core/pool.ts'
import { markObjects } from '../../server/db/queue/dirty-objects.ts'
import { parseLinkRules } from '../../server/domain/links/served-links.ts'
import { createLog } from '../../server/log.ts'
import { createMover, type Mover } from '../../server/replication/mover.ts'
import type { Limits, Times } from '../../server/replication/settings.ts'
import type { StorageFor } from '../../server/replication/stores/stores.ts'
import type { StorageDriver } from '../../server/storage/storage-driver.ts'
import type { ObjectMetadata } from '../../server/storage/storage-values.ts'
import { eventually } from './eventually.ts'
import { driverOf } from './minio-driver.ts'
import { moverLooks } from './mover-looks.ts'
import { freshDatabase } from './postgres.ts'
import { fleet as fleetOf } from './world/fleet.ts'

/** With MinIO's keys, unless others are given. */
export type TestStore = {
  readonly name: string
  readonly endpoint: string
  readonly accessKey?: string
  readonly secretKey?: string
}

/** For tests that wait until a lease is over. */
export const shortLeases: Partial<Times> = { lease: 1_200, heartbeat: 200, leaseMargin: 400 }

/** Short waits; a lease that lives long enough for a slow machine. */
export const quickTimes: Partial<Times> = {
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
  const pool = createPool(url, { max: 20, plansOnce: true, onError: ignore })
  const wakeups = await createWakeups(pool, ignore)
  const rows = fleetOf(pool)
  const drivers = new Map<string, { driver: StorageDriver; name: string }>()
  const ids = new Map<string, string>()
  for (const { name, endpoint, ...keys } of stores) {
    const { store: made } = await rows.cluster(name, { store: { endpoint } })
    ids.set(name, made.id)
    drivers.set(made.id, { driver: driverOf(endpoint, keys), name })
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
  const looks = moverLooks({ pool, store, storeId })
  const { one } = looks

  const storageForAll: StorageFor = async (id) => {
    const found = drivers.get(id)
    if (found === undefined) throw new Error(`no store ${id}`)
    return found
  }

  const fleet = {
    ...looks,
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
    /** `over`: in place of the fleet's own pool. */
    startMover(
      options: {
        times?: Partial<Times>
        limits?: Partial<Limits>
        storageFor?: StorageFor
        links?: string
        over?: Pool
      } = {},
    ): Mover {
      const log = createLog(process.env['FADO_TEST_LOG'] ?? 'silent', 'mover')
      const times = { ...quickTimes, ...options.times }
      const { storageFor = storageForAll, limits = {}, over = pool } = options
      const links = options.links === undefined ? null : parseLinkRules(options.links)
      const mover = createMover({ pool: over, wakeups, storageFor, log, owner: v7(), links, limits, times })
      mover.start()
      closers.push(() => mover.stop())
      return mover
    },

    /**
     * A mover in a process of its own; `kill9` resolves when it is gone. `endpoints`: ways of its own to stores, by their names.
     * Ready when it resolves.
     */
    async spawnMover(
      times: Partial<Times> = {},
      endpoints: Readonly<Record<string, string>> = {},
    ): Promise<{ pause(): void; goOn(): void; kill9(): Promise<void> }> {
      const script = path.join(import.meta.dirname, 'hold-mover.ts')
      const known = stores.map((store) => ({
        ...store,
        id: storeId(store.name),
        endpoint: endpoints[store.name] ?? store.endpoint,
      }))
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
      return { pause: () => void child.kill('SIGSTOP'), goOn: () => void child.kill('SIGCONT'), kill9 }
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
        `INSERT INTO replica_task AS t (bucket_id, storage_id, kind, allow_deletes, overwrite)
         VALUES ($1, $2, $3, $4::bool::int, $5::bool::int)
         ON CONFLICT (bucket_id, storage_id) DO UPDATE SET kind = excluded.kind, generation = t.generation + 1,
           not_before = now(), attempts = 0, allow_deletes = excluded.allow_deletes * (t.generation + 1),
           overwrite = excluded.overwrite * (t.generation + 1)`,
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
      const signal = AbortSignal.timeout(2_000) // a store that is down sends what it sent before
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
