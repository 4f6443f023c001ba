// What is done to the parts of a running demo, through the pids of its demo.json, and how long the system takes to be whole.
import { setTimeout as delay } from 'node:timers/promises'
import type { DemoFile } from '../../../server/demo/demo-file.ts'
import type { Fault } from './judge.ts'
import { setPolicy, spreadingPolicy } from './policies.ts'
import { type ChurnBucket, persist, seenBucket, until, type World } from './world.ts'
import { putOnce } from './writer.ts'

export type PartName = Fault['part']
const pollMs = 20

function pidOf({ pids, stores }: DemoFile, part: PartName): number {
  switch (part) {
    case 'server':
    case 'mover':
    case 'envoy':
    case 'postgres':
      return pids[part]
    default:
      return stores.find(({ name }) => part === `store ${name}`)?.pid ?? 0
  }
}

/** Whether the part itself does its work again. */
async function works({ fado, demo }: World, part: PartName): Promise<boolean> {
  switch (part) {
    case 'mover':
      return true // what it does is seen when the system is whole
    case 'envoy': {
      const answer = await fetch(`${demo().ingress}/function/head`, { signal: AbortSignal.timeout(1_000) })
      await answer.body?.cancel()
      return answer.status === 400
    }
    case 'server':
    case 'postgres':
      await fado.run('Policies')
      return true
    default: {
      const { status } = await fado.store(part.slice('store '.length)).send('GET', '')
      return status === 200
    }
  }
}

function begin(world: World, part: PartName): Fault {
  const fault: Fault = { part, at: Date.now() }
  world.faults.push(fault)
  world.note(`${part} is killed or stopped`)
  return fault
}

/** Resolves when the part works again; `backAt` says since when. */
async function untilBack(world: World, fault: Fault, pid: number): Promise<void> {
  await persist(`${fault.part} is started again`, async () => {
    if (pidOf(world.demo(), fault.part) === pid) throw new Error('it has its old pid')
  })
  await untilWorks(world, fault)
}

async function untilWorks(world: World, fault: Fault): Promise<void> {
  await until(`${fault.part} works again`, () => works(world, fault.part))
  fault.backAt = Date.now()
  world.note(`${fault.part} works again`)
}

/** As a power cut would. */
export async function kill(world: World, part: PartName): Promise<Fault> {
  const pid = pidOf(world.demo(), part)
  const fault = begin(world, part)
  process.kill(pid, 'SIGKILL')
  await untilBack(world, fault, pid)
  return fault
}

/** It keeps its connections and answers nothing, until `meanwhile` is over. */
export async function freeze(world: World, part: PartName, meanwhile: (fault: Fault) => Promise<void>): Promise<Fault> {
  const pid = pidOf(world.demo(), part)
  const fault = begin(world, part)
  process.kill(pid, 'SIGSTOP')
  try {
    await meanwhile(fault)
  } finally {
    process.kill(pid, 'SIGCONT')
    fault.heldUntil = Date.now()
  }
  await untilWorks(world, fault)
  return fault
}

/** Dead until `meanwhile` is over: every process that is started in its place is killed before it can answer. */
export async function holdDead(
  world: World,
  part: PartName,
  meanwhile: (fault: Fault) => Promise<void>,
): Promise<Fault> {
  const fault = begin(world, part)
  const over = new AbortController()
  let pid = 0
  const killing = (async () => {
    while (!over.signal.aborted) {
      const now = pidOf(world.demo(), part)
      if (now !== pid) process.kill(now, 'SIGKILL')
      pid = now
      await delay(pollMs)
    }
  })()
  try {
    await meanwhile(fault)
  } finally {
    over.abort()
    await killing
    fault.heldUntil = Date.now()
  }
  await untilBack(world, fault, pid)
  return fault
}

const clustersOf = async ({ fado }: World, { name }: ChurnBucket) =>
  (await seenBucket(fado, name)).route.upstreams.map(({ cluster }) => cluster.name).sort()

/** Milliseconds from the fault until the store's cluster is in none of the routes that all proxies have. */
export async function untilOutOfRoutes(world: World, fault: Fault, cluster: string): Promise<number> {
  for (const bucket of world.buckets)
    await until(`${cluster} is out of the route of ${bucket.name}`, async () => {
      const { route } = await seenBucket(world.fado, bucket.name)
      return route.state !== 'PENDING' && !(await clustersOf(world, bucket)).includes(cluster)
    })
  return Date.now() - fault.at
}

let probes = 0

/** Milliseconds since the fault until each way worked. */
export type Whole = { readonly objects: number; readonly policies: number; readonly calls: number }

/**
 * Resolves when the whole way works again: a new object of `bucket` is on all stores, a new policy of it is in force and all
 * its copies serve, and calls arrive at every cluster. The bucket must want a copy on each.
 */
export async function untilWhole(world: World, bucket: ChurnBucket, { at }: Fault): Promise<Whole> {
  const { fado, clusters } = world
  const random = world.random.fork(`probe ${++probes}`)
  const key = `probe-${probes}`
  const since = () => Date.now() - at

  async function objects(): Promise<number> {
    await putOnce(world, bucket, key, random, key)
    for (const cluster of clusters)
      await until(
        `${key} is on ${cluster}`,
        async () => (await fado.store(cluster).head(bucket.name, key)).status === 200,
      )
    return since()
  }
  async function policies(): Promise<number> {
    await setPolicy(world, bucket, { name: 'lb_policy', value: spreadingPolicy(random) })
    await until(`all of ${bucket.name} serves`, async () => {
      const { route, replicas } = await seenBucket(fado, bucket.name)
      const all = route.upstreams.length === clusters.length && replicas.every(({ serving }) => serving)
      return all && route.state === 'SERVING'
    })
    return since()
  }
  async function calls(): Promise<number> {
    const missing = new Set<string>(clusters)
    await until('calls reach all clusters', async () => {
      const { status, servedBy } = await fado.invoke('/function/head?key=stable-0', bucket.name, { timeout: 2_000 })
      if (status === 200) missing.delete(servedBy ?? '')
      return missing.size === 0
    })
    return since()
  }
  const [byObjects, byPolicies, byCalls] = await Promise.all([objects(), policies(), calls()])
  return { objects: byObjects, policies: byPolicies, calls: byCalls }
}
