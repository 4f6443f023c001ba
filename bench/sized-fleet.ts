// Two clusters and as many buckets as wanted, each with a complete copy on both, and their routes in force.
import { setTimeout as delay } from 'node:timers/promises'
import { v7 } from 'uuid'
import { fleet } from '../tests/support/world/fleet.ts'
import { type Stack, startStack } from './stack.ts'

export const sizedClusters = ['hpc', 'edge'] as const

/** Buckets `<prefix>-0` ... */
async function addBuckets({ pool }: Stack, prefix: string, count: number, storage: readonly string[]): Promise<void> {
  const [master, replica] = storage
  const ids = Array.from({ length: count }, () => v7())
  const names = ids.map((_, i) => `${prefix}-${i}`)
  await pool.query(
    `INSERT INTO bucket (id, name, state, master_storage_id, master_bucket_name)
     SELECT i, n, 'active', $3, n FROM unnest($1::uuid[], $2::text[]) AS b (i, n)`,
    [ids, names, master],
  )
  await pool.query(
    `INSERT INTO policy_value (scope, scope_id, name, value) SELECT 'bucket', i, 'target_replica_count', '1' FROM unnest($1::uuid[]) i`,
    [ids],
  )
  await pool.query(
    `INSERT INTO replica (id, bucket_id, storage_id, bucket_name, wanted, generation, epoch, observed)
     SELECT gen_random_uuid(), i, $3, n, true, 0, 1, 'complete' FROM unnest($1::uuid[], $2::text[]) AS b (i, n)`,
    [ids, names, replica],
  )
  await pool.query('INSERT INTO dirty_bucket (bucket_id) SELECT unnest($1::uuid[]) ON CONFLICT DO NOTHING', [ids])
  const waiting = async () => {
    const { rows } = await pool.query<{ waiting: number }>(
      `SELECT ((SELECT count(*) FROM dirty_bucket) + (SELECT count(*) FROM bucket b LEFT JOIN route r ON r.bucket_id = b.id
         WHERE r.number IS NULL OR r.number > COALESCE((SELECT min(acked_through) FROM proxy_stream), -1)))::int AS waiting`,
    )
    return rows[0]?.waiting ?? 0
  }
  while ((await waiting()) > 0) await delay(100)
}

/** Its buckets are `bucket-0` ... */
export async function startSized(size: number): Promise<Stack> {
  const stack = await startStack()
  const rows = fleet(stack.pool)
  const storage: string[] = []
  for (const name of sizedClusters) {
    const urls = [await stack.answering(name)]
    const { store } = await rows.cluster(name, { urls, store: { endpoint: await stack.answering(name) } })
    // The probe asks it for a bucket, with its key.
    const credentials = stack.credentialsOf(store.id)
    await stack.pool.query('UPDATE storage_deployment SET credentials = $2 WHERE id = $1', [store.id, credentials])
    storage.push(store.id)
  }
  await addBuckets(stack, 'bucket', size, storage)
  return stack
}

const mutation = `mutation ($input: RouteOverrideSetInput!) {
  routeOverrideSet(input: $input) { __typename ... on UserError { code message } } }`

/** Calls of this bucket go to this cluster alone. */
export async function override({ graphql }: Stack, bucket: string, cluster: string): Promise<void> {
  await graphql(mutation, { input: { bucket, clusters: [cluster] } })
}
