// How the control plane does while other things go on: how fast it answers, and how fast a change of a route is in force.
import type { DemoFile } from '../server/demo/demo-file.ts'
import { type Fado, seenBucket, until } from '../tests/support/churn/world.ts'
import { type AckTimes, ackTimes } from './ack-times.ts'
import { answerTimes } from './answer-times.ts'
import { percentile, rounded } from './figures.ts'

/** Milliseconds are p99. */
export type Watched = AckTimes & { readonly seconds: number; readonly answers: number }

/** A bucket of its own, whose calls go now here, now there: where its copy is is no part of what else goes on. */
const routed = { name: 'routed', clusters: ['hpc', 'cloud'] } as const

export async function createRouted(fado: Fado): Promise<void> {
  const [master, replica] = routed.clusters
  const policies = [
    { name: 'target_replica_count', value: 1 },
    { name: 'replica_locations', value: [replica] },
  ]
  await fado.must('BucketCreate', { name: routed.name, storageDeployment: master, policies })
  await until('both clusters are in the route', async () => {
    const { route } = await seenBucket(fado, routed.name)
    return route.state === 'SERVING' && route.upstreams.length === routed.clusters.length
  })
}

/** `bucket`: it is asked for all the while. */
export async function watched(
  { fado, demo, bucket }: { readonly fado: Fado; readonly demo: DemoFile; readonly bucket: string },
  work: () => Promise<unknown>,
): Promise<Watched> {
  const answers = answerTimes(fado, bucket)
  const acks = await ackTimes(demo, routed.name, routed.clusters)
  const begun = performance.now()
  const seconds = work().then(() => (performance.now() - begun) / 1000)
  await seconds.catch(() => undefined)
  const [ofAnswers, ofAcks] = await Promise.all([answers.p99(), acks.p99()])
  return { seconds: await seconds, answers: ofAnswers, ...ofAcks }
}

export const medianOf = (all: readonly Watched[], of: (one: Watched) => number): number => percentile(all.map(of), 0.5)

/** `of`: what went on. */
export const watchedRow = (of: string, all: readonly Watched[]) => ({
  of,
  s: rounded(
    medianOf(all, ({ seconds }) => seconds),
    2,
  ),
  'answers p99 ms': rounded(
    medianOf(all, ({ answers }) => answers),
    0,
  ),
  'ACKs p99 ms': rounded(medianOf(all, ({ acked }) => acked)),
  'in force p99 ms': rounded(
    medianOf(all, ({ inForce }) => inForce),
    0,
  ),
})

export const goal =
  'goal: the control plane answers, and Envoys ACK, within 25 ms (p99); in force: from the answer to a change of a route until FaDO says that it holds'
