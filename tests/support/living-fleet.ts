// Real stores behind the API, with a reconciler and movers on the same database; no Envoy, so that withdrawals are agreed to at once.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { v7 } from 'uuid'
import { onTestFinished } from 'vitest'
import { findDuePairs } from '../../server/db/copies/due-pairs.ts'
import { createLog } from '../../server/log.ts'
import { startBucketReconciler } from '../../server/reconcile/bucket-reconciler.ts'
import { createMover, type Mover } from '../../server/replication/mover.ts'
import type { Times } from '../../server/replication/settings.ts'
import type { StorageFor } from '../../server/replication/stores/stores.ts'
import { createStorageDriver } from '../../server/storage/create-storage-driver.ts'
import type { StorageDriver } from '../../server/storage/storage-driver.ts'
import { eventually } from './eventually.ts'
import { quickTimes } from './mover-fleet.ts'
import { moverLooks } from './mover-looks.ts'
import { registerStore } from './register.ts'
import type { StoreProcess } from './store-process.ts'
import { startTestWeb } from './web.ts'

export type LivingFleet = Awaited<ReturnType<typeof livingFleet>>

/** One cluster per store, in the zone of its name; all is closed when the test ends. */
export async function livingFleet(stores: Readonly<Record<string, StoreProcess>>) {
  const web = await startTestWeb()
  const { pool } = web
  const { wakeups } = web.deps
  const log = createLog(process.env['FADO_TEST_LOG'] ?? 'silent', 'test')
  const drivers = new Map<string, { driver: StorageDriver; name: string }>()
  const ids = new Map<string, string>()
  for (const [name, store] of Object.entries(stores)) {
    await registerStore(web, name, store, [name])
    const { rows } = await pool.query<{ id: string }>('SELECT id FROM storage_deployment WHERE name = $1', [name])
    const id = rows[0]?.id ?? ''
    ids.set(name, id)
    drivers.set(id, { driver: createStorageDriver({ ...store, region: 'us-east-1' }), name })
  }
  const reconciler = startBucketReconciler({ pool, wakeups, log })
  const closers: (() => Promise<unknown>)[] = []
  onTestFinished(async () => {
    for (const close of closers.reverse()) await close()
    await reconciler.stop()
    for (const { driver } of drivers.values()) await driver.close()
    await web.stop()
  })
  const storeId = (name: string): string => ids.get(name) ?? ''
  const storageFor: StorageFor = async (id) => {
    const found = drivers.get(id)
    if (found === undefined) throw new Error(`no store ${id}`)
    return found
  }
  const store = (name: string): StorageDriver => {
    const found = drivers.get(storeId(name))
    if (found === undefined) throw new Error(`no store ${name}`)
    return found.driver
  }
  const looks = moverLooks({ pool, store, storeId })

  return {
    ...looks,
    web,
    pool,
    store,
    storeId,
    storageFor,
    startMover(options: { times?: Partial<Times>; storageFor?: StorageFor } = {}): Mover {
      const times = { ...quickTimes, ...options.times }
      const mover = createMover({
        pool,
        wakeups,
        log,
        owner: v7(),
        times,
        storageFor: options.storageFor ?? storageFor,
      })
      mover.start()
      closers.push(() => mover.stop())
      return mover
    },
    /** A mover in a process of its own, ready when this resolves. */
    async spawnMover(): Promise<{ kill9(): Promise<void> }> {
      const script = path.join(import.meta.dirname, 'hold-mover.ts')
      const known = Object.entries(stores).map(([name, { endpoint }]) => ({ id: storeId(name), name, endpoint }))
      const args = [script, web.database, JSON.stringify(known), JSON.stringify(quickTimes)]
      const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
      const gone = once(child, 'exit')
      const kill9 = async () => {
        child.kill('SIGKILL')
        await gone
      }
      closers.push(kill9)
      await once(createInterface(child.stdout), 'line')
      return { kill9 }
    },
    put: (
      at: string,
      bucket: string,
      key: string,
      body: string | Uint8Array,
      more: { readonly [header: string]: string } = {},
    ) => {
      const bytes = typeof body === 'string' ? Buffer.from(body) : body
      return store(at).put(bucket, key, { body: bytes, size: bytes.length, metadata: more })
    },
    adopt: (input: Record<string, unknown>) => web.mutate('bucketAdopt', input, 'bucket { id name version }'),
    release: (bucket: string, storageDeployment: string) =>
      web.mutate('replicaRelease', { bucket, storageDeployment }, 'releasedId'),
    bucketId: async (name: string) =>
      (await looks.one<{ id: string }>('SELECT id FROM bucket WHERE name = $1', [name])).id,
    /** Whether there is a row of this copy. */
    hasReplica: async (bucketId: string, at: string) =>
      (await pool.query('SELECT 1 FROM replica WHERE bucket_id = $1 AND storage_id = $2', [bucketId, storeId(at)]))
        .rowCount === 1,
    /** Resolves when the copy was compared whole and no key waits. */
    settled: (bucketId: string, at: string) =>
      eventually(`${at} is complete and nothing waits`, async () => {
        const { rows } = await pool.query<{ observed: string }>(
          'SELECT observed FROM replica WHERE bucket_id = $1 AND storage_id = $2',
          [bucketId, storeId(at)],
        )
        return rows[0]?.observed === 'complete' && (await looks.waiting(bucketId)) === 0
      }),
    /** Resolves when nobody works on anything, and nothing that a mover or the reconciler may work on is due. */
    idle: () =>
      eventually('nobody works any more', () =>
        pool.transaction(async (tx) => {
          await tx.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ')
          const busy = await tx.query(
            `SELECT 1 FROM dirty_object WHERE lease_owner IS NOT NULL UNION ALL SELECT 1 FROM dirty_bucket UNION ALL
             SELECT 1 FROM replica_task WHERE lease_owner IS NOT NULL OR not_before <= now()`,
          )
          const pairs = await findDuePairs(tx, { after: new Map(), limit: 100 })
          return busy.rowCount === 0 && pairs.every(({ due }) => !due)
        }),
      ),
  }
}
