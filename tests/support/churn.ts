// Life on a running demo: objects and policies change and functions are called without pause, while everything that is seen
// from outside is judged by the invariants. The demo must be empty or hold a fleet of an earlier run.
// usage: node tests/support/churn.ts DEMO_JSON [SECONDS]   FADO_SEED replays a run's decisions
import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import type { DemoFile } from '../../server/demo/demo-file.ts'
import { startBriefLives } from './churn/brief-lives.ts'
import { startCaller } from './churn/caller.ts'
import { compareCopies, untilSettled } from './churn/compare.ts'
import { startCopyWatch } from './churn/copies.ts'
import { createBucket, type Life, lives, registerFleet, zones } from './churn/fleet.ts'
import { fingerprint, foreignBucketOn, isForeign, plantBucket, plantObjects } from './churn/foreign.ts'
import { startOperator } from './churn/policies.ts'
import { createRandom, seedFor } from './churn/random.ts'
import {
  type ChurnBucket,
  type ClusterName,
  connectTo,
  type Fado,
  seenBucket,
  until,
  type World,
} from './churn/world.ts'
import { putOnce, startWriter } from './churn/writer.ts'

const callers = 3
/** More are counted, not kept. */
const mostKept = 50
const mostNotes = 20_000
const writesOf = ['puts', 'large puts', 'deletes', 'changes of metadata'] as const

export type Report = {
  readonly seed: number
  /** Each says which invariant was broken, and how. */
  readonly wrong: readonly string[]
  readonly figures: Readonly<Record<string, number>>
  /** The last things that were done, in order. */
  readonly notes: readonly string[]
}
export type Churn = {
  readonly seed: number
  readonly world: World
  /** Has copies on all stores and policies that stay; nobody writes below `probe-`. */
  readonly steady: ChurnBucket
  /** What was found wrong so far. */
  readonly wrong: readonly string[]
  /** Calls that were judged so far. */
  readonly calls: () => number
  /** Objects that were written, changed and deleted so far. */
  readonly writes: () => number
  /** Ends the changes, waits until all is settled, compares everything, ends the calls. */
  readonly finish: () => Promise<Report>
  /** Ends all at once, for a test that failed. */
  readonly abort: () => Promise<void>
}

type Lived = { readonly life: Life; readonly bucket: ChurnBucket }

function createTally() {
  const wrong: string[] = []
  const notes: string[] = []
  const figures = new Map<string, number>()
  function note(what: string): void {
    notes.push(`${new Date().toISOString()} ${what}`)
    if (notes.length > mostNotes) notes.shift()
  }
  return {
    wrong,
    notes,
    note,
    calls: () => figures.get('calls') ?? 0,
    writes: () => writesOf.reduce((sum, what) => sum + (figures.get(what) ?? 0), 0),
    figures: () => Object.fromEntries([...figures].sort()),
    report(invariant: string, what: string) {
      figures.set(`broken: ${invariant}`, (figures.get(`broken: ${invariant}`) ?? 0) + 1)
      if (wrong.length < mostKept) wrong.push(`${new Date().toISOString()} ${invariant}: ${what}`)
      note(`WRONG ${invariant}: ${what}`)
    },
    count: (what: string) => void figures.set(what, (figures.get(what) ?? 0) + 1),
    atMost: (what: string, value: number) => void figures.set(what, Math.max(value, figures.get(what) ?? 0)),
  }
}

/** First the objects that stay, then whatever stands in the way; resolves to the fingerprint of that, if anything does. */
async function furnish(world: World, { life, bucket }: Lived): Promise<string | undefined> {
  const random = world.random.fork(`furnishing ${life.name}`)
  for (const key of bucket.stable) await putOnce(world, bucket, key, random, key)
  await until(`${bucket.name} serves`, async () => {
    const { route, replicas } = await seenBucket(world.fado, bucket.name)
    const copies = life.obstructed ? 1 : life.replicas
    return route.state === 'SERVING' && replicas.length === copies && route.upstreams.length === copies + 1
  })
  return life.obstructed ? plantObjects(world, bucket) : undefined
}

