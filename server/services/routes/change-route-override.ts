// A user's override of a bucket's route: it can only narrow what data and zones allow.
import { bumpBucket } from '../../db/catalogue/buckets.ts'
import { unknownClusters } from '../../db/catalogue/clusters.ts'
import { clearOverride, setOverride } from '../../db/catalogue/route-overrides.ts'
import { markBuckets } from '../../db/queue/dirty-buckets.ts'
import type { LbPolicy } from '../../domain/policy/lb-policy.ts'
import type { Actor } from '../shared/authorize.ts'
import { change, notFound, requireVersion } from '../shared/change.ts'
import { invalid } from '../shared/check-input.ts'
import type { ServiceDeps } from '../shared/deps.ts'
import { activeBucketToChange } from '../shared/find.ts'

type Expected = { readonly bucket: string; readonly expectedVersion?: number | null | undefined }
export type SetRouteOverride = Expected & {
  readonly lbPolicy?: LbPolicy | null | undefined
  readonly clusters?: readonly string[] | null | undefined
}
export type ClearRouteOverride = Expected

/** Replaces the whole override. Returns the bucket's id. */
export async function setRouteOverride(deps: ServiceDeps, actor: Actor, input: SetRouteOverride): Promise<string> {
  const lbPolicy = input.lbPolicy ?? null
  const clusters = input.clusters ? [...new Set(input.clusters)] : null
  return change(deps, actor, 'routeOverrideSet', async (tx) => {
    const bucket = await activeBucketToChange(tx, actor, input.bucket)
    requireVersion(input.expectedVersion, bucket.version, `The bucket ${bucket.name}`)
    if (lbPolicy === null && clusters === null)
      throw invalid('An override needs lbPolicy, clusters or both; RouteOverrideClear takes it away', [])
    if (clusters?.length === 0) throw invalid('clusters must name at least one', ['clusters'])
    const [unknown] = await unknownClusters(tx, clusters ?? [])
    if (unknown !== undefined) throw notFound('cluster', unknown, ['clusters', String(clusters?.indexOf(unknown))])
    await setOverride(tx, bucket.id, { lbPolicy, clusters })
    await bumpBucket(tx, bucket.id)
    await markBuckets(tx, { kind: 'ids', ids: [bucket.id] }, { intent: true })
    tx.changed('bucket', [bucket.id])
    return { result: bucket.id, subject: bucket.name, detail: { lbPolicy, clusters } }
  })
}

/** Returns the bucket's id. */
export async function clearRouteOverride(deps: ServiceDeps, actor: Actor, input: ClearRouteOverride): Promise<string> {
  return change(deps, actor, 'routeOverrideClear', async (tx) => {
    const bucket = await activeBucketToChange(tx, actor, input.bucket)
    requireVersion(input.expectedVersion, bucket.version, `The bucket ${bucket.name}`)
    if (await clearOverride(tx, bucket.id)) {
      await bumpBucket(tx, bucket.id)
      await markBuckets(tx, { kind: 'ids', ids: [bucket.id] }, { intent: true })
      tx.changed('bucket', [bucket.id])
    }
    return { result: bucket.id, subject: bucket.name }
  })
}
