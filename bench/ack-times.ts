// How long routes take to be in force while other things go on.
import { setTimeout as delay } from 'node:timers/promises'
import type { DemoFile } from '../server/demo/demo-file.ts'
import { connect } from '../tests/contract/client.mjs'
import { type Scrape, scrape } from '../tests/support/scrape.ts'
import { percentile } from './figures.ts'

const everyMs = 200
/** What is not in force by then has taken so long. */
const lateMs = 30_000

/** Milliseconds, p99. */
export type AckTimes = {
  /** From what an Envoy was sent to its ACK, as the control plane's histogram tells. */
  readonly acked: number
  /** From the answer to a change until its route is said to be in force: decided, sent, ACKed, and the ACK recorded. */
  readonly inForce: number
}

/** A change of a route, as a subscription tells it. */
type Told = {
  readonly route: {
    readonly state: string
    readonly upstreams: readonly { readonly cluster: { readonly name: string } }[]
  }
}

const histogram = 'fado_xds_ack_latency_seconds_bucket'

/** As Prometheus reckons it: within its bucket a value may be anywhere. */
function quantile(before: Scrape, after: Scrape, share: number): number {
  const bounds = [...new Set(after.samples(histogram).map(({ labels }) => labels['le'] ?? ''))]
  const upTo = bounds.map((le) => ({
    le: Number(le.replace('+Inf', 'Infinity')),
    count: after.sum(histogram, { le }) - before.sum(histogram, { le }),
  }))
  const wanted = share * (upTo.at(-1)?.count ?? 0)
  let below = { le: 0, count: 0 }
  for (const one of upTo) {
    if (one.count >= wanted)
      return below.le + ((one.le - below.le) * (wanted - below.count)) / Math.max(1, one.count - below.count)
    below = one
  }
  return Number.NaN
}

/** Sends the bucket's calls to each of these clusters in turn, again and again until `p99` is called. */
export async function ackTimes(
  demo: DemoFile,
  bucket: string,
  clusters: readonly string[],
): Promise<{ p99(): Promise<AckTimes> }> {
  const { run, must, subscribe } = connect(demo)
  const [control = ''] = demo.metrics
  const times: number[] = []
  const isOnly = ({ upstreams }: Told['route'], cluster: string | undefined) =>
    upstreams.length === 1 && upstreams[0]?.cluster.name === cluster
  let awaited = { cluster: '', told: Promise.withResolvers<number>() }
  const routes = subscribe('RoutesChanged', { bucket }, ({ route }: Told) => {
    if (route.state === 'SERVING' && isOnly(route, awaited.cluster)) awaited.told.resolve(performance.now())
  })
  await routes.opened
  const before = await scrape(control)
  const over = new AbortController()
  const { route: first } = (await run('Bucket', { name: bucket })) as Told
  const begin = clusters.findIndex((cluster) => isOnly(first, cluster)) + 1 // an order for what is so already changes nothing
  const changing = (async () => {
    for (let turn = begin; !over.signal.aborted; turn++) {
      const cluster = clusters[turn % clusters.length] ?? ''
      awaited = { cluster, told: Promise.withResolvers() }
      await must('RouteOverrideSet', { bucket, clusters: [cluster] })
      const answered = performance.now()
      const late = delay(lateMs, undefined, { ref: false }).then(() => performance.now())
      // It may be told before the answer has come.
      times.push(Math.max(0, (await Promise.race([awaited.told.promise, late])) - answered))
      await delay(everyMs, undefined, { signal: over.signal }).catch(() => undefined)
    }
  })()
  return {
    async p99() {
      over.abort()
      await changing
      routes.close()
      return { acked: quantile(before, await scrape(control), 0.99) * 1000, inForce: percentile(times, 0.99) }
    },
  }
}
