// What is written while a replica's store is away, many times over the same keys: how much is copied when it is back, and how long
// what changes then takes to arrive, beside what it takes when nothing waits.
import { randomBytes } from 'node:crypto'
import type { DemoFile } from '../server/demo/demo-file.ts'
import { createStorageDriver } from '../server/storage/create-storage-driver.ts'
import type { StorageDriver } from '../server/storage/storage-driver.ts'
import { registerFleet } from '../tests/support/churn/fleet.ts'
import { connectTo, type Fado, seenBucket, until } from '../tests/support/churn/world.ts'
import { runDemo } from '../tests/support/run-demo.ts'
import { scrape } from '../tests/support/scrape.ts'
import { arrive } from './arrive.ts'
import { createRouted, goal, type Watched, watched, watchedRow } from './control-plane.ts'
import { percentile, rounded } from './figures.ts'
import type { Result } from './result.ts'
import { tellAgain } from './tell-again.ts'
import { startWay, type Way } from './way.ts'

const asPublished = {
  keys: 10_000,
  bytes: 4_096,
  /** Of these so many are PUTs; of the others only the events are sent again. */
  writes: 1_000_000,
  puts: 30_000,
  /** Of each bucket, when nothing waits. */
  samples: 150,
}
type Options = typeof asPublished
const [master, replica] = ['hpc', 'edge'] as const
/** What waits is in the one; the other has the same link. */
const [crowded, quiet] = ['crowded', 'quiet'] as const
const writers = 16

type Stand = {
  readonly fado: Fado
  readonly demo: DemoFile
  readonly way: Way
  readonly master: StorageDriver
  /** Not over the way. */
  readonly replica: StorageDriver
}

/** Milliseconds of each. */
type Arrivals = Record<typeof crowded | typeof quiet, number[]>
type Phase = Watched & { readonly arrivals: Arrivals }

const keysOf = ({ keys }: Options) => Array.from({ length: keys }, (_, n) => `data/${n}`)

async function create({ fado }: Stand, bucket: string): Promise<void> {
  const policies = [
    { name: 'target_replica_count', value: 1 },
    { name: 'replica_locations', value: [replica] },
  ]
  await fado.must('BucketCreate', { name: bucket, storageDeployment: master, policies })
}

async function write({ master: driver }: Stand, keys: readonly string[], count: number, bytes: number): Promise<void> {
  let next = 0
  const put = async () => {
    for (let n = next++; n < count; n = next++)
      await driver.put(crowded, keys[n % keys.length] ?? '', { body: randomBytes(bytes), size: bytes })
  }
  await Promise.all(Array.from({ length: writers }, put))
}

/** Keys of which FaDO knows that the copy lacks what they are now. */
async function missing({ fado }: Stand): Promise<number> {
  const { replicas } = await fado.run<{ replicas: { lag: { objects: number } }[] }>('Bucket', { name: crowded })
  return replicas.reduce((sum, { lag }) => sum + lag.objects, 0)
}

/** All writes, as far as the control plane hears of them. Returns how many rows wait for the copy once nothing else does. */
async function writeWhileAway(stand: Stand, options: Options): Promise<number> {
  const { fado, demo } = stand
  const [control = ''] = demo.metrics
  const { puts, writes, bytes } = options
  const taken = async () => (await scrape(control)).sum('fado_store_events_total', { outcome: 'taken' })
  const before = await taken()
  const { secret } = await fado.must<{ secret: string }>('TokenCreate', { name: 'bench', role: 'NOTIFY' })
  const url = new URL('/api/notify', demo.graphql).href
  const keys = keysOf(options)
  await write(stand, keys, puts, bytes)
  await tellAgain({ url, token: secret, bucket: crowded, keys }, writes - puts)
  await until('all is told', async () => (await taken()) - before >= writes, 600)
  await until('all is marked', async () => (await missing(stand)) >= keys.length, 600)
  const records = async () => (await scrape(control)).sum('fado_dirty_keys', { kind: 'record' })
  await until('the records are as their masters are', async () => (await records()) === 0, 600)
  return missing(stand)
}

