// What a change costs a control plane with many proxies, scripted ones, and what one that is stuck costs the others.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { openAsEnvoy } from '../tests/support/xds-stream.ts'
import { percentile, rounded } from './figures.ts'
import type { Result } from './result.ts'
import { ended } from './server-process.ts'
import { type Shape, startWay, type Way } from './way.ts'
import { type Change, type Order, stuckPrefix, type Told } from './xds-server.ts'

const asPublished = { proxies: 50, buckets: 1_000, rounds: 6, times: 20 }
const far: Shape = { roundTripMs: 80, lost: 0.01 }

/** `way`: to each proxy. Default: none, they are beside the control plane. */
type Fleet = { readonly of: string; readonly moving: number; readonly stuck: number; readonly way?: Shape }

async function startFleet({ moving, stuck, way }: Fleet, buckets: number) {
  const child = fork(path.resolve(import.meta.dirname, 'xds-server.ts'), {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const died = once(child, 'exit').then(() => Promise.reject(new Error('the control plane of the bench ended')))
  died.catch(() => undefined)
  const streams: ReturnType<typeof openAsEnvoy>[] = []
  const order = async (what: Order): Promise<Told> => {
    child.send(what)
    const cut = streams.map(({ ended }) => ended.then(() => Promise.reject(new Error('a proxy was cut off'))))
    const [told] = (await Promise.race([once(child, 'message'), died, ...cut])) as [Told]
    return told
  }
  const { port = 0 } = await order({ kind: 'start', buckets })
  const ways: Way[] = []
  async function open(nodeId: string, answers: boolean) {
    const over = way === undefined ? undefined : await startWay(`http://127.0.0.1:${port}`, way)
    if (over !== undefined) ways.push(over)
    const to = over === undefined ? port : Number(new URL(over.endpoint).port)
    streams.push(openAsEnvoy(to, { nodeId, answers: ({ type }) => answers || type === 'cluster' }))
  }
  for (let i = 0; i < moving; i++) await open(`proxy-${i}`, true)
  const { megabytes } = await order({ kind: 'connected', proxies: moving })
  // Stuck since its first scopes, of which it takes none.
  for (let i = 0; i < stuck; i++) await open(`${stuckPrefix}-${i}`, false)
  return {
    order,
    megabytes,
    async stop() {
      for (const stream of streams) stream.close()
      for (const one of ways) await one.stop()
      await ended(child)
    },
  }
}

export async function proxies({ proxies: count, buckets, rounds, times } = asPublished): Promise<Result> {
  const fleets: readonly Fleet[] = [
    { of: '1 proxy', moving: 1, stuck: 0 },
    { of: `${count} proxies`, moving: count, stuck: 0 },
    { of: `${count} proxies and a stuck one`, moving: count, stuck: 1 },
    { of: `${count} proxies, 80 ms and 1 % loss away`, moving: count, stuck: 0, way: far },
  ]
  const changes: readonly Change[] = ['one bucket', 'all endpoints']
  const running = []
  try {
    for (const fleet of fleets) {
      const started = await startFleet(fleet, buckets)
      const samples = changes.map((change) => ({ change, ms: [] as number[], cpuMs: 0 }))
      running.push({ fleet, ...started, samples, most: started.megabytes })
    }
    for (let round = 0; round < rounds; round++)
      for (const one of running)
        for (const sample of one.samples) {
          const { ms = [], cpuMs = 0, megabytes } = await one.order({ kind: 'change', change: sample.change, times })
          sample.ms.push(...ms)
          sample.cpuMs += cpuMs
          one.most = Math.max(one.most, megabytes)
        }
  } finally {
    for (const { stop } of running) await stop()
  }
  return {
    rows: running.flatMap(({ fleet, samples, most }) =>
      samples.map(({ change, ms, cpuMs }) => ({
        of: fleet.of,
        change,
        'p50 ms': rounded(percentile(ms, 0.5)),
        'p95 ms': rounded(percentile(ms, 0.95)),
        'p99 ms': rounded(percentile(ms, 0.99)),
        'CPU ms': rounded(cpuMs / ms.length, 2),
        MB: rounded(most, 0),
      })),
    ),
    notes: [
      `${buckets} buckets; from a change in the model of the control plane to the last ACK, and what it cost that process a change; the proxies are scripted clients in one other process. A stuck one takes no scopes.`,
      'goal far away: the last of them has ACKed within the round trip and 150 ms (p99)',
    ],
  }
}
