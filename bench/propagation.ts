// How long after a mutation's answer the first call is routed by it, with few and with many buckets.
import { Agent, request } from 'undici'
import { percentile, rounded } from './figures.ts'
import type { Result } from './result.ts'
import { override, sizedClusters, startSized } from './sized-fleet.ts'
import type { Stack } from './stack.ts'

const asPublished = {
  sizes: [100, 10_000],
  /** The sizes are measured in turn, so that a busy machine hits both alike. */
  rounds: 3,
  samplesPerRound: 60,
}
/** Milliseconds from the answer to the override until a call goes where it says. */
async function measure(stack: Stack, agent: Agent, bucket: string, cluster: string): Promise<number> {
  const { ingress } = stack
  await override(stack, bucket, cluster)
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
          samples.push(await measure(stack, agent, `bucket-${number}`, sizedClusters[turn % 2] ?? 'hpc'))
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
