import { bumpBucket } from '../../db/catalogue/buckets.ts'
import { orderRelease, type ReplicaRecord, replicasOfBuckets } from '../../db/catalogue/replicas.ts'
import { storageByName } from '../../db/catalogue/storage-deployments.ts'
import { markBuckets } from '../../db/queue/dirty-buckets.ts'
import { FadoError } from '../../domain/errors.ts'
import type { Actor } from '../shared/authorize.ts'
import { change, notFound } from '../shared/change.ts'
import { invalid } from '../shared/check-input.ts'
import type { ServiceDeps } from '../shared/deps.ts'
import { activeBucketToChange } from '../shared/find.ts'

export type ReleaseReplica = { readonly bucket: string; readonly storageDeployment: string }

const isWhole = ({ observed, conflicts, released }: ReplicaRecord): boolean =>
  observed === 'complete' && conflicts === 0 && !released

/**
 * A replica goes and its data stays. From this transaction on nothing is written to it or deleted from it; it leaves the routes,
 * and when every proxy has agreed it is forgotten. Once more while it goes, this answers the same: its id.
 */
export async function releaseReplica(deps: ServiceDeps, actor: Actor, input: ReleaseReplica): Promise<string> {
  const path = ['storageDeployment']
  return change(deps, actor, 'replicaRelease', async (tx) => {
    const bucket = await activeBucketToChange(tx, actor, input.bucket)
    const storage = await storageByName(tx, input.storageDeployment)
    if (storage === undefined) throw notFound('storage deployment', input.storageDeployment, path)
    const named = `${bucket.name} on ${storage.name}`
    if (storage.id === bucket.masterStorageId)
      throw invalid(`${named} is the master: delete the bucket and keep its data to let it go (fado bucket rm)`, path)
    const replicas = await replicasOfBuckets(tx, [bucket.id])
    const replica = replicas.find(({ storageId }) => storageId === storage.id)
    if (replica === undefined) throw new FadoError('NOT_FOUND', `There is no replica of ${named}`, { path })
    if (replica.observed === 'absent' && !replica.released)
      throw new FadoError(
        'NOT_FOUND',
        `There is no data of ${named} yet that could stay: replica_locations or target_replica_count keep a copy away`,
        { path },
      )
    const others = replicas.filter((other) => other.id !== replica.id && other.wanted)
    if (bucket.masterStop !== null && isWhole(replica) && !others.some(isWhole))
      throw new FadoError(
        'UNSAFE',
        `The master of ${bucket.name} is not to be trusted now (its bucket is missing or another one), and this is the last complete copy that FaDO knows: bring the master back first`,
        { path },
      )
    const result = { result: replica.id, subject: bucket.name, detail: { storageDeployment: storage.name } }
    if (replica.released) return result
    await orderRelease(tx, replica)
    await bumpBucket(tx, bucket.id)
    await markBuckets(tx, { kind: 'ids', ids: [bucket.id] }, { intent: true, narrowing: true })
    tx.changed('bucket', [bucket.id])
    tx.changed('replica', [replica.id])
    return result
  })
}
