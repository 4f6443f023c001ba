// How long after a mutation's answer the first call is routed by it, with few and with many buckets, while calls go on: with a
// route table that others use already, and with one that is new. Then an edit that reaches a third of all buckets, and changes of
// all kinds that may cost no call.
import { setTimeout as delay } from 'node:timers/promises'
import { Agent, request } from 'undici'
import { lbPolicies } from '../server/domain/policy/lb-policy.ts'
import { createRandom } from '../tests/support/churn/random.ts'
import { startCalls } from './calls-beside.ts'
import { percentile, rounded } from './figures.ts'
import type { Result } from './result.ts'
import { change, type Layout, override, startSized } from './sized-fleet.ts'
import type { Stack } from './stack.ts'

const asPublished = {
  sizes: [1_000, 10_000, 100_000],
  /** The sizes are measured in turn, so that a busy machine hits all alike. */
  rounds: 4,
  /** Pairs: a new class, then the same for another bucket. */
  pairsPerRound: 40,
  callsPerSecond: 500,
  edits: 2_000,
}

const masters = ['m0', 'm1', 'm2', 'm3']
const others = ['c0', 'c1', 'c2', 'c3', 'c4', 'c5', 'c6', 'c7']
/** Each cluster of `others` has three of eight of all buckets. */
const sets = subsets(others).filter((set) => set.length === 3)
/** So many placement classes there are before anything is changed, all of four clusters. */
const classes = 4 * 40
const layout: Layout = {
  clusters: [...masters, ...others],
  holders: (n) => [masters[n % 4] ?? '', ...(sets[Math.floor((n % classes) / 4)] ?? [])],
  zone: 'here',
}

function subsets([first, ...rest]: readonly string[]): string[][] {
  if (first === undefined) return [[]]
  const without = subsets(rest)
  return [...without, ...without.map((set) => [first, ...set])]
}

type Measured = { readonly size: number; readonly stack: Stack; readonly agent: Agent }
type Sampled = Measured & {
  readonly pairs: ReturnType<typeof unused>
  /** Milliseconds. */
  readonly fresh: number[]
  readonly known: number[]
  calls: number
  failed: number
}

async function decisionOf({ stack, agent }: Measured, bucket: string): Promise<string> {
  const headers = { 'x-fado-bucket': bucket }
  const answer = await request(`${stack.ingress}/function/f`, { dispatcher: agent, headers })
  await answer.body.dump()
  if (answer.statusCode !== 200) throw new Error(`${bucket}: ${answer.statusCode}`)
  return String(answer.headers['x-fado-decision'])
}

/** Milliseconds from the answer to the override until a call is routed by it. */
async function routed(one: Measured, bucket: string, clusters: readonly string[]): Promise<number> {
  const before = await decisionOf(one, bucket)
  await override(one.stack, bucket, ...clusters)
  const answered = performance.now()
  while ((await decisionOf(one, bucket)) === before)
    if (performance.now() - answered > 10_000)
      throw new Error(`${bucket} is not routed to ${clusters.join()} after 10 s`)
  return performance.now() - answered
}

/** The larger ones first: they are less often those of other buckets. */
const partsOf = (holders: readonly string[]) =>
  subsets(holders)
    .filter((set) => set.length > 0 && set.length < holders.length)
    .toSorted((a, b) => b.length - a.length)

/** Buckets with the same holders, and sets of these that no route has had yet. */
function* unused(
  size: number,
): Generator<{ readonly first: string; readonly second: string; readonly clusters: string[] }> {
  const had = new Set<string>()
  for (let turn = 0; ; turn++)
    for (let n = 0; n < classes; n++) {
      const set = partsOf(layout.holders(n))[turn]
      if (set === undefined) return
      const name = set.toSorted().join()
      if (had.has(name)) continue
      had.add(name)
      const later = n + classes * (1 + turn)
      if (later >= size) return
      yield { first: `bucket-${later}`, second: `bucket-${later - classes}`, clusters: set }
    }
}

async function isInForce({ stack: { pool } }: Measured): Promise<boolean> {
  const { rows } = await pool.query<{ waiting: number }>(
    `SELECT ((SELECT count(*) FROM dirty_bucket) + (SELECT count(*) FROM proxy_stream
       WHERE closed_at IS NULL AND acked_through < (SELECT max(number) FROM route)))::int AS waiting`,
  )
  return rows[0]?.waiting === 0
}

/**
 * A cluster with three of eight of all buckets leaves the zone that they may lie in: seconds until no route names it any more, and
 * milliseconds of single edits of buckets that it has not, meanwhile.
 */
