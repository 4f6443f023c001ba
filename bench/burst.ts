// How long a burst of new objects takes until two replicas have all of it, as events tell of it, beside the first copies of as many
// objects that are there already: what comes in bulk must not cost much more because it comes one by one.
import { randomBytes } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { registerFleet } from '../tests/support/churn/fleet.ts'
import { connectTo, type Fado, seenBucket, until } from '../tests/support/churn/world.ts'
import { runDemo } from '../tests/support/run-demo.ts'
import { createRouted, goal, medianOf, type Watched, watched, watchedRow } from './control-plane.ts'
import { rounded } from './figures.ts'
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

const idleMs = 3_000

export async function burst(options = asPublished): Promise<Result> {
  const { objects, bytes, rounds } = options
  const running = await runDemo('--empty')
  const [idle, events, bulk] = [[], [], []] as [Watched[], Watched[], Watched[]]
  try {
    const demo = running.read()
    const fado = connectTo(demo)
    await registerFleet(fado, demo)
    await createRouted(fado)
    for (let round = 0; round < rounds; round++) {
      const [burst, first] = [`burst-${round}`, `first-${round}`]
      await create(fado, burst, 2)
      await inSync(fado, burst, 2)
      idle.push(await watched({ fado, demo, bucket: burst }, () => delay(idleMs)))
      events.push(
        await watched({ fado, demo, bucket: burst }, async () => {
          await putAll(fado, burst, options)
          await arrived(fado, burst, objects)
        }),
      )
      await create(fado, first, 0)
      await putAll(fado, first, options)
      bulk.push(
        await watched({ fado, demo, bucket: first }, async () => {
          const scope = { bucket: first }
          await fado.must('PolicySet', { scope, name: 'target_replica_count', value: 2 })
          await arrived(fado, first, objects)
        }),
      )
    }
  } finally {
    await running.stop()
  }
  const seconds = (all: readonly Watched[]) => medianOf(all, (one) => one.seconds)
  return {
    rows: [
      watchedRow('nothing', idle),
      { ...watchedRow('burst', events), 'takes of first copies': rounded(seconds(events) / seconds(bulk), 2) },
      watchedRow('first copies', bulk),
    ],
    notes: [
      `${objects} objects of ${bytes} bytes by ${writers} writers, from the first PUT until two replicas list all; ${rounds} rounds in turn on a whole demo`,
      'goal: at most 1.3 of the first copies',
      goal,
    ],
  }
}
