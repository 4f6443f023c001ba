// Operators: they change policies of a bucket, and tell the watch of its copies what is forbidden from when on.
import { setTimeout as delay } from 'node:timers/promises'
import type { Random } from './random.ts'
import { type ChurnBucket, persist, repeat, type World } from './world.ts'

export type Change = { readonly name: string; readonly value: unknown }
/** Values of the policy `zones`, at least one. */
export type Zones = readonly [readonly string[], ...(readonly string[])[]]
type Zoned = Readonly<Record<string, readonly string[]>>

/** Sets a policy, however often that has to be tried: setting it twice is setting it once. */
export async function setPolicy({ fado, count, note }: World, bucket: ChurnBucket, change: Change): Promise<void> {
  const input = { scope: { bucket: bucket.name }, ...change }
  await persist(`${change.name} of ${bucket.name} is set`, () => fado.must('PolicySet', input))
  count('changes of policies')
  note(`${bucket.name} ${change.name} = ${JSON.stringify(change.value)}`)
}

const allows = (zones: readonly string[], cluster: readonly string[]) =>
  zones.length === 0 || cluster.some((zone) => zones.includes(zone))

/** `zones` of the bucket: what becomes allowed is allowed from now on, what becomes forbidden from the answer on. */
async function setZones(world: World, bucket: ChurnBucket, zones: readonly string[], zoned: Zoned): Promise<void> {
  const others = world.clusters.filter((cluster) => cluster !== bucket.master)
  const askedAt = Date.now()
  for (const cluster of others) if (allows(zones, zoned[cluster] ?? [])) allow(bucket, cluster, askedAt)
  await setPolicy(world, bucket, { name: 'zones', value: zones })
  for (const cluster of others) {
    const copy = bucket.copy(cluster)
    if (!allows(zones, zoned[cluster] ?? []) && copy.forbiddenSince === undefined) copy.forbiddenSince = Date.now()
  }
}

/** It may be made again from now on. */
function allow(bucket: ChurnBucket, cluster: string, now: number): void {
  const copy = bucket.copy(cluster)
  if (copy.forbiddenSince === undefined) return
  Object.assign(copy, { forbiddenSince: undefined, shrankAt: undefined, hadData: false })
  if (copy.gone) Object.assign(copy, { askedFor: now, gone: false })
}

/**
 * Chooses among these values of `zones`, and with `others` changes numbers and balancing as well. The master must lie in
 * each choice, else its calls would rightly have nowhere to go.
 */
export function startOperator(
  world: World,
  bucket: ChurnBucket,
  zoned: Zoned,
  { zones, others }: { readonly zones: Zones; readonly others: boolean },
): Promise<void> {
  const random = world.random.fork(`operator of ${bucket.life}`)

  async function one(): Promise<void> {
    const choice = random.next()
    if (!others || choice < 0.6) await setZones(world, bucket, random.pick(zones), zoned)
    else if (choice < 0.8) await setPolicy(world, bucket, { name: 'target_replica_count', value: random.between(0, 3) })
    else await setPolicy(world, bucket, { name: 'lb_policy', value: lbPolicy(random) })
    // Often long enough for the copies to be made or to go, often not.
    if (random.chance(0.5)) await delay(4_000, undefined, { signal: world.quiet }).catch(() => undefined)
  }
  return repeat(world.quiet, () => random.between(0, 1_500), one)
}

/** By which one caller's calls reach all clusters in the end. */
export const spreadingPolicy = (random: Random): string => random.pick(['round_robin', 'least_request', 'random'])

const lbPolicy = (random: Random): string =>
  random.pick(['round_robin', 'least_request', 'random', 'first', 'ip_hash', 'uri_hash'])