async function clusterWide(one: Measured, edits: Generator<{ first: string; clusters: string[] }>) {
  const [gone = ''] = others
  const ms: number[] = []
  const begun = performance.now()
  await change(one.stack, 'clusterUpdate', { cluster: gone, zones: [] })
  let over = false
  const inForce = (async () => {
    while (!over && !(await isInForce(one))) await delay(50)
    over = true
    return (performance.now() - begun) / 1000
  })()
  try {
    for (const { first, clusters } of edits) {
      if (over) break
      if (!holdersOf(first).includes(gone)) ms.push(await routed(one, first, clusters))
    }
    return { seconds: await inForce, ms }
  } catch (error) {
    over = true
    await inForce
    throw error
  }
}

const holdersOf = (bucket: string) => layout.holders(Number(bucket.split('-')[1]))

/** Changes of all kinds, one after the other. */
async function randomEdits({ stack, size }: Measured, edits: number): Promise<void> {
  const random = createRandom(1)
  const pick = <T>(list: readonly T[]): T => random.pick(list as [T])
  for (let i = 0; i < edits; i++) {
    const bucket = `bucket-${random.between(0, size)}`
    const scope = { bucket }
    const kinds: readonly (() => Promise<void>)[] = [
      () => override(stack, bucket, ...pick(partsOf(holdersOf(bucket)))),
      () => change(stack, 'routeOverrideClear', { bucket }),
      () => change(stack, 'policySet', { scope, name: 'lb_policy', value: pick(lbPolicies) }),
      () => change(stack, 'policyUnset', { scope, name: 'lb_policy' }),
      () => change(stack, 'policySet', { scope, name: 'invocation_timeout', value: random.between(5, 60) }),
      () => change(stack, 'policySet', { scope, name: 'max_staleness', value: random.between(60, 600) }),
    ]
    await pick(kinds)()
  }
}

export async function propagation({
  sizes,
  rounds,
  pairsPerRound,
  callsPerSecond,
  edits,
} = asPublished): Promise<Result> {
  const all: Sampled[] = []
  const beside = async <T>(one: Sampled, work: () => Promise<T>): Promise<T> => {
    const calls = startCalls(one.stack.ingress, one.size, callsPerSecond)
    try {
      return await work()
    } finally {
      const done = await calls.stop()
      one.calls += done.calls
      one.failed += done.failed
    }
  }
  try {
    for (const size of sizes) {
      const stack = await startSized(size, layout)
      const samples = { pairs: unused(size), fresh: [], known: [], calls: 0, failed: 0 }
      all.push({ size, stack, agent: new Agent({ connections: 1 }), ...samples })
    }
    for (let round = 0; round < rounds; round++)
      for (const one of all)
        await beside(one, async () => {
          for (let i = 0; i < pairsPerRound; i++) {
            const { value: pair } = one.pairs.next()
            if (!pair) return
            one.fresh.push(await routed(one, pair.first, pair.clusters))
            one.known.push(await routed(one, pair.second, pair.clusters))
          }
        })
    const [smallest, largest] = [all[0], all.at(-1)]
    if (!smallest || !largest) throw new Error('no sizes')
    await beside(smallest, () => randomEdits(smallest, edits))
    const wide = await beside(largest, () => clusterWide(largest, largest.pairs))
    const base = percentile(smallest.known, 0.5)
    return {
      rows: all.map(({ size, fresh, known, calls, failed }) => ({
        buckets: size,
        samples: known.length,
        'class exists p50 ms': rounded(percentile(known, 0.5)),
        'p99 ms': rounded(percentile(known, 0.99)),
        'new class p50 ms': rounded(percentile(fresh, 0.5)),
        'new class p99 ms': rounded(percentile(fresh, 0.99)),
        'p50 ratio': rounded(percentile(known, 0.5) / base, 2),
        calls,
        failed,
      })),
      notes: [
        `from the answer to RouteOverrideSet to the first call that Envoy routes by it, beside ${callsPerSecond} calls a second; goals: class exists p50 15, p99 60; new class p50 25, p99 100; ratio 1.5; no call fails`,
        `${edits} random edits of all kinds at ${smallest.size} buckets are among the calls of its row`,
        `a cluster with three eighths of ${largest.size} buckets leaves their zone: all routed after ${rounded(wide.seconds)} s (goal: 20); ${wide.ms.length} single edits meanwhile p50 ${rounded(percentile(wide.ms, 0.5))} ms (goal: twice the others')`,
      ],
    }
  } finally {
    for (const { agent, stack } of all) {
      await agent.close()
      await stack.stop()
    }
  }
}
