// What tests of movers look at: the stores, the rows that movers write, and whether both say the same.
import { replicaOn } from '../../server/db/catalogue/replicas.ts'
import type { Pool } from '../../server/db/core/pool.ts'
import type { MasterStop, Trouble } from '../../server/domain/trouble/trouble.ts'
import { type Cause, viewReplica } from '../../server/services/catalogue/replica-view.ts'
import type { StorageDriver } from '../../server/storage/storage-driver.ts'

/** Stores are named by their cluster. */
export function moverLooks({
  pool,
  store,
  storeId,
}: {
  pool: Pool
  store: (name: string) => StorageDriver
  storeId: (name: string) => string
}) {
  const one = async <R extends object>(sql: string, values: unknown[]): Promise<R> => {
    const { rows: found } = await pool.query<R>(sql, values)
    const [row] = found
    if (row === undefined) throw new Error(`no row: ${sql}`)
    return row
  }

  const looks = {
    /** The one row, or an error. */
    one,
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
      one<{
        objects: number | null
        bytes: number | null
        masterStop: MasterStop | null
        masterDone: boolean
        hasGap: boolean
      }>(
        `SELECT objects, bytes, master_stopped AS "masterStop", master_done AS "masterDone", gap_since IS NOT NULL AS "hasGap"
         FROM bucket WHERE id = $1`,
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
    /** What differs between the master, a copy and the journal of the copy; nothing when all tell the same. */
    async differences(bucketId: string, bucket: string, master: string, at: string): Promise<string[]> {
      const problems: string[] = []
      const { rows: journal } = await pool.query<{ key: string; state: string; source: string; target: string }>(
        `SELECT key, state, source_etag AS source, target_etag AS target FROM replica_object j
         JOIN replica r ON r.id = j.replica_id WHERE r.bucket_id = $1 AND r.storage_id = $2 ORDER BY key`,
        [bucketId, storeId(at)],
      )
      const keys = await looks.keys(master, bucket)
      if (keys.join() !== (await looks.keys(at, bucket)).join()) problems.push('other keys on the replica')
      if (keys.join() !== journal.map((row) => row.key).join()) problems.push('other keys in the journal')
      for (const { key, state, source, target } of journal) {
        const [from, to] = await Promise.all([store(master).head(bucket, key), store(at).head(bucket, key)])
        const same = from?.etag === to?.etag && JSON.stringify(from?.metadata) === JSON.stringify(to?.metadata)
        if (!same) problems.push(`${key} differs`)
        if (state !== 'there' || source !== from?.etag || target !== to?.etag) problems.push(`${key} is ${state}`)
      }
      return problems
    },
  }
  return looks
}
