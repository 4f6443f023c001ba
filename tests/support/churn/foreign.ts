// Data that FaDO did not write, put in its way, and the proof at the end that nobody touched it (I9).
import { createHash, type Hash } from 'node:crypto'
import { type ChurnBucket, persist, type Store, seenBucket, until, type World } from './world.ts'
import { putOnce } from './writer.ts'

export const foreignBucketOn = 'edge'
const foreignObjectsOn = 'cloud'

const text = 'written by somebody else'
/** In the way of one that the master gets later; in the place of a copy; beside all. */
const inTheWay = 'theirs-in-the-way'
const replaced = 'theirs-in-place-of-a-copy'
const beside = 'theirs-beside'
const foreignKeys = [inTheWay, replaced, beside] as const

export const isForeign = (life: { readonly obstructed: boolean }, cluster: string, key: string): boolean =>
  life.obstructed && cluster === foreignObjectsOn && foreignKeys.some((foreign) => foreign === key)

const putForeign = (store: Store, bucket: string, key: string) =>
  store.put(bucket, key, text, { 'content-type': 'text/foreign', 'x-amz-meta-owner': 'somebody' })

/** Before FaDO's bucket: one of the same name where its copy would be made. */
export async function plantBucket(store: Store, bucket: string): Promise<void> {
  await store.makeBucket(bucket)
  await putForeign(store, bucket, beside)
}

/**
 * Into the copy on cloud, when it is there. Resolves, when FaDO has seen that it cannot serve, to the fingerprint of what was
 * planted.
 */
export async function plantObjects(world: World, bucket: ChurnBucket): Promise<string> {
  const { fado } = world
  const random = world.random.fork('foreign')
  const store = fado.store(foreignObjectsOn)
  await putOnce(world, bucket, replaced, random, 'copied')
  await until(`a copy of ${replaced}`, async () => (await store.head(bucket.name, replaced)).status === 200)
  for (const key of foreignKeys) await putForeign(store, bucket.name, key)
  const planted = await fingerprint(world, bucket.name)
  for (const key of [inTheWay, replaced]) await putOnce(world, bucket, key, random, 'changed')
  await until('the copy with foreign objects does not serve', async () => {
    const { replicas, route } = await seenBucket(fado, bucket.name)
    const copy = replicas.find(({ storageDeployment }) => storageDeployment.name === foreignObjectsOn)
    const calls = route.upstreams.some(({ cluster }) => cluster.name === foreignObjectsOn)
    return copy?.state === 'LAGGING' && !copy.serving && !calls && route.state === 'SERVING'
  })
  return planted
}

async function add(hash: Hash, store: Store, bucket: string, keys: readonly string[]): Promise<void> {
  for (const key of keys) {
    const { status, headers, body } = await persist(`reading ${key} of ${bucket}`, () => store.get(bucket, key))
    const facts = [status, headers['last-modified'], headers['content-type'], headers['x-amz-meta-owner']]
    hash.update(JSON.stringify([key, ...facts])).update(body)
  }
}

/** The same before and after when nothing of the foreign data was touched. */
export async function fingerprint(world: World, bucket: string): Promise<string> {
  const hash = createHash('sha256')
  const other = world.fado.store(foreignBucketOn)
  const listed = await persist(`listing ${bucket}`, () => other.list(bucket))
  await add(hash, other, bucket, listed?.map(({ key }) => key) ?? ['the bucket is gone'])
  await add(hash, world.fado.store(foreignObjectsOn), bucket, foreignKeys)
  return hash.digest('hex')
}
