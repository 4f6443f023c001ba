// How long after a mutation's answer the first call is routed by it, with few and with many buckets, while calls go on: with a
// route table that others use already, and with one that is new. Then an edit that reaches a third of all buckets, and changes of
// all kinds that may cost no call.
import { Agent } from 'undici'
import { startCalls } from './calls-beside.ts'
import { type Classes, layoutOf, type Pair, published, unused } from './classes.ts'
import { percentile, rounded } from './figures.ts'
import type { Result } from './result.ts'
import { clusterLeaves, clusterReturns, type Fleet, randomEdits, type Single, singleChanges } from './route-changes.ts'
import { startSized } from './sized-fleet.ts'
import type { Stack } from './stack.ts'

const asPublished = {
  sizes: [1_000, 10_000, 100_000],
  shape: published,
  /** The sizes are measured in turn, so that a busy machine hits all alike. */
  rounds: 4,
  /** Pairs: a new class, then the same for another bucket. */
  pairsPerRound: 40,
  callsPerSecond: 500,
  edits: 2_000,
}

export type Sampled = Fleet &
  Single & {
    readonly pairs: Iterator<Pair> & Iterable<Pair>
    calls: number
    failed: number
  }

export const sampled = (size: number, layout: Classes, stack: Stack): Sampled => ({
  ...{ size, layout, stack, agent: new Agent({ connections: 1 }), pairs: unused(layout, size) },
  ...{ known: [], fresh: [], calls: 0, failed: 0 },
})

/** Does it while calls go on. */
export async function beside<T>(one: Sampled, callsPerSecond: number, work: () => Promise<T>): Promise<T> {
  const calls = startCalls(one.stack.ingress, one.size, callsPerSecond)
  try {
    return await work()
  } finally {
    const done = await calls.stop()
    one.calls += done.calls
    one.failed += done.failed
  }
}

export async function stopped({ agent, stack }: Sampled): Promise<void> {
  await agent.close()
  await stack.stop()
}

export const singleFigures = ({ known, fresh }: Single) => ({
  samples: known.length,
  'class exists p50 ms': rounded(percentile(known, 0.5)),
  'p99 ms': rounded(percentile(known, 0.99)),
  'new class p50 ms': rounded(percentile(fresh, 0.5)),
  'new class p99 ms': rounded(percentile(fresh, 0.99)),
})

export const goals = 'goals: class exists p50 15, p99 60; new class p50 25, p99 100; no call fails'

export async function propagation({
  sizes,
  shape,
  rounds,
  pairsPerRound,
  callsPerSecond,
  edits,
} = asPublished): Promise<Result> {
  const layout = layoutOf(shape)
  const all: Sampled[] = []
  try {
    for (const size of sizes) all.push(sampled(size, layout, await startSized(size, layout)))
    for (let round = 0; round < rounds; round++)
      for (const one of all) await beside(one, callsPerSecond, () => singleChanges(one, one.pairs, pairsPerRound, one))
    const [smallest, largest] = [all[0], all.at(-1)]
    if (!smallest || !largest) throw new Error('no sizes')
    const left = await beside(largest, callsPerSecond, async () => {
      const left = await clusterLeaves(largest, largest.pairs)
      await clusterReturns(largest)
      return left
    })
    await beside(smallest, callsPerSecond, () => randomEdits(smallest, edits))
    const base = percentile(smallest.known, 0.5)
    return {
      rows: all.map((one) => ({
        buckets: one.size,
        ...singleFigures(one),
        'p50 ratio': rounded(percentile(one.known, 0.5) / base, 2),
        calls: one.calls,
        failed: one.failed,
      })),
      notes: [
        `from the answer to RouteOverrideSet to the first call that Envoy routes by it, beside ${callsPerSecond} calls a second; ${goals}; ratio 1.5`,
        `${edits} random edits of all kinds at ${smallest.size} buckets are among the calls of its row`,
        `a cluster with three eighths of ${largest.size} buckets leaves their zone: all routed after ${rounded(left.seconds)} s (goal: 20); ${left.ms.length} single edits meanwhile p50 ${rounded(percentile(left.ms, 0.5))} ms (goal: twice the others')`,
      ],
    }
  } finally {
    for (const one of all) await stopped(one)
  }
}
