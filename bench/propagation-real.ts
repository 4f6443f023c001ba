// What propagation costs more where stores are real and a mover looks after them: the same changes on a fleet of that kind, and
// before and after it on one whose stores only answer.
import { layoutOf, published } from './classes.ts'
import { percentile, rounded } from './figures.ts'
import { meanwhile, type Timed } from './meanwhile.ts'
import { beside, goals, type Sampled, sampled, singleFigures, stopped } from './propagation.ts'
import { startReal, untilPlaced } from './real-fleet.ts'
import type { Result } from './result.ts'
import { clusterLeaves, clusterReturns, randomEdits, type Single, singleChanges } from './route-changes.ts'
import { startSized } from './sized-fleet.ts'

const asPublished = {
  buckets: 1_000,
  shape: published,
  objects: 3,
  bytes: 4_096,
  /** A new class, then the same for another bucket. */
  pairs: 120,
  callsPerSecond: 500,
  edits: 2_000,
}
type Options = typeof asPublished

/** `stores`: their processes; none: they only answer, and no mover runs. */
async function measured(one: Sampled, { pairs, callsPerSecond, edits }: Options, stores: readonly number[] = []) {
  const isReal = stores.length > 0
  const timed = <T>(work: () => Promise<T>) => meanwhile(one.stack, stores, work)
  try {
    const figures = await beside(one, callsPerSecond, async () => {
      const single = await timed(() => singleChanges(one, one.pairs, pairs, one))
      const moved = await timed(async () => {
        const left = await clusterLeaves(one, one.pairs)
        if (isReal) await untilPlaced(one.stack)
        return left
      })
      await clusterReturns(one)
      const random = await timed(() => randomEdits(one, edits, isReal))
      return { single, moved, left: moved.result, random }
    })
    return { ...figures, ...one }
  } finally {
    await stopped(one)
  }
}
type Measured = Awaited<ReturnType<typeof measured>>

const rowOf = (stores: string, one: Measured, edits: number) => ({
  ...{ stores, buckets: one.size, ...singleFigures(one) },
  'cluster leaves s': rounded(one.left.seconds),
  'meanwhile p50 ms': rounded(percentile(one.left.ms, 0.5)),
  'meanwhile p99 ms': rounded(percentile(one.left.ms, 0.99)),
  'random edits a s': rounded(edits / one.random.seconds, 0),
  calls: one.calls,
  failed: one.failed,
})

/** How many times as long as with the others. */
function times(real: Single, played: Single) {
  const of = (which: keyof Single, share: number) =>
    rounded(percentile(real[which], share) / percentile(played[which], share), 2)
  return { known: [of('known', 0.5), of('known', 0.99)], fresh: [of('fresh', 0.5), of('fresh', 0.99)] } as const
}

const cores = ({ done, seconds }: Timed<unknown>, ...of: readonly ('control' | 'postgres' | 'mover' | 'stores')[]) =>
  of.map((process) => `${process} ${rounded(done[process] / seconds, 2)}`).join(', ')
const moves = ({ done: { looks, copies, removals } }: Timed<unknown>) =>
  `${looks} looks, ${copies} copies made, ${removals} removed`

export async function propagationReal(given: Partial<Options> = {}): Promise<Result> {
  const options = { ...asPublished, ...given }
  const { buckets, objects, bytes, callsPerSecond, edits } = options
  const layout = layoutOf(options.shape)
  const played = async () => measured(sampled(buckets, layout, await startSized(buckets, layout)), options)
  const before = await played()
  const begun = performance.now()
  const { stack, stores } = await startReal(buckets, layout, { objects, bytes })
  const placing = (performance.now() - begun) / 1000
  const real = await measured(sampled(buckets, layout, stack), options, stores)
  const after = await played()
  const { known, fresh } = times(real, {
    known: [...before.known, ...after.known],
    fresh: [...before.fresh, ...after.fresh],
  })
  return {
    rows: [
      rowOf('answer', before, edits),
      { ...rowOf('real', real, edits), 'p50 of answering': known[0], 'new class p50 of answering': fresh[0] },
      rowOf('answer', after, edits),
    ],
    notes: [
      `from the answer to RouteOverrideSet to the first call that Envoy routes by it, beside ${callsPerSecond} calls a second; ${goals}`,
      `real: ${stores.length} MinIOs and a mover; ${buckets} buckets of ${objects} objects of ${bytes} bytes, each with three copies, made in ${rounded(placing)} s. Functions only answer everywhere`,
      `real stores and their mover cost p50 ${known[0]} and p99 ${known[1]} times as much where the class exists, ${fresh[0]} and ${fresh[1]} where it is new. Processors in use meanwhile: ${cores(real.single, 'control', 'postgres', 'mover', 'stores')}, and without them ${cores(before.single, 'control', 'postgres')}; ${moves(real.single)}`,
      `a cluster with three eighths of all buckets leaves their zone; its real copies were replaced after ${rounded(real.moved.seconds)} s (${moves(real.moved)})`,
      `${edits} random edits: of routes and policies, and where stores are real also of how many copies there are (${moves(real.random)})`,
    ],
  }
}
