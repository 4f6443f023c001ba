// Changes of routes, and how long the next call takes to be routed by them.
import { setTimeout as delay } from 'node:timers/promises'
import { type Agent, request } from 'undici'
import { lbPolicies } from '../server/domain/policy/lb-policy.ts'
import { createRandom } from '../tests/support/churn/random.ts'
import { agreed } from './agreed.ts'
import { type Classes, leaving, type Pair, partsOf, zone } from './classes.ts'
import { change, override } from './sized-fleet.ts'
import type { Stack } from './stack.ts'
import { whatWaits } from './what-waits.ts'

export type Fleet = {
  /** Buckets. */
  readonly size: number
  readonly layout: Classes
  readonly stack: Stack
  readonly agent: Agent
}

async function decisionOf({ stack, agent }: Fleet, bucket: string): Promise<string> {
  const headers = { 'x-fado-bucket': bucket }
  const answer = await request(`${stack.ingress}/function/f`, { dispatcher: agent, headers })
  await answer.body.dump()
  if (answer.statusCode !== 200) throw new Error(`${bucket}: ${answer.statusCode}`)
  return String(answer.headers['x-fado-decision'])
}

/** Milliseconds from the answer to the override until a call is routed by it. */
async function routed(fleet: Fleet, bucket: string, clusters: readonly string[]): Promise<number> {
  const before = await decisionOf(fleet, bucket)
  await override(fleet.stack, bucket, ...clusters)
  const answered = performance.now()
  while ((await decisionOf(fleet, bucket)) === before)
    if (performance.now() - answered > 10_000) {
      const waits = await whatWaits(fleet.stack.pool, bucket)
      throw new Error(`${bucket} is not routed to ${clusters.join()} after 10 s\n${waits}`)
    }
  return performance.now() - answered
}

/** Milliseconds. */
export type Single = {
  /** The new class is there: another bucket has it. */
  readonly known: number[]
  readonly fresh: number[]
}

export async function singleChanges(
  fleet: Fleet,
  pairs: Iterator<Pair>,
  count: number,
  { known, fresh }: Single,
): Promise<void> {
  for (let i = 0; i < count; i++) {
    const { value: pair } = pairs.next()
    if (pair === undefined) return
    fresh.push(await routed(fleet, pair.first, pair.clusters))
    known.push(await routed(fleet, pair.second, pair.clusters))
  }
}

async function value<T>({ pool }: Stack, sql: string, ...values: readonly unknown[]): Promise<T | undefined> {
  const { rows } = await pool.query<{ value: T }>(sql, [...values])
  return rows[0]?.value
}

/** Until no route names it, and Envoy has agreed to the last that did not any more. */
async function untilLeft(stack: Stack, cluster: string, signal: AbortSignal): Promise<void> {
  const until = async (sql: string, ...values: readonly unknown[]) => {
    while (!signal.aborted && (await value<boolean>(stack, sql, ...values)) !== true) await delay(50)
  }
  await until(
    `SELECT NOT EXISTS (SELECT FROM route r JOIN route_table t ON t.id = r.table_id WHERE $1 = ANY(t.clusters)) AS value`,
    cluster,
  )
  const last = await value<string>(stack, 'SELECT route_number AS value FROM fleet')
  await until(`SELECT ${agreed('$1')} AS value`, last)
}

/**
 * A cluster with three of eight of all buckets leaves the zone that they may lie in: seconds until no route names it any more, and
 * milliseconds of single changes of buckets that it has not, meanwhile.
 */
export async function clusterLeaves(fleet: Fleet, pairs: Iterable<Pair>) {
  const ms: number[] = []
  const begun = performance.now()
  await change(fleet.stack, 'clusterUpdate', { cluster: leaving, zones: [] })
  const failed = new AbortController()
  let seconds: number | undefined
  const left = untilLeft(fleet.stack, leaving, failed.signal).then(() => {
    seconds = (performance.now() - begun) / 1000
    return seconds
  })
  try {
    for (const { first, clusters } of pairs) {
      if (seconds !== undefined) break
      if (!fleet.layout.holdersOf(first).includes(leaving)) ms.push(await routed(fleet, first, clusters))
    }
    return { seconds: await left, ms }
  } catch (error) {
    failed.abort()
    await left
    throw error
  }
}

/** It comes back to the zone. What was decided of that is in force when this resolves. */
export async function clusterReturns({ stack }: Fleet): Promise<void> {
  await change(stack, 'clusterUpdate', { cluster: leaving, zones: [zone] })
  while ((await value<boolean>(stack, 'SELECT EXISTS (SELECT FROM dirty_bucket WHERE intent) AS value')) === true)
    await delay(50)
}

/** Clusters that have it complete. */
const holdersNow = async (stack: Stack, bucket: string): Promise<readonly string[]> =>
  (await value<string[]>(
    stack,
    `SELECT array_agg(c.name) AS value FROM bucket b JOIN storage_deployment s ON s.id = b.master_storage_id
         OR s.id IN (SELECT storage_id FROM replica WHERE bucket_id = b.id AND wanted AND observed = 'complete')
       JOIN cluster c ON c.id = s.cluster_id WHERE b.name = $1`,
    bucket,
  )) ?? []

/**
 * Changes of all kinds, one after the other. `moving`: of how many copies half of the buckets have, too, which a mover makes and
 * removes; the others keep theirs, so that an order for calls names clusters that can serve.
 */
export async function randomEdits({ stack, size }: Fleet, edits: number, moving = false): Promise<void> {
  const random = createRandom(1)
  const pick = <T>(list: readonly T[]): T => random.pick(list as [T])
  for (let i = 0; i < edits; i++) {
    const n = random.between(0, size)
    const bucket = `bucket-${n}`
    const scope = { bucket }
    const set = (name: string, value: unknown) => change(stack, 'policySet', { scope, name, value })
    const clear = () => change(stack, 'routeOverrideClear', { bucket })
    const kinds: readonly (() => Promise<void>)[] = [
      clear,
      () => set('lb_policy', pick(lbPolicies)),
      () => change(stack, 'policyUnset', { scope, name: 'lb_policy' }),
      () => set('invocation_timeout', random.between(5, 60)),
      () => set('max_staleness', random.between(60, 600)),
      moving && n % 2 === 1
        ? () => clear().then(() => set('target_replica_count', random.between(1, 5)))
        : async () => override(stack, bucket, ...pick(partsOf(await holdersNow(stack, bucket)))),
    ]
    await pick(kinds)()
  }
}
