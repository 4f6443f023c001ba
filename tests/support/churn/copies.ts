// Watches the stores where copies are forbidden: nothing new may be written there (I1), they must get clean, and only after
// the drain delay (I4).
import type { Fault } from './judge.ts'
import { type ChurnBucket, type CopyWatch, repeat, type World } from './world.ts'

const lookEveryMs = 150
/** Writes that had passed their check when the change was answered are over by then. */
const graceMs = 2_000
/** Ample for a withdrawal, the drain delay, and the deletes of some dozen objects on a busy machine. */
const cleanMs = 40_000

type Entry = { readonly key: string; readonly modified: string }

/** A store that was stopped takes, once it goes on, what had been sent to it before; a mover sends it. */
const wasFrozen = (faults: readonly Fault[], cluster: string, since: number) =>
  faults.some(
    ({ part, backAt = Number.POSITIVE_INFINITY }) =>
      (part === `store ${cluster}` || part === 'mover') && backAt >= since,
  )

type IsForeign = (cluster: string, key: string) => boolean

function lookAt(world: World, bucket: ChurnBucket, cluster: string, copy: CopyWatch, entries: readonly Entry[] | null) {
  const since = copy.forbiddenSince
  if (since === undefined) return
  const now = Date.now()
  const { name, drainDelay } = bucket
  for (const { key, modified } of entries ?? []) {
    const late = Date.parse(modified) - since
    if (late > graceMs && !wasFrozen(world.faults, cluster, since))
      world.wrong('I1', `${key} of ${name} was written to ${cluster} ${late} ms after that was forbidden`)
  }
  const whole = entries !== null && bucket.stable.every((key) => entries.some((entry) => entry.key === key))
  if (whole) copy.hadData = true
  else if (copy.hadData && copy.shrankAt === undefined) {
    copy.shrankAt = now
    const early = (copy.lastCall ?? 0) + drainDelay - now
    if (early > 0) world.wrong('I4', `data of ${name} went from ${cluster} ${early} ms before it was drained`)
  }
  if (entries === null || entries.length === 0) {
    if (!copy.gone) {
      world.count('copies that had to go and went')
      world.atMost('a forbidden copy was gone after, ms', now - since)
    }
    copy.gone = true
  } else {
    copy.gone = false
    const disturbed = world.faults.reduce((last, { at, backAt }) => Math.max(last, backAt ?? at), since)
    if (now - disturbed > cleanMs) {
      world.wrong('I1', `${cluster} still has data of ${name} ${now - since} ms after that was forbidden`)
      copy.forbiddenSince = undefined
    }
  }
}

export function startCopyWatch(
  world: World,
  bucket: ChurnBucket,
  isForeign: IsForeign,
  ending: AbortSignal,
): Promise<void> {
  async function look(cluster: string): Promise<void> {
    const copy = bucket.copy(cluster)
    const before = copy.forbiddenSince
    if (before === undefined) return
    const listed = await world.fado
      .store(cluster)
      .list(bucket.name)
      .catch(() => undefined) // it is dead: looked at again
    if (listed === undefined || copy.forbiddenSince !== before) return
    lookAt(world, bucket, cluster, copy, listed?.filter(({ key }) => !isForeign(cluster, key)) ?? null)
  }
  const others = world.clusters.filter((cluster) => cluster !== bucket.master)
  return repeat(
    ending,
    () => lookEveryMs,
    async () => void (await Promise.all(others.map(look))),
  )
}
