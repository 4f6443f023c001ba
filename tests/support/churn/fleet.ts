// The fleet and the buckets of a churn, each bucket with another life before it.
import type { DemoFile } from '../../../server/demo/demo-file.ts'
import { createHistory, type KeyHistory } from './history.ts'
import type { BucketRules } from './judge.ts'
import { oddKeys } from './objects.ts'
import type { Zones } from './policies.ts'
import type { ChurnBucket, ClusterName, CopyWatch, Fado } from './world.ts'

/** The last zone of each is its own. */
export const zones: Readonly<Record<ClusterName, readonly string[]>> = {
  hpc: ['germany', 'high-performance', 'site-hpc'],
  edge: ['germany', 'high-performance', 'site-edge'],
  cloud: ['germany', 'site-cloud'],
}

export async function registerFleet(fado: Fado, demo: DemoFile): Promise<void> {
  const { nodes } = await fado.run<{ nodes: { name: string }[] }>('Clusters', { first: 100 })
  if (nodes.length > 0) return
  // How long the system takes to be whole is measured without the time that it waits on purpose: a cluster that starts slowly gets
  // one call of thirty at first, and who looks for it must call as often.
  await fado.must('PolicySet', { scope: { global: true }, name: 'failback_after', value: 0 })
  await fado.must('PolicySet', { scope: { global: true }, name: 'slow_start', value: 1 })
  for (const { name, endpoint, accessKey, secretKey } of demo.stores) {
    await fado.must('ClusterCreate', { name, zones: zones[name] })
    await fado.must('StorageDeploymentAdd', { cluster: name, name, endpoint, accessKey, secretKey })
    const url = demo.functions.find(({ cluster }) => cluster === name)?.url
    await fado.must('FaasDeploymentAdd', { cluster: name, kind: 'OPENFAAS', url })
  }
}

export type Life = {
  readonly name: string
  readonly master: ClusterName
  readonly replicas: number
  readonly maxStalenessS: number
  readonly mayStandAlone: boolean
  /** What operators choose among, who with `others` change more than zones; null: nobody changes its policies. */
  readonly operated: { readonly zones: Zones; readonly others: boolean } | null
  /** Whether foreign data stands in its way: a bucket on edge, objects on cloud. */
  readonly obstructed: boolean
}
const plain = { replicas: 2, maxStalenessS: 30, mayStandAlone: false, operated: null, obstructed: false } as const

const narrowing = { zones: [[], ['high-performance'], ['germany']], others: false } as const
const moving = { zones: [[], ['high-performance'], ['site-hpc'], ['site-hpc', 'site-cloud']], others: true } as const

export const lives: readonly Life[] = [
  { ...plain, name: 'steady', master: 'hpc' },
  { ...plain, name: 'narrowing', master: 'edge', operated: narrowing },
  { ...plain, name: 'moving', master: 'hpc', operated: moving, mayStandAlone: true },
  { ...plain, name: 'impatient', master: 'cloud', maxStalenessS: 3, mayStandAlone: true },
  { ...plain, name: 'obstructed', master: 'hpc', obstructed: true, mayStandAlone: true },
]

/** Longer than what happens between a withdrawal and the first delete anyway. */
const drainDelayS = 3
const stable = Array.from({ length: 6 }, (_, n) => `stable-${n}`)
const changing = [...Array.from({ length: 8 }, (_, n) => `changing/${n}`), ...oddKeys]

function remembering<T>(make: () => T): (name: string) => T {
  const known = new Map<string, T>()
  return (name) => {
    const one = known.get(name) ?? make()
    known.set(name, one)
    return one
  }
}

/** What is known of a bucket of which nothing is known yet. */
export const newBucket = (
  name: string,
  life: string,
  master: ClusterName,
  rules: Partial<BucketRules> = {},
): ChurnBucket => ({
  name,
  life,
  master,
  rules: { masterCluster: master, maxStaleness: 60_000, mayStandAlone: true, ...rules },
  stable,
  changing,
  history: remembering<KeyHistory>(createHistory),
  copy: remembering<CopyWatch>(() => ({})),
  drainDelay: drainDelayS * 1000,
})

export async function createBucket(fado: Fado, name: string, life: Life): Promise<ChurnBucket> {
  const { master, replicas, maxStalenessS, mayStandAlone } = life
  const policies = [
    { name: 'target_replica_count', value: replicas },
    { name: 'max_staleness', value: maxStalenessS },
    { name: 'drain_delay', value: drainDelayS },
    { name: 'invocation_timeout', value: 5 },
  ]
  await fado.must('BucketCreate', { name, storageDeployment: master, policies })
  return newBucket(name, life.name, master, { maxStaleness: maxStalenessS * 1000, mayStandAlone })
}
