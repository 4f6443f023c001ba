import { v7 } from 'uuid'
import { type ClusterRecord, clusterByKey, insertCluster } from '../../db/catalogue/clusters.ts'
import { markBuckets } from '../../db/queue/dirty-buckets.ts'
import { type Label, labelsProblem } from '../../domain/fleet/cluster.ts'
import { type Actor, requireOwnZones, requireZones } from '../shared/authorize.ts'
import { asDuplicate, change, keyTaken } from '../shared/change.ts'
import { checkIdempotencyKey, checkName, checkZones, invalid } from '../shared/check-input.ts'
import type { ServiceDeps } from '../shared/deps.ts'

export type CreateCluster = {
  readonly name: string
  readonly zones: readonly string[]
  readonly labels: readonly Label[]
  readonly idempotencyKey?: string | null | undefined
}

export function checkLabels(labels: readonly Label[]): void {
  const problem = labelsProblem(labels)
  if (problem !== undefined) throw invalid(`labels ${problem}`, ['labels'])
}

/** The first call's cluster. Throws CONFLICT where that was about another one. */
async function resultOfKey(
  { pool }: ServiceDeps,
  { name }: CreateCluster,
  key: string | null,
): Promise<ClusterRecord | undefined> {
  const found = key === null ? undefined : await clusterByKey(pool, key)
  if (found !== undefined && found.name !== name) throw keyTaken(`the cluster ${found.name} was created`)
  return found
}

/** The same idempotency key gives the first call's cluster. */
export async function createCluster(deps: ServiceDeps, actor: Actor, input: CreateCluster): Promise<ClusterRecord> {
  const { name, labels } = input
  const idempotencyKey = checkIdempotencyKey(input.idempotencyKey)
  const earlier = await resultOfKey(deps, input, idempotencyKey)
  if (earlier !== undefined) return earlier
  checkName(name, ['name'])
  const zones = checkZones(input.zones, ['zones'])
  checkLabels(labels)
  requireZones(actor, zones, 'a cluster outside them')
  requireOwnZones(actor, [], zones)
  try {
    return await change(deps, actor, 'clusterCreate', async (tx) => {
      const cluster = await insertCluster(tx, { id: v7(), name, zones, labels, idempotencyKey })
      await markBuckets(tx, { kind: 'all' }) // a zone that was unknown may be known now
      tx.changed('cluster', [cluster.id])
      return { result: cluster, subject: name, detail: { zones, labels } }
    })
  } catch (error) {
    const same = await resultOfKey(deps, input, idempotencyKey)
    if (same !== undefined) return same
    throw asDuplicate(error, { 'cluster.name': { message: `There is a cluster ${name} already`, path: ['name'] } })
  }
}
