// What BucketCreate and BucketAdopt ask before they speak to a store.
import { bucketState } from '../../db/catalogue/buckets.ts'
import { type ClusterRecord, clustersByIds } from '../../db/catalogue/clusters.ts'
import { type SealedStorage, sealedStorage } from '../../db/catalogue/storage-deployments.ts'
import type { Sql } from '../../db/core/pool.ts'
import { globalPolicyValues } from '../../db/policies/policy-values.ts'
import { FadoError } from '../../domain/errors.ts'
import { zonesAllow } from '../../domain/fleet/zones.ts'
import { effectivePolicy } from '../../domain/policy/effective.ts'
import { listOf } from '../../domain/reason.ts'
import type { ParsedPolicy } from '../policies/policy-input.ts'
import { type Actor, requireZones } from '../shared/authorize.ts'
import { beingDeleted, notFound } from '../shared/change.ts'
import type { ServiceDeps } from '../shared/deps.ts'

export const inCreation = (name: string): FadoError =>
  new FadoError('ALREADY_EXISTS', `A bucket ${name} is being created`, { path: ['name'] })

export const nameTaken = (name: string) => ({
  'bucket.name': { message: `There is a bucket ${name} already`, path: ['name'] },
})

/** Before the store is asked, which has that bucket too. */
export async function refuseTaken(sql: Sql, name: string): Promise<void> {
  const state = await bucketState(sql, name)
  if (state === 'creating') throw inCreation(name)
  if (state === 'deleting')
    throw new FadoError('ALREADY_EXISTS', `The bucket ${name} is being deleted: try again when it is gone`, {
      path: ['name'],
    })
  if (state !== undefined)
    throw new FadoError('ALREADY_EXISTS', nameTaken(name)['bucket.name'].message, { path: ['name'] })
}

export type Place = { readonly storage: SealedStorage; readonly cluster: ClusterRecord }

/** A store that takes buckets, within the bounds of the token. */
export async function placeFor(deps: ServiceDeps, actor: Actor, name: string, path: readonly string[]): Promise<Place> {
  const storage = await sealedStorage(deps.pool, name)
  if (storage === undefined) throw notFound('storage deployment', name, path)
  if (storage.state === 'deleting') throw beingDeleted(`The storage deployment ${name}`, path)
  const [cluster] = await clustersByIds(deps.pool, [storage.clusterId])
  if (cluster === undefined) throw notFound('storage deployment', name, path)
  requireZones(actor, cluster.zones, `buckets of the store ${name}`)
  return { storage, cluster }
}

const storageDeployment = ['storageDeployment']

export const masterPlace = (deps: ServiceDeps, actor: Actor, name: string): Promise<Place> =>
  placeFor(deps, actor, name, storageDeployment)

/** What its policies will be with those that are given. */
export async function policiesWith(deps: ServiceDeps, given: readonly ParsedPolicy[]) {
  const bucket = Object.fromEntries(given.map(({ name, value }) => [name, value]))
  return { global: await globalPolicyValues(deps.pool), bucket }
}

/** Data would lie where it may not from its first byte. `does`: what the order that allows it does all the same. */
export async function refuseOutside(
  deps: ServiceDeps,
  { storage, cluster }: Place,
  policies: readonly ParsedPolicy[],
  does: string,
): Promise<void> {
  const zones = effectivePolicy('zones', await policiesWith(deps, policies)).value
  if (zonesAllow(zones, cluster)) return
  const lies = cluster.zones.length === 0 ? 'lies in no zone' : `lies in ${listOf(cluster.zones)}`
  throw new FadoError(
    'UNSAFE',
    `Its data may lie in ${listOf(zones)} only (the policy zones), and the cluster ${cluster.name} of the store ${storage.name} ${lies}: take another store, or other zones; allowOutsideZones (--allow-outside-zones) ${does} all the same`,
    { path: storageDeployment },
  )
}
