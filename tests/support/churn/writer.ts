// Users of one bucket: they put, overwrite and delete at its master, one write at a time, and know what became of each.
import type { Content } from './history.ts'
import type { Fault } from './judge.ts'
import { changeMetadata, hiddenKey, putObject, readObject, sameContent, someBody, someTags } from './objects.ts'
import type { Random } from './random.ts'
import { type ChurnBucket, persist, repeat, type World } from './world.ts'

const longestPauseMs = 300
const eventsAgainMs = 10_000

const toldOf = (content: Content | null) =>
  content === null ? 'deleted' : `${content.sha256.slice(0, 8)} (${content.size} bytes, ${content.metadata['mark']})`

/** Writes, and finds out by reading what became of a write that was cut off. */
async function write(
  { fado, count, note }: World,
  { name, master, history }: ChurnBucket,
  key: string,
  content: Content | null,
  send: () => Promise<unknown>,
): Promise<void> {
  const past = history(key)
  const one = past.begin(content, Date.now())
  try {
    await send()
    past.done(one, Date.now())
    note(`${name} ${key} ${toldOf(content)} since ${one.sentAt}`)
  } catch (error) {
    count('writes cut off')
    note(`${name} ${key} ${toldOf(content)} was cut off: ${error}`)
    const now = await persist(`reading ${key} of ${name}`, () => readObject(fado.store(master), name, key))
    if (sameContent(now, content)) past.done(one, Date.now())
    else past.undone(one)
  }
}

export async function putOnce(world: World, bucket: ChurnBucket, key: string, random: Random, mark: string) {
  const body = someBody(random, mark)
  const store = world.fado.store(bucket.master)
  await write(world, bucket, key, body.content, () => putObject(store, bucket.name, key, body))
  world.count(body.bytes.length > 1_000_000 ? 'large puts' : 'puts')
}

/** While a part is away, and until stores send events again. */
const mayLoseEvents = ({ backAt }: Fault) => backAt === undefined || Date.now() < backAt + eventsAgainMs

export function startWriter(world: World, bucket: ChurnBucket): Promise<void> {
  const random = world.random.fork(`writer of ${bucket.life}`)
  const [first = '', ...rest] = bucket.changing
  const store = world.fado.store(bucket.master)
  let writes = 0

  async function one(): Promise<void> {
    const key = random.pick([first, ...rest])
    if (key === hiddenKey && world.faults.some(mayLoseEvents)) return
    const mark = `w${++writes}`
    const there = bucket.history(key).current() ?? null
    const choice = random.next()
    if (there !== null && choice < 0.25) {
      await write(world, bucket, key, null, () => store.remove(bucket.name, key))
      world.count('deletes')
    } else if (there !== null && there.size < 1_000_000 && choice < 0.4) {
      const content = { ...there, contentType: 'text/x-changed', metadata: { mark }, tags: someTags(mark) }
      await write(world, bucket, key, content, () => changeMetadata(store, bucket.name, key, content))
      world.count('changes of metadata')
    } else await putOnce(world, bucket, key, random, mark)
  }
  return repeat(world.quiet, () => random.between(0, longestPauseMs), one)
}
