// A fleet in which all is real but the functions: a MinIO for each cluster, buckets made through the API, objects that clients put,
// copies that a mover made of them.
import { randomBytes } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { StoreProcess } from '../tests/support/store-process.ts'
import { agreed } from './agreed.ts'
import { change, type Layout } from './sized-fleet.ts'
import { type Stack, startStack } from './stack.ts'
import { driverOf, startInMemory } from './stores.ts'

export type RealFleet = {
  /** Its stop ends the stores as well. */
  readonly stack: Stack
  /** Processes. */
  readonly stores: readonly number[]
}

export type Contents = { readonly objects: number; readonly bytes: number }

const atOnce = 8

async function each(count: number, work: (n: number) => Promise<unknown>): Promise<void> {
  let next = 0
  const worker = async () => {
    for (let n = next++; n < count; n = next++) await work(n)
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
}

async function addClusters(stack: Stack, { clusters, zone }: Layout, stores: Map<string, StoreProcess>): Promise<void> {
  const zones = zone === undefined ? [] : [zone]
  const webhook = await stack.webhook()
  const started = await startInMemory(clusters.map(() => ({ webhook })))
  for (const [place, store] of started.entries()) stores.set(clusters[place] ?? '', store)
  for (const [name, { endpoint, accessKey, secretKey }] of stores) {
    await change(stack, 'clusterCreate', { name, zones })
    await change(stack, 'storageDeploymentAdd', { cluster: name, name, endpoint, accessKey, secretKey })
    await change(stack, 'faasDeploymentAdd', { cluster: name, kind: 'OPENFAAS', url: await stack.answering(name) })
  }
  if (zone !== undefined) await change(stack, 'policySet', { scope: { global: true }, name: 'zones', value: zones })
}

/** Buckets `bucket-0` and on, as the layout has them. Which stores hold them is told only until they do. */
async function addBuckets(
  stack: Stack,
  count: number,
  { holders }: Layout,
  stores: ReadonlyMap<string, StoreProcess>,
  { objects, bytes }: Contents,
): Promise<void> {
  const drivers = new Map([...stores].map(([name, store]) => [name, driverOf(store)]))
  await each(count, async (n) => {
    const name = `bucket-${n}`
    const [storageDeployment = '', ...replicas] = holders(n)
    const policies = [
      { name: 'target_replica_count', value: replicas.length },
      { name: 'replica_locations', value: replicas },
    ]
    await change(stack, 'bucketCreate', { name, storageDeployment, policies })
    for (let i = 0; i < objects; i++)
      await drivers.get(storageDeployment)?.put(name, `object-${i}`, { body: randomBytes(bytes), size: bytes })
  })
  for (const driver of drivers.values()) await driver.close()
  await untilPlaced(stack)
  await each(count, (n) =>
    change(stack, 'policyUnset', { scope: { bucket: `bucket-${n}` }, name: 'replica_locations' }),
  )
  await untilPlaced(stack)
}

async function until({ pool }: Stack, sql: string): Promise<void> {
  for (;;) {
    const { rows } = await pool.query<{ is: boolean }>(`SELECT ${sql} AS is`)
    if (rows[0]?.is === true) return
    await delay(100)
  }
}

/** Until all changes are decided, each copy that is wanted has all objects, and none is there that is not. Looks go on meanwhile. */
export const untilPlaced = (stack: Stack): Promise<void> =>
  until(
    stack,
    `NOT EXISTS (SELECT FROM dirty_bucket WHERE intent) AND NOT EXISTS (SELECT FROM dirty_object)
       AND NOT EXISTS (SELECT FROM replica WHERE NOT wanted OR observed <> 'complete')`,
  )

/** Until calls go to all copies and masters, and Envoy has agreed to that. */
const untilRouted = (stack: Stack): Promise<void> =>
  until(
    stack,
    `NOT EXISTS (SELECT FROM bucket b LEFT JOIN route r ON r.bucket_id = b.id LEFT JOIN route_table t ON t.id = r.table_id
         WHERE cardinality(t.clusters) IS DISTINCT FROM (SELECT 1 + count(*) FROM replica WHERE bucket_id = b.id))
       AND ${agreed()}`,
  )

export async function startReal(size: number, layout: Layout, contents: Contents): Promise<RealFleet> {
  const stack = await startStack()
  const stores = new Map<string, StoreProcess>()
  const stop = async () => {
    await stack.stop()
    await Promise.all([...stores.values()].map((store) => store.stop()))
  }
  try {
    await stack.startMover()
    await addClusters(stack, layout, stores)
    await addBuckets(stack, size, layout, stores, contents)
    await untilRouted(stack)
  } catch (error) {
    await stop()
    throw error
  }
  return { stack: { ...stack, stop }, stores: [...stores.values()].map(({ pid }) => pid) }
}
