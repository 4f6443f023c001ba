// Rows of the catalogue as services would write them, for tests of what acts on them.
import { v7 } from 'uuid'
import type { Pool } from '../../server/db/core/pool.ts'
import { type BucketSet, type Mark, markBuckets } from '../../server/db/queue/dirty-buckets.ts'

export type TestCluster = { readonly id: string; readonly name: string; readonly storageId: string }

export function catalogue(pool: Pool) {
  return {
    /** A cluster with one store and the function deployments at these urls. */
    async cluster(
      name: string,
      options: { zones?: string[]; urls?: string[]; endpoint?: string } = {},
    ): Promise<TestCluster> {
      const [id, storageId] = [v7(), v7()]
      await pool.query('INSERT INTO cluster (id, name, zones) VALUES ($1, $2, $3)', [id, name, options.zones ?? []])
      await pool.query(
        `INSERT INTO storage_deployment (id, cluster_id, name, endpoint, credentials, health, capabilities)
         VALUES ($1, $2, $3, $4, '', 'healthy', '{webhook-events}')`,
        [storageId, id, name, options.endpoint ?? `http://${name}.invalid`],
      )
      for (const url of options.urls ?? [])
        await pool.query(
          `INSERT INTO faas_deployment (id, cluster_id, kind, url, health, address)
           VALUES ($1, $2, 'OPENFAAS', $3, 'healthy', '127.0.0.1')`,
          [v7(), id, url],
        )
      return { id, name, storageId }
    },
    async bucket(name: string, master: TestCluster): Promise<string> {
      const id = v7()
      await pool.query(
        `INSERT INTO bucket (id, name, state, master_storage_id, master_bucket_name) VALUES ($1, $2, 'active', $3, $2)`,
        [id, name, master.storageId],
      )
      return id
    },
    /** `bucketId` null: of the fleet. */
    async policy(bucketId: string | null, name: string, value: unknown): Promise<void> {
      await pool.query(
        `INSERT INTO policy_value (scope, scope_id, name, value) VALUES ($1, $2, $3, $4::jsonb)
         ON CONFLICT (scope, scope_id, name) DO UPDATE SET value = excluded.value`,
        [
          bucketId === null ? 'global' : 'bucket',
          bucketId ?? '00000000-0000-0000-0000-000000000000',
          name,
          JSON.stringify(value),
        ],
      )
    },
    mark: (set: BucketSet, mark: Mark = {}) => markBuckets(pool, set, mark),
  }
}
