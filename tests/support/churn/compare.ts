// In the end every copy is what its master is, and the master is what its users made it (I6).
import { readObject, sameContent } from './objects.ts'
import { type ChurnBucket, persist, seenBucket, until, type World } from './world.ts'

const settleSeconds = 60

/** Resolves when FaDO says that all is done: a route in force, and every wanted copy in sync and serving. */
export async function untilSettled(world: World, bucket: ChurnBucket, hasConflict: boolean): Promise<void> {
  await until(
    `${bucket.name} is settled`,
    async () => {
      const { replicas, route } = await seenBucket(world.fado, bucket.name)
      const settled = replicas.every(({ desired, state, serving }) =>
        hasConflict ? state === 'LAGGING' && !serving : desired === 'PRESENT' && state === 'IN_SYNC' && serving,
      )
      return settled && route.state === 'SERVING'
    },
    settleSeconds,
  ).catch(async (error: Error) => {
    const seen = await seenBucket(world.fado, bucket.name)
    throw new Error(`${error.message}: ${JSON.stringify(seen)}`)
  })
}

type IsForeign = (cluster: string, key: string) => boolean

type Etags = ReadonlyMap<string, string>

/** `ofMaster` null: it is the master's own. Resolves to the ETags of what is right. */
async function compareStore(
  world: World,
  bucket: ChurnBucket,
  cluster: string,
  isForeign: IsForeign,
  ofMaster: Etags | null,
): Promise<Etags> {
  const etags = new Map<string, string>()
  const { name, stable, changing, history } = bucket
  const store = world.fado.store(cluster)
  for (const key of [...stable, ...changing]) {
    const wanted = history(key).current()
    const there = await persist(`reading ${key} of ${name} on ${cluster}`, () => readObject(store, name, key))
    if (there !== null) etags.set(key, there.etag)
    if (wanted === undefined) continue
    const etag = ofMaster?.get(key)
    if (sameContent(there, wanted) && (etag === undefined || there?.etag === etag)) continue
    world.wrong(
      'I6',
      `${key} of ${name} on ${cluster} is ${JSON.stringify(there)}, not ${JSON.stringify({ ...wanted, etag })}`,
    )
  }
  const listed = (await persist(`listing ${name} on ${cluster}`, () => store.list(name))) ?? []
  for (const { key } of listed) {
    if (isForeign(cluster, key) || history(key).current()) continue
    world.wrong('I6', `${key} of ${name} is on ${cluster}, though the master was told to delete it`)
  }
  return etags
}

export async function compareCopies(world: World, bucket: ChurnBucket, isForeign: IsForeign): Promise<void> {
  const { replicas } = await seenBucket(world.fado, bucket.name)
  const copies = replicas.map(({ storageDeployment }) => storageDeployment.name)
  const ofMaster = await compareStore(world, bucket, bucket.master, isForeign, null)
  for (const cluster of copies) await compareStore(world, bucket, cluster, isForeign, ofMaster)
  for (const cluster of world.clusters) {
    if (cluster === bucket.master || copies.includes(cluster)) continue
    const there = await persist(`listing ${bucket.name} on ${cluster}`, () =>
      world.fado.store(cluster).list(bucket.name),
    )
    const left = there ?? []
    const ours = left.filter(({ key }) => !isForeign(cluster, key))
    if (ours.length > 0)
      world.wrong('I6', `${cluster} has ${JSON.stringify(ours)} of ${bucket.name}, of which it has no copy`)
  }
  world.count('buckets compared byte by byte')
}
