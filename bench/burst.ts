// How long a burst of new objects takes until two replicas have all of it, as events tell of it, beside the first copies of as many
// objects that are there already: what comes in bulk must not cost much more because it comes one by one.
import { randomBytes } from 'node:crypto'
import { registerFleet } from '../tests/support/churn/fleet.ts'
import { connectTo, type Fado, seenBucket, until } from '../tests/support/churn/world.ts'
import { runDemo } from '../tests/support/run-demo.ts'
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

/** Seconds. */
async function timed(work: () => Promise<void>): Promise<number> {
  const begun = performance.now()
  await work()
  return (performance.now() - begun) / 1000
}

export async function burst(options = asPublished): Promise<Result> {
  const { objects, bytes, rounds } = options
  const demo = await runDemo('--empty')
  const [events, bulk] = [[], []] as [number[], number[]]
  try {
    const fado = connectTo(demo.read())
    await registerFleet(fado, demo.read())
    for (let round = 0; round < rounds; round++) {
      const [burst, first] = [`burst-${round}`, `first-${round}`]
      await create(fado, burst, 2)
      await inSync(fado, burst, 2)
      events.push(
        await timed(async () => {
          await putAll(fado, burst, options)
          await arrived(fado, burst, objects)
        }),
      )
      await create(fado, first, 0)
      await putAll(fado, first, options)
      bulk.push(
        await timed(async () => {
          const scope = { bucket: first }
          await fado.must('PolicySet', { scope, name: 'target_replica_count', value: 2 })
          await arrived(fado, first, objects)
        }),
      )
    }
  } finally {
    await demo.stop()
  }
  const [ofEvents, ofBulk] = [percentile(events, 0.5), percentile(bulk, 0.5)]
  return {
    rows: [
      {
        objects,
        'burst s': rounded(ofEvents, 2),
        'first copies s': rounded(ofBulk, 2),
        'takes of them': rounded(ofEvents / ofBulk, 2),
      },
    ],
    notes: [
      `${objects} objects of ${bytes} bytes by ${writers} writers, from the first PUT until two replicas list all; ${rounds} rounds in turn on a whole demo`,
      'goal: at most 1.3 of the first copies',
    ],
  }
}
