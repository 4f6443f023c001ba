// How long a burst of new objects takes until two replicas have all of it, as events tell of it, beside the first copies of as many
// objects that are there already: what comes in bulk must not cost much more because it comes one by one.
import { randomBytes } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { registerFleet } from '../tests/support/churn/fleet.ts'
import { connectTo, type Fado, seenBucket, until } from '../tests/support/churn/world.ts'
import { runDemo } from '../tests/support/run-demo.ts'
import { answerTimes } from './answer-times.ts'
import { percentile, rounded } from './figures.ts'
import type { Result } from './result.ts'

const asPublished = { objects: 1_000, bytes: 4_096, rounds: 3 }
const master = 'hpc'
const replicas = ['cloud', 'edge']
const writers = 16

async function putAll(fado: Fado, bucket: string, { objects, bytes }: typeof asPublished): Promise<void> {
  const store = fado.store(master)
  let next = 0
  const put = async () => {
    for (let n = next++; n < objects; n = next++) await store.put(bucket, `new/${n}`, randomBytes(bytes))
  }
  await Promise.all(Array.from({ length: writers }, put))
}

const inSync = (fado: Fado, bucket: string, count: number) =>
  until(
    `${count} copies of ${bucket} are in sync`,
    async () => {
      const seen = await seenBucket(fado, bucket)
      return seen.replicas.filter(({ state }) => state === 'IN_SYNC').length === count
    },
    600,
  )

/** Both have so many objects. */
async function arrived(fado: Fado, bucket: string, objects: number): Promise<void> {
  for (const replica of replicas)
    await until(`${replica} has all`, async () => (await fado.store(replica).list(bucket))?.length === objects, 600)
}

const create = (fado: Fado, bucket: string, count: number) =>
  fado.must('BucketCreate', {
    name: bucket,
    storageDeployment: master,
    policies: [{ name: 'target_replica_count', value: count }],
  })

type Timed = {
  readonly seconds: number
  /** Of the control plane meanwhile. */
  readonly p99: number
}

async function timed(fado: Fado, bucket: string, work: () => Promise<unknown>): Promise<Timed> {
  const answers = answerTimes(fado, bucket)
  const begun = performance.now()
  await work()
  return { seconds: (performance.now() - begun) / 1000, p99: await answers.p99() }
}
const idleMs = 3_000

export async function burst(options = asPublished): Promise<Result> {
  const { objects, bytes, rounds } = options
  const demo = await runDemo('--empty')
  const [idle, events, bulk] = [[], [], []] as [Timed[], Timed[], Timed[]]
  try {
    const fado = connectTo(demo.read())
    await registerFleet(fado, demo.read())
    for (let round = 0; round < rounds; round++) {
      const [burst, first] = [`burst-${round}`, `first-${round}`]
      await create(fado, burst, 2)
      await inSync(fado, burst, 2)
      idle.push(await timed(fado, burst, () => delay(idleMs)))
      events.push(
        await timed(fado, burst, async () => {
          await putAll(fado, burst, options)
          await arrived(fado, burst, objects)
        }),
      )
      await create(fado, first, 0)
      await putAll(fado, first, options)
      bulk.push(
        await timed(fado, first, async () => {
          const scope = { bucket: first }
          await fado.must('PolicySet', { scope, name: 'target_replica_count', value: 2 })
          await arrived(fado, first, objects)
        }),
      )
    }
  } finally {
    await demo.stop()
  }
  const seconds = (all: readonly Timed[]) =>
    percentile(
      all.map((one) => one.seconds),
      0.5,
    )
  const p99 = (all: readonly Timed[]) =>
    rounded(
      percentile(
        all.map((one) => one.p99),
        0.5,
      ),
      0,
    )
  return {
    rows: [
      {
        objects,
        'burst s': rounded(seconds(events), 2),
        'first copies s': rounded(seconds(bulk), 2),
        'takes of them': rounded(seconds(events) / seconds(bulk), 2),
        'answers p99 ms: idle': p99(idle),
        'in the burst': p99(events),
        'in first copies': p99(bulk),
      },
    ],
    notes: [
      `${objects} objects of ${bytes} bytes by ${writers} writers, from the first PUT until two replicas list all; ${rounds} rounds in turn on a whole demo`,
      'goals: at most 1.3 of the first copies; the control plane answers within 25 ms (p99)',
    ],
  }
}
