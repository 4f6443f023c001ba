// How long after a mutation's answer the first call is routed by it, with few and with many buckets.
import { Agent, request } from 'undici'
import { v7 } from 'uuid'
import { fleet } from '../tests/support/world/fleet.ts'
import { percentile, rounded } from './figures.ts'
import type { Result } from './result.ts'
import { type Stack, startStack } from './stack.ts'

const asPublished = {
  sizes: [100, 10_000],
  /** The sizes are measured in turn, so that a busy machine hits both alike. */
  rounds: 3,
  samplesPerRound: 60,
}
const clusters = ['hpc', 'edge'] as const

const mutation = `mutation ($input: RouteOverrideSetInput!) {
  routeOverrideSet(input: $input) { __typename ... on UserError { code message } } }`

/** Buckets `<prefix>-0` ... with a complete copy on both clusters, and their routes in force. */
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
  await pool.query('INSERT INTO dirty_bucket (bucket_id) SELECT unnest($1::uuid[])', [ids])
  for (;;) {
    const { rows } = await pool.query<{ waiting: number }>(
      `SELECT ((SELECT count(*) FROM dirty_bucket) + (SELECT count(*) FROM bucket b LEFT JOIN route r ON r.bucket_id = b.id
         WHERE r.number IS NULL OR r.number > COALESCE((SELECT min(acked_through) FROM proxy_stream), -1)))::int AS waiting`,
    )
    if (rows[0]?.waiting === 0) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

/** Milliseconds from the answer to the override until a call goes where it says. */
async function measure({ graphql, ingress }: Stack, agent: Agent, bucket: string, cluster: string): Promise<number> {
  await graphql(mutation, { input: { bucket, clusters: [cluster] } })
  const answered = performance.now()
  for (;;) {
    const { headers, body } = await request(`${ingress}/function/f`, {
      dispatcher: agent,
      headers: { 'x-fado-bucket': bucket },
    })
    await body.dump()
    if (headers['x-fado-served-by'] === cluster) return performance.now() - answered
    if (performance.now() - answered > 10_000) throw new Error(`${bucket} is not routed to ${cluster} after 10 s`)
  }
}

async function startSized(size: number): Promise<Stack> {
  const stack = await startStack()
  const rows = fleet(stack.pool)
  const storage: string[] = []
  for (const name of clusters) {
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

export async function propagation({ sizes, rounds, samplesPerRound } = asPublished): Promise<Result> {
  const stacks: { size: number; stack: Stack; samples: number[] }[] = []
  const agent = new Agent({ connections: 1 })
  try {
    for (const size of sizes) stacks.push({ size, stack: await startSized(size), samples: [] })
    for (let round = 0; round < rounds; round++)
      for (const { size, stack, samples } of stacks)
        for (let i = 0; i < samplesPerRound; i++) {
          const number = (round * samplesPerRound + i) % Math.min(size, 50)
          const turn = Math.floor((round * samplesPerRound + i) / Math.min(size, 50))
          samples.push(await measure(stack, agent, `bucket-${number}`, clusters[turn % 2] ?? 'hpc'))
        }
  } finally {
    await agent.close()
    for (const { stack } of stacks) await stack.stop()
  }
  const base = percentile(stacks[0]?.samples ?? [], 0.5)
  return {
    rows: stacks.map(({ size, samples }) => ({
      buckets: size,
      samples: samples.length,
      'p50 ms': rounded(percentile(samples, 0.5)),
      'p95 ms': rounded(percentile(samples, 0.95)),
      'max ms': rounded(Math.max(...samples)),
      'p50 ratio': rounded(percentile(samples, 0.5) / base, 2),
    })),
    notes: [
      'from the answer to RouteOverrideSet to the first call that Envoy sends to that cluster; goal: ratio at 10 000 <= 1.5',
    ],
  }
}
