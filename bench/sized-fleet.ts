// Clusters and as many buckets as wanted, each with complete copies on some of them, and their routes in force.
import { setTimeout as delay } from 'node:timers/promises'
import { v7 } from 'uuid'
import { fleet } from '../tests/support/world/fleet.ts'
import { agreed } from './agreed.ts'
import { type Stack, startStack } from './stack.ts'

export type Layout = {
  readonly clusters: readonly string[]
  /** Of the nth bucket: the clusters that hold it, its master's first. */
  readonly holders: (n: number) => readonly string[]
  /** All clusters lie there, and buckets may only lie there. Default: no policy. */
  readonly zone?: string
}

export const sizedClusters = ['hpc', 'edge'] as const
const onBoth: Layout = { clusters: sizedClusters, holders: () => sizedClusters }

/** Buckets `bucket-0` ... `stores`: their ids, by cluster. */
async function addBuckets(
  { pool }: Stack,
  count: number,
  { holders }: Layout,
  stores: ReadonlyMap<string, string>,
): Promise<void> {
  const all = Array.from({ length: count }, (_, n) => {
    const [master, ...replicas] = holders(n).map((cluster) => stores.get(cluster))
    return { id: v7(), name: `bucket-${n}`, master, replicas }
  })
  const ids = all.map(({ id }) => id)
  await pool.query(
    `INSERT INTO bucket (id, name, state, master_storage_id, master_bucket_name)
     SELECT i, n, 'active', m, n FROM unnest($1::uuid[], $2::text[], $3::uuid[]) AS b (i, n, m)`,
    [ids, all.map(({ name }) => name), all.map(({ master }) => master)],
  )
  await pool.query(
    `INSERT INTO policy_value (scope, scope_id, name, value)
     SELECT 'bucket', i, 'target_replica_count', to_jsonb(c) FROM unnest($1::uuid[], $2::int[]) AS b (i, c)`,
    [ids, all.map(({ replicas }) => replicas.length)],
  )
  const copies = all.flatMap(({ id, name, replicas }) => replicas.map((store) => ({ id, name, store })))
  await pool.query(
    `INSERT INTO replica (id, bucket_id, storage_id, bucket_name, wanted, generation, epoch, observed)
     SELECT gen_random_uuid(), i, s, n, true, 0, 1, 'complete' FROM unnest($1::uuid[], $2::text[], $3::uuid[]) AS b (i, n, s)`,
    [copies.map(({ id }) => id), copies.map(({ name }) => name), copies.map(({ store }) => store)],
  )
  await pool.query('INSERT INTO dirty_bucket (bucket_id) SELECT unnest($1::uuid[]) ON CONFLICT DO NOTHING', [ids])
}

/** Until all is decided, and Envoy has agreed to every bucket's route. */
async function inForce({ pool }: Stack): Promise<void> {
  const done = async () => {
    const { rows } = await pool.query<{ done: boolean }>(
      `SELECT NOT EXISTS (SELECT FROM dirty_bucket)
         AND NOT EXISTS (SELECT FROM bucket b WHERE NOT EXISTS (SELECT FROM route r WHERE r.bucket_id = b.id))
         AND ${agreed()} AS done`,
    )
    return rows[0]?.done === true
  }
  while (!(await done())) await delay(100)
}

/** What a store that has none yet tells the probe; when there are some it is asked for one of them, and any answer will do. */
const noBuckets = '<ListAllMyBucketsResult><Buckets/></ListAllMyBucketsResult>'

/** Its buckets are `bucket-0` ... */
export async function startSized(size: number, layout: Layout = onBoth): Promise<Stack> {
  const stack = await startStack()
  const rows = fleet(stack.pool)
  const stores = new Map<string, string>()
  const zones = layout.zone === undefined ? [] : [layout.zone]
  if (layout.zone !== undefined) await rows.policy(null, 'zones', zones)
  for (const name of layout.clusters) {
    const urls = [await stack.answering(name)]
    const { store } = await rows.cluster(name, { zones, urls, store: { endpoint: await stack.answering(noBuckets) } })
    // The probe asks it for a bucket, with its key.
    const credentials = stack.credentialsOf(store.id)
    await stack.pool.query('UPDATE storage_deployment SET credentials = $2 WHERE id = $1', [store.id, credentials])
    stores.set(name, store.id)
  }
  await addBuckets(stack, size, layout, stores)
  await inForce(stack)
  return stack
}

/** One change, such as `policySet`, which must be taken. */
export async function change({ graphql }: Pick<Stack, 'graphql'>, name: string, input: unknown): Promise<void> {
  const type = `${name[0]?.toUpperCase()}${name.slice(1)}Input!`
  const query = `mutation ($input: ${type}) { result: ${name}(input: $input) { __typename ... on UserError { message } } }`
  const { result } = (await graphql(query, { input })) as { result: { __typename: string; message?: string } }
  if (!result.__typename.endsWith('Payload')) throw new Error(`${name} ${JSON.stringify(input)}: ${result.message}`)
}

/** Calls of this bucket go to these clusters alone. */
export const override = (
  stack: Pick<Stack, 'graphql'>,
  bucket: string,
  ...clusters: readonly string[]
): Promise<void> => change(stack, 'routeOverrideSet', { bucket, clusters })