const drained = async ({ fado }: Stand) =>
  (await seenBucket(fado, crowded)).replicas.every(({ state }) => state === 'IN_SYNC')

/** New objects of both buckets, in turn, until it is `over`. */
async function changing(
  stand: Stand,
  name: string,
  bytes: number,
  over: (turn: number) => boolean | Promise<boolean>,
): Promise<Phase> {
  const arrivals: Arrivals = { crowded: [], quiet: [] }
  const seen = await watched({ ...stand, bucket: quiet }, async () => {
    for (let turn = 0; !(await over(turn)); turn++)
      for (const bucket of [crowded, quiet])
        arrivals[bucket].push(await arrive(stand, { bucket, key: `${name}/${turn}`, bytes }))
  })
  return { ...seen, arrivals }
}

const copiesMade = async ({ demo }: Stand) =>
  (await scrape(demo.metrics[1] ?? '')).sum('fado_copies_total', { target: replica, outcome: 'copied' })

async function measure(stand: Stand, options: Options) {
  const { bytes, samples } = options
  for (const bucket of [crowded, quiet]) await create(stand, bucket)
  await write(stand, keysOf(options), options.keys, bytes)
  await until('both copies are in sync', () => drained(stand), 600)
  const idle = await changing(stand, 'idle', bytes, (turn) => turn === samples)
  stand.way.close()
  const rows = await writeWhileAway(stand, options)
  const before = await copiesMade(stand)
  stand.way.open()
  const draining = await changing(stand, 'draining', bytes, (turn) => turn > 0 && drained(stand))
  const live = draining.arrivals.crowded.length + draining.arrivals.quiet.length
  return { idle, draining, rows, copies: (await copiesMade(stand)) - before - live }
}

const p95 = ({ arrivals }: Phase, bucket: keyof Arrivals) => percentile(arrivals[bucket], 0.95)

const row = (of: string, phase: Phase) => ({
  ...watchedRow(of, [phase]),
  changes: phase.arrivals.crowded.length + phase.arrivals.quiet.length,
  'crowded p95 ms': rounded(p95(phase, crowded)),
  'quiet p95 ms': rounded(p95(phase, quiet)),
})

export async function backlog(options: Options = asPublished): Promise<Result> {
  const running = await runDemo('--empty')
  const demo = running.read()
  const storeOf = (name: string) => {
    const store = demo.stores.find((one) => one.name === name)
    if (store === undefined) throw new Error(`the demo has no store ${name}`)
    return store
  }
  const driverOf = (name: string) => createStorageDriver({ ...storeOf(name), region: 'us-east-1' })
  const way = await startWay(storeOf(replica).endpoint)
  const stores = demo.stores.map((store) => (store.name === replica ? { ...store, endpoint: way.endpoint } : store))
  const stand: Stand = { fado: connectTo(demo), demo, way, master: driverOf(master), replica: driverOf(replica) }
  try {
    await registerFleet(stand.fado, { ...demo, stores })
    await createRouted(stand.fado)
    const { idle, draining, rows, copies } = await measure(stand, options)
    const takes = (bucket: keyof Arrivals) => rounded(p95(draining, bucket) / p95(idle, bucket), 2)
    return {
      rows: [
        row('nothing', idle),
        {
          ...row('the backlog drains', draining),
          'crowded takes of idle': takes(crowded),
          'quiet takes of idle': takes(quiet),
          'rows that waited': rows,
          copies,
        },
      ],
      notes: [
        `${options.writes} writes on ${options.keys} keys of ${options.bytes} bytes while the replica's store was away, ${options.puts} of them PUTs and the others events alone; new objects of a bucket where they wait and of another one on the same link, from the start of the PUT until the replica has it`,
        'goals: no more copies than keys; p95 at most 2 times the idle one',
        goal,
      ],
    }
  } finally {
    await Promise.all([stand.master.close(), stand.replica.close()])
    await running.stop()
    await way.stop()
  }
}
