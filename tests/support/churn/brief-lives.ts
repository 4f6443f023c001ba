// Buckets that come and go: made, filled, copied, deleted; afterwards nothing of them is left but what shall be.
import { newBucket } from './fleet.ts'
import { readObject, sameContent } from './objects.ts'
import type { Random } from './random.ts'
import {
  type ChurnBucket,
  type ClusterName,
  persist,
  repeat,
  type Seen,
  seenBucket,
  until,
  type World,
} from './world.ts'
import { putOnce } from './writer.ts'

/**
 * As a user tries it: a request that failed is sent again. By then the bucket may be there, or it is still being finished or
 * undone, which its route tells.
 */
async function create(world: World, name: string, master: ClusterName, replicas: number): Promise<void> {
  const policies = [
    { name: 'target_replica_count', value: replicas },
    { name: 'drain_delay', value: 0 },
  ]
  await persist(`${name} is made`, () =>
    world.fado.must('BucketCreate', { name, storageDeployment: master, policies }).catch(async (error: Error) => {
      if (!error.message.includes('ALREADY_EXISTS')) throw error
      if ((await seenBucket(world.fado, name)).route.state !== 'SERVING') throw error
    }),
  )
}

async function remove(world: World, name: string, deleteData: boolean): Promise<void> {
  const { fado } = world
  const isGone = async () => (await fado.run<Seen | null>('Bucket', { name })) === null
  await persist(`${name} is being deleted`, async () => {
    const refused = await fado.must('BucketDelete', { bucket: name, deleteData }).catch((error: unknown) => error)
    if (refused instanceof Error && !(await isGone())) throw refused
  })
  await until(`${name} is deleted`, isGone)
}

/** Resolves when the master's bucket is as it shall be and nobody else has one; what is not so is wrong. */
async function judgeRest(world: World, bucket: ChurnBucket, deleteData: boolean): Promise<void> {
  const { name, master, stable, history } = bucket
  for (const cluster of world.clusters) {
    const store = world.fado.store(cluster)
    const left = await persist(`the rest of ${name} on ${cluster}`, () => store.list(name))
    if (cluster !== master || deleteData) {
      if (left !== null) world.wrong('I5', `${cluster} still has the bucket ${name}, which was deleted`)
      continue
    }
    for (const key of stable) {
      const there = await persist(`${key} of ${name}`, () => readObject(store, name, key))
      if (!sameContent(there, history(key).current() ?? null))
        world.wrong('I2', `${key} of ${name} was lost with the bucket, whose data should stay`)
      await persist(`${key} of ${name} is removed`, () => store.remove(name, key))
    }
    await persist(`${name} is removed`, () => store.send('DELETE', name))
  }
}

/** `suffix` keeps one run's names apart from another's. */
export function startBriefLives(world: World, suffix: string): Promise<void> {
  const random: Random = world.random.fork('brief lives')
  const [first, ...others] = world.clusters
  if (first === undefined) throw new Error('there is no store')
  let lives = 0

  async function live(): Promise<void> {
    const master = random.pick([first as ClusterName, ...others])
    const bucket = newBucket(`brief-${++lives}-${suffix}`, 'brief', master)
    await create(world, bucket.name, master, random.between(0, 3))
    for (const key of bucket.stable) await putOnce(world, bucket, key, random, key)
    // Often before all copies are made.
    await new Promise((resolve) => setTimeout(resolve, random.between(0, 3_000)))
    const deleteData = random.chance(0.7)
    await remove(world, bucket.name, deleteData)
    await judgeRest(world, bucket, deleteData)
    world.count('buckets made and deleted')
  }
  return repeat(world.quiet, () => random.between(0, 2_000), live)
}
