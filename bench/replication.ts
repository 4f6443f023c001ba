// How long it takes to fill a copy, beside the tools that users copy buckets with: the same objects, between the same two
// stores, in turn. Their own start counts for them, the decision of the control plane does not count for us.
import type { ListedObject } from '../server/storage/storage-values.ts'
import type { StoreProcess } from '../tests/support/store-process.ts'
import { percentile, rounded } from './figures.ts'
import { type Copied, startMover } from './mover.ts'
import { type Peer, type Place, peers } from './peers.ts'
import type { Result } from './result.ts'
import { runProgram } from './run-program.ts'
import { driverOf, fill, source, startStores, type Work } from './stores.ts'

type Options = Work & { readonly rounds: number; readonly beside: readonly Peer[] }

const small: Options = { objects: 10_000, bytes: 4_096, partBytes: null, rounds: 3, beside: peers }
const large: readonly Options[] = [
  { objects: 15, bytes: 10_000_000, partBytes: null, rounds: 3, beside: peers },
  { objects: 1, bytes: 1_000_000_000, partBytes: 16_777_216, rounds: 3, beside: peers },
  { objects: 1, bytes: 1_000_000_000, partBytes: null, rounds: 3, beside: peers },
]

type Tool = { readonly name: string; readonly copy: (from: Place, to: Place) => Promise<Copied> }

async function listed(store: StoreProcess, bucket: string) {
  const driver = driverOf(store)
  const found: ListedObject[] = []
  for await (const page of driver.list(bucket)) found.push(...page)
  await driver.close()
  return { objects: found.map(({ key, size }) => `${key} ${size}`).join(), etags: found.map(({ etag }) => etag).join() }
}

const tools = (fado: { copy(bucket: string): Promise<Copied> }, beside: readonly Peer[]): Tool[] => [
  { name: 'FaDO', copy: (_, to) => fado.copy(to.bucket) },
  ...beside.map(({ name, command }) => ({
    name,
    copy: async (from: Place, to: Place) => {
      const { program, args, env } = await command(from, to)
      return runProgram(program, args, env)
    },
  })),
]

async function replication({ objects, bytes, partBytes, rounds, beside }: Options): Promise<Result> {
  const [from, to] = await startStores()
  const runs = new Map<string, Copied[]>()
  const keptETags = new Map<string, boolean>()
  let fado: Awaited<ReturnType<typeof startMover>> | undefined
  try {
    await fill(from, { objects, bytes, partBytes })
    fado = await startMover(from, to, source)
    const wanted = await listed(from, source)
    const target = driverOf(to)
    for (let round = 0; round < rounds; round++)
      for (const { name, copy } of tools(fado, beside)) {
        const bucket = `${name.replaceAll(/[^a-zA-Z]+/g, '-').toLowerCase()}-${round}`
        if (name !== 'FaDO') await target.createBucket(bucket)
        const used = await copy({ ...from, bucket: source }, { ...to, bucket })
        // What was not copied rightly has no time. Buckets stay: a store that empties its bin is busy for long.
        const found = await listed(to, bucket)
        if (found.objects !== wanted.objects) throw new Error(`${name} did not copy all objects, or others`)
        keptETags.set(name, found.etags === wanted.etags)
        runs.set(name, [...(runs.get(name) ?? []), used])
      }
    await target.close()
  } finally {
    await fado?.stop()
    await Promise.all([from.stop(), to.stop()])
  }
  const medianOf = (name: string, value: (used: Copied) => number) => percentile((runs.get(name) ?? []).map(value), 0.5)
  const base = medianOf('FaDO', ({ seconds }) => seconds)
  return {
    rows: [...runs.keys()].map((name) => ({
      tool: name,
      ETags: keptETags.get(name) ? 'kept' : 'others',
      'median s': rounded(
        medianOf(name, ({ seconds }) => seconds),
        2,
      ),
      'FaDO takes of it': rounded(base / medianOf(name, ({ seconds }) => seconds), 2),
      'CPU ms an object': rounded((medianOf(name, ({ cpu }) => cpu) * 1000) / objects, 2),
      'PostgreSQL CPU ms an object': rounded(
        (medianOf(name, ({ databaseCpu = 0 }) => databaseCpu) * 1000) / objects,
        2,
      ),
      'peak MB': rounded(Math.max(...(runs.get(name) ?? []).map(({ megabytes }) => megabytes)), 0),
    })),
    notes: [
      `${objects} objects of ${bytes} bytes${partBytes === null ? '' : ` in parts of ${partBytes}`} from an empty bucket on, ${rounds} rounds in turn, stores in memory, PostgreSQL on disk with fsync`,
    ],
  }
}

/** Many small objects. */
export async function smallObjects(options: Partial<Options> = {}): Promise<Result> {
  const { rows, notes } = await replication({ ...small, ...options })
  const goals =
    'goals: at most 0.88 of tuned rclone and 0.62 of mc mirror; 0.45 ms of CPU in the mover and 0.15 ms in PostgreSQL an object; 160 MB'
  return { rows, notes: [...notes, goals] }
}

/** A few large ones, and one that was uploaded in parts. */
export async function largeObjects(all: readonly Options[] = large): Promise<Result> {
  const rows: Result['rows'][number][] = []
  const notes: string[] = []
  for (const options of all) {
    const result = await replication(options)
    rows.push(
      ...result.rows.map((row) => ({
        of: `${options.objects} x ${options.bytes / 1e6} MB${options.partBytes === null ? '' : ' in parts'}`,
        ...row,
      })),
    )
    notes.push(...result.notes)
  }
  return {
    rows,
    notes: [
      ...notes,
      'goals: at most 1.0 of both tools; of 1 GB 0.70 of mc where it has parts, 1.1 where it has none; ETags kept',
    ],
  }
}
