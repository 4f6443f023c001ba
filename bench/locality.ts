// What it is worth that calls go where their data is: functions that read an object of their bucket, on three clusters with links of
// a given length and breadth, once called by turns, wherever the data lies, and once by FaDO's routes.
import { randomBytes } from 'node:crypto'
import { Agent, request } from 'undici'
import { createRandom } from '../tests/support/churn/random.ts'
import { connectTo } from '../tests/support/churn/world.ts'
import { runDemo } from '../tests/support/run-demo.ts'
import { percentile, rounded } from './figures.ts'
import { startStatic } from './ingresses.ts'
import { type Reads, startReadingFunctions } from './reading-functions.ts'
import type { Result } from './result.ts'
import { place, startSites } from './sites.ts'

const asPublished = {
  /** Their masters are spread over the clusters, in turn. */
  buckets: 6,
  objects: 4,
  bytes: 1_000_000,
  roundTripMs: 40,
  /** A second, in each direction. */
  megabits: 100,
  /** Each waits for an answer before it calls again. */
  callers: 3,
  calls: 200,
  /** Both ways to route are measured in turn. */
  rounds: 3,
}
export type Workload = typeof asPublished

type Measured = { readonly ms: number[]; readonly local: number; readonly bytes: number }

const bucketOf = (n: number) => `data-${n}`
const keyOf = (n: number) => `object-${n}`

/** Milliseconds of each call. Which bucket and object it is for is chance, the same one for all who play the same round. */
async function play(ingress: string, round: number, { buckets, objects, callers, calls }: Workload): Promise<number[]> {
  const random = createRandom(round)
  const agent = new Agent({ connections: callers })
  const ms: number[] = []
  let left = calls
  const caller = async () => {
    while (left-- > 0) {
      const [bucket, key] = [bucketOf(random.between(0, buckets)), keyOf(random.between(0, objects))]
      const begun = performance.now()
      const { statusCode, body } = await request(`${ingress}/function/sha256?key=${key}`, {
        dispatcher: agent,
        headers: { 'x-fado-bucket': bucket },
      })
      const text = await body.text()
      if (statusCode !== 200) throw new Error(`${bucket}: ${statusCode} ${text}`)
      ms.push(performance.now() - begun)
    }
  }
  await Promise.all(Array.from({ length: callers }, caller))
  await agent.close()
  return ms
}

export async function locality(workload: Workload = asPublished): Promise<Result> {
  const { buckets, objects, bytes, roundTripMs, megabits, rounds } = workload
  const stops: (() => Promise<unknown>)[] = []
  const started = async <T extends { stop(): Promise<unknown> }>(starting: Promise<T>): Promise<T> => {
    const one = await starting
    stops.unshift(() => one.stop())
    return one
  }
  try {
    const demo = (await started(runDemo('--empty'))).read()
    const fado = connectTo(demo)
    const sites = await started(startSites(demo, { roundTripMs, bytesPerSecond: (megabits * 1e6) / 8 }))
    const masters = new Map(
      Array.from({ length: buckets }, (_, n) => [bucketOf(n), sites.all[n % sites.all.length]] as const),
    )
    const masterOf = (bucket: string) => masters.get(bucket)?.cluster ?? ''
    const [aware, blind] = await Promise.all([
      started(startReadingFunctions(sites.all, masterOf, 'own')),
      started(startReadingFunctions(sites.all, masterOf, 'master')),
    ])
    await sites.register(fado, aware.ports)
    for (const [name, master] of masters) {
      await fado.must('BucketCreate', { name, storageDeployment: master?.cluster })
      for (let n = 0; n < objects; n++)
        await master?.store.put(name, keyOf(n), { body: randomBytes(bytes), size: bytes })
    }
    const byTurns = await started(startStatic(blind.ports))

    const measure = async (ingress: string, reads: Reads, round: number, before: Measured): Promise<Measured> => {
      const [local, carried] = [reads.local, sites.carried()]
      const ms = await play(ingress, round, workload)
      return {
        ms: [...before.ms, ...ms],
        local: before.local + reads.local - local,
        bytes: before.bytes + sites.carried() - carried,
      }
    }
    const rows: Result['rows'][number][] = []
    for (const clusters of [1, 2]) {
      const before = sites.carried()
      for (const bucket of masters.keys()) await place(fado, bucket, clusters)
      const placing = sites.carried() - before
      let [turns, data] = [nothing, nothing]
      for (let round = 0; round <= rounds; round++) {
        if (round === 1) [turns, data] = [nothing, nothing] // what the first round is for: stores and connections are warm
        turns = await measure(`http://127.0.0.1:${byTurns.port}`, blind.reads, round, turns)
        data = await measure(demo.ingress, aware.reads, round, data)
      }
      rows.push(rowOf('by turns', 1, turns), { ...rowOf('by FaDO', clusters, data), ...beside(turns, data, placing) })
    }
    return { rows, notes: notesOf(workload) }
  } finally {
    for (const stop of stops) await stop()
  }
}

const nothing: Measured = { ms: [], local: 0, bytes: 0 }
const p50 = ({ ms }: Measured) => percentile(ms, 0.5)
const megabytes = (bytes: number) => rounded(bytes / 1e6)

/** `clusters`: that have a bucket's data. */
const rowOf = (routed: string, clusters: number, of: Measured) => ({
  routed,
  clusters,
  calls: of.ms.length,
  'local %': rounded((of.local * 100) / of.ms.length),
  'p50 ms': rounded(p50(of)),
  'p95 ms': rounded(percentile(of.ms, 0.95)),
  'MB over links': megabytes(of.bytes),
})

/** `placing`: bytes over links until FaDO had placed the data. */
const beside = (turns: Measured, data: Measured, placing: number) => ({
  'times faster': rounded(p50(turns) / p50(data)),
  '% of bytes': rounded((data.bytes * 100) / turns.bytes, 2),
  'MB to place': megabytes(placing),
  'saved after calls': Math.ceil((placing * turns.ms.length) / (turns.bytes - data.bytes)),
})

const notesOf = ({ buckets, objects, bytes, roundTripMs, megabits, callers, calls, rounds }: Workload) => [
  `functions that read one of ${buckets * objects} objects of ${bytes} bytes, ${buckets} buckets with masters on three clusters, ${callers} callers, ${rounds} rounds of ${calls} calls in turn, after one that does not count`,
  `the link to the store of each cluster takes ${roundTripMs} ms there and back and ${megabits} Mbit/s each way, shared by all who use it, and costs no hand-shake; the way of the call itself, from Envoy to the cluster, is not shaped: it is the same for both`,
  "by turns: a static Envoy calls one cluster after the other, and functions read from the master's store; MB over links has all bytes there and back, FaDO's probes and looks among them",
  'placing: what replicas cost, once, over the link of the master and that of the replica (a mover stands between them); no bytes of calls pass afterwards, and it is saved after so many calls by turns. Goals: 5 times faster, 2 % of the bytes, 100 % local',
]