async function createBuckets(fado: Fado, suffix: string): Promise<Lived[]> {
  const lived: Lived[] = []
  for (const life of lives) {
    const name = `${life.name}-${suffix}`
    if (life.obstructed) await plantBucket(fado.store(foreignBucketOn), name)
    lived.push({ life, bucket: await createBucket(fado, name, life) })
  }
  return lived
}

/** All that changes things until `world.quiet`, and all that watches until `ending`. */
function startActors(world: World, lived: readonly Lived[], suffix: string, ending: AbortSignal) {
  const changes = lived.flatMap(({ life, bucket }) => {
    const writer = startWriter(world, bucket)
    return life.operated === null ? [writer] : [writer, startOperator(world, bucket, zones, life.operated)]
  })
  changes.push(startBriefLives(world, suffix))
  const watches = [
    ...lived.map(({ life, bucket }) =>
      startCopyWatch(world, bucket, (cluster, key) => isForeign(life, cluster, key), ending),
    ),
    ...Array.from({ length: callers }, (_, number) => startCaller(world, number, ending)),
  ]
  return { changes: Promise.all(changes), all: Promise.all([...changes, ...watches]) }
}

async function compareAll(world: World, lived: readonly Lived[]): Promise<void> {
  for (const { life, bucket } of lived) await untilSettled(world, bucket, life.obstructed)
  for (const { life, bucket } of lived) {
    const foreignBucket = life.obstructed ? foreignBucketOn : undefined
    await compareCopies(world, bucket, (cluster, key) => cluster === foreignBucket || isForeign(life, cluster, key))
  }
}

export async function startChurn(demoFile: string, given: string | undefined): Promise<Churn> {
  const seed = seedFor(given)
  const suffix = Date.now().toString(36)
  const demo = () => JSON.parse(readFileSync(demoFile, 'utf8')) as DemoFile
  const fado = connectTo(demo())
  const quiet = new AbortController()
  const ending = new AbortController()
  const tally = createTally()
  await registerFleet(fado, demo())
  const lived = await createBuckets(fado, suffix)
  const [steady] = lived
  if (steady === undefined) throw new Error('there is no bucket')
  const world: World = {
    fado,
    demo,
    clusters: demo().stores.map(({ name }): ClusterName => name),
    buckets: lived.map(({ bucket }) => bucket),
    faults: [],
    quiet: quiet.signal,
    random: createRandom(seed),
    wrong: tally.report,
    note: tally.note,
    count: tally.count,
    atMost: tally.atMost,
  }
  const planted = await Promise.all(lived.map(async (one) => [one.bucket.name, await furnish(world, one)] as const))
  const { changes, all } = startActors(world, lived, suffix, ending.signal)
  all.catch((error: unknown) => tally.report('churn', String(error)))
  changes.catch(() => undefined) // told by `all`

  async function finish(): Promise<Report> {
    quiet.abort()
    await changes
    await compareAll(world, lived)
    for (const [name, before] of planted)
      if (before !== undefined && (await fingerprint(world, name)) !== before)
        tally.report('I9', `foreign data of ${name} was touched`)
    ending.abort()
    await all
    return { seed, wrong: tally.wrong, figures: tally.figures(), notes: tally.notes }
  }
  async function abort(): Promise<void> {
    quiet.abort()
    ending.abort()
    await all.catch(() => undefined)
  }
  return {
    seed,
    world,
    steady: steady.bucket,
    wrong: tally.wrong,
    calls: tally.calls,
    writes: tally.writes,
    finish,
    abort,
  }
}

if (import.meta.main) {
  const [, , demoFile = '.fado/demo.json', seconds = '30'] = process.argv
  const churn = await startChurn(demoFile, process.env['FADO_SEED'])
  console.log(`seed ${churn.seed}`)
  await delay(Number(seconds) * 1000)
  const { wrong, figures, notes } = await churn.finish()
  for (const what of wrong.length === 0 ? [] : [...notes, ...wrong]) console.log(what)
  console.table(figures)
  process.exit(wrong.length === 0 ? 0 : 1)
}
